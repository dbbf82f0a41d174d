"""Exact methods side by side: bound, objective, gap, seconds, memory.

Run ``python benchmarks/exact.py``. Every solve has a process of its own. Rows
are added to ``benchmarks/results/exact.csv`` as they are made; a row that is
there is not made again, so a run can be stopped and resumed, or made in parts
with ``--sets``, ``--seeds`` and ``--solvers``. Compiling is not in the
seconds: each process first solves a small instance, and that time is a
column of its own.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import os
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from kvopt.exact import solve
from kvopt.model import Instance
from kvopt.workloads.random_models import model_1, model_2

OUT = Path(__file__).parent / "results" / "exact.csv"
SOLVERS = ("search", "cpsat", "cpsat-interval", "highs", "cbc")
SETS = ("n20", "n30", "model-1", "model-2")
SMALL = Instance.of(8, [(0, 1, 5), (0, 1, 3), (2, 3, 1)])


def draw(kind: str, seed: int) -> Instance:
    """Return an instance: model 1 or 2, or the first requests of model 1."""
    rng = np.random.default_rng(seed)
    if kind.startswith("model-"):
        return (model_1 if kind == "model-1" else model_2)(rng)
    whole, some = model_1(rng), slice(int(kind[1:]))
    return Instance(
        whole.memory,
        whole.arrival[some],
        whole.prompt[some],
        whole.output[some],
    )


def measure(kind: str, seed: int, solver: str, limit: float) -> dict[str, Any]:
    """Solve once and return one row of the table."""
    instance = draw(kind, seed)
    began = time.monotonic()
    solve(SMALL, solver)
    warm = time.monotonic() - began
    load = os.getloadavg()[0]
    busy = time.process_time()
    result = solve(instance, solver, time_limit=limit)
    used = resource.getrusage(resource.RUSAGE_SELF)
    assert result.certificate is not None
    assert result.gap is not None
    return {
        "set": kind,
        "seed": seed,
        "requests": len(instance),
        "memory": instance.memory,
        "solver": solver,
        "limit_s": limit,
        "status": result.status.value,
        "lower_bound": result.lower_bound,
        "objective": result.objective,
        "gap_percent": round(100 * result.gap, 3),
        "certified": result.certificate.value,
        "certificate": result.certificate.method,
        "seconds": round(result.runtime, 1),
        "cpu_seconds": round(time.process_time() - busy, 1),
        "warm_up_seconds": round(warm, 1),
        "peak_mib": used.ru_maxrss // 1024,
        "load_before": round(load, 1),
        "cpus": len(os.sched_getaffinity(0)),
        "versions": ", ".join(f"{k} {v}" for k, v in result.versions.items()),
    }


def key(row: dict[str, Any]) -> tuple[str, ...]:
    """Return what a row is the measurement of."""
    names = ("set", "seed", "solver", "limit_s")
    return tuple(str(row[name]) for name in names)


def main() -> None:
    """Measure what is asked for and not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="+", default=SETS, choices=SETS)
    parser.add_argument("--seeds", nargs="+", type=int, default=range(20))
    parser.add_argument("--solvers", nargs="+", default=SOLVERS)
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    done = set()
    if asked.out.exists():
        with asked.out.open() as file:
            done = {key(row) for row in csv.DictReader(file)}
    with ProcessPoolExecutor(
        1, multiprocessing.get_context("spawn"), max_tasks_per_child=1
    ) as pool:
        for kind in asked.sets:
            for seed in asked.seeds:
                for solver in asked.solvers:
                    task = (kind, str(seed), solver, str(asked.limit))
                    if task in done:
                        continue
                    job = pool.submit(measure, kind, seed, solver, asked.limit)
                    row = job.result()
                    new = not asked.out.exists()
                    with asked.out.open("a", newline="") as file:
                        writer = csv.DictWriter(file, row, lineterminator="\n")
                        if new:
                            writer.writeheader()
                        writer.writerow(row)
                    print(*list(row.values())[:17], flush=True)


if __name__ == "__main__":
    main()
