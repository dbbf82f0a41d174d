"""The exact backends side by side: seconds, status, objective, bound.

Run ``python -m benchmarks.backends``; it takes some minutes and writes
``benchmarks/results/backends.csv``. Every solve has a process of its own.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.provenance import stamp
from kvopt.exact import names, solve
from kvopt.model import Instance, write_atomically
from kvopt.workloads.random.random_models import model_1

OUT = Path(__file__).parent / "results" / "backends.csv"


def small_outputs(seed: int) -> Instance:
    """Return n = 15, s in 1..5, o in 2..8, M = 30, all at 0."""
    rng = np.random.default_rng(seed)
    prompt, output = rng.integers(1, 6, 15), rng.integers(2, 9, 15)
    name = f"15 small outputs, seed {seed}"
    return Instance(30, np.zeros(15, np.int64), prompt, output, name=name)


def published(seed: int, first: int | None) -> Instance:
    """Return the first requests of an instance of Arrival Model 1 of P1."""
    whole = model_1(np.random.default_rng(seed))
    some = slice(first)
    return Instance(
        whole.memory,
        whole.arrival[some],
        whole.prompt[some],
        whole.output[some],
        name=f"model 1, seed {seed}, first {first or len(whole)}",
    )


def instances() -> Iterator[Instance]:
    """Yield the instances, easy ones first."""
    for seed in (2, 3, 5):
        yield small_outputs(seed)
    for first in (6, 8, 10, None):
        yield published(11, first)


def measure(instance: Instance, solver: str, limit: float) -> dict[str, Any]:
    """Solve once and return one row of the table."""
    load = os.getloadavg()[0]
    result = solve(instance, solver, time_limit=limit)
    return {
        "instance": instance.name,
        "requests": len(instance),
        "memory": instance.memory,
        "solver": solver,
        "limit_s": limit,
        "seconds": round(result.runtime, 2),
        "status": result.status.value,
        "objective": result.objective,
        "lower_bound": result.lower_bound,
        "load_before": round(load, 1),
        **stamp(versions=result.versions),
    }


def main() -> None:
    """Measure everything and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=float, default=15.0)
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    rows = []
    with ProcessPoolExecutor(
        1, multiprocessing.get_context("spawn"), max_tasks_per_child=1
    ) as pool:
        for instance in instances():
            for solver in names():
                large = solver == "brute-force" and len(instance) > 10
                if solver == "auto" or large:
                    continue
                job = pool.submit(measure, instance, solver, arguments.limit)
                row = job.result()
                print(*list(row.values())[:9], sep="  ", flush=True)
                rows.append(row)
    with write_atomically(arguments.out) as part, part.open("w") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
