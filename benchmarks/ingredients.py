"""What each ingredient buys in integer and constraint programs.

Run ``python -m benchmarks.ingredients``; it takes some minutes on an idle
machine and writes ``benchmarks/results/ingredients.csv`` and, from it, the
table in ``docs/ingredients.md`` (``--table`` does only that). A ladder: each
column of the table has what the column before it has, and one ingredient
more. Every solve has a process of its own. The limit is in CPU seconds, of all
threads together, so that other work on the machine changes little; they count
building the model, not imports.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.provenance import stamp
from kvopt.exact import lower_bound
from kvopt.exact.control.session import Session, Stopped
from kvopt.exact.info import package_versions
from kvopt.exact.presolve.reduce import reduced
from kvopt.exact.registry import resolve
from kvopt.exact.task import SolverTask
from kvopt.exact.warm_start import best_starts, one_by_one
from kvopt.model import Instance, write_atomically
from kvopt.workloads.random.random_models import model_1

OUT = Path(__file__).parent / "results" / "ingredients.csv"
PAGE = Path(__file__).parents[1] / "docs" / "ingredients.md"
SOLVERS = ("cpsat", "cpsat-interval", "highs", "cbc")
LADDER = (
    "plain",
    "+ tight horizon",
    "+ symmetry",
    "+ warm start",
    "+ rows k=1",
    "+ rows k=1..3",
)


def small_outputs(n: int, seed: int) -> Instance:
    """Return s in 1..5, o in 2..8, M = 30, all at 0."""
    rng = np.random.default_rng(seed)
    prompt, output = rng.integers(1, 6, n), rng.integers(2, 9, n)
    name = f"{n} small outputs, seed {seed}"
    return Instance(30, np.zeros(n, np.int64), prompt, output, name=name)


def published(first: int, seed: int) -> Instance:
    """Return the first requests of an instance of Arrival Model 1 of P1."""
    whole, some = model_1(np.random.default_rng(seed)), slice(first)
    return Instance(
        whole.memory,
        whole.arrival[some],
        whole.prompt[some],
        whole.output[some],
        name=f"model 1, seed {seed}, first {first}",
    )


def instances() -> Iterator[Instance]:
    """Yield the instances, easy ones first."""
    yield small_outputs(15, 2)
    yield published(8, 11)
    yield published(10, 11)


def task_of(instance: Instance, rung: str) -> SolverTask:
    """Return the task with the ingredients up to ``rung``."""
    full = reduced(instance, best_starts(instance, 0), workers=2, seed=0)
    serial = int(instance.arrival.max() + instance.output.sum())
    at = LADDER.index(rung)
    return replace(
        full,
        latest=full.latest if at >= 1 else serial - instance.output,
        twins=full.twins if at >= 2 else (),
        incumbent=full.incumbent if at >= 3 else (),
        levels=((), (1,), (1, 2, 3))[max(0, at - 3)],
    )


def cpu_seconds() -> float:
    """Return the CPU time of this process and of its children."""
    ours = os.times()
    used = sum(ours[:4])  # of children that have ended, too
    for child in psutil.Process().children():
        with suppress(psutil.Error):
            times = child.cpu_times()
            used += times.user + times.system
    return used


def measure(
    instance: Instance, solver: str, rung: str, limit: float
) -> dict[str, Any]:
    """Solve once and return one row of the table."""
    chosen = resolve(solver, instance, {})
    chosen.warm_up()
    task = task_of(instance, rung)
    load = os.getloadavg()[0]
    trivial = lower_bound(instance, "trivial")
    session = Session(instance, None, one_by_one(instance), trivial)
    session.offer(task.incumbent or session.starts)
    before = cpu_seconds()
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(chosen.run, task, session)
        while not job.done():
            if cpu_seconds() - before >= limit:
                session.stop()
            wait([job], 0.02)
    with suppress(Stopped):
        job.result()
    seconds = session.seconds
    session.absorb()
    return {
        "instance": instance.name,
        "requests": len(instance),
        "memory": instance.memory,
        "solver": solver,
        "ingredients": rung,
        "cpu_limit_s": limit,
        "cpu_seconds": round(cpu_seconds() - before, 2),
        "seconds": round(seconds, 2),
        "status": "OPTIMAL" if session.optimal else "FEASIBLE",
        "objective": session.objective,
        "lower_bound": session.lower_bound,
        "load_before": round(load, 1),
        **stamp(versions=package_versions(chosen.info.packages)),
    }


def table(rows: list[dict[str, str]]) -> str:
    """Return the table of the page: lower bounds, seconds where proved."""
    lines = ["| instance | solver | " + " | ".join(LADDER) + " |"]
    lines.append("|---" * (2 + len(LADDER)) + "|")
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        cell = row["lower_bound"]
        if row["status"] == "OPTIMAL":
            cell = f"**{cell}** in {row['cpu_seconds']} s"
        place = row["instance"], row["solver"]
        cells.setdefault(place, {})[row["ingredients"]] = cell
    best = {
        name: min(int(r["objective"]) for r in rows if r["instance"] == name)
        for name, _ in cells
    }
    for (name, solver), own in cells.items():
        label = f"{name} (best known {best[name]})"
        values = " | ".join(own[rung] for rung in LADDER)
        lines.append(f"| {label} | `{solver}` | {values} |")
    return "\n".join(lines) + "\n"


def written(out: Path) -> list[dict[str, str]]:
    """Return the rows of a table that was measured before."""
    with out.open() as file:
        return list(csv.DictReader(file))


def main() -> None:
    """Measure everything, write the table and the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=float, default=4.0)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--table", action="store_true")
    arguments = parser.parse_args()
    if not arguments.table:
        run(arguments.limit, arguments.out)
    text = PAGE.read_text()
    head, _, tail = text.partition("| instance |")
    _, _, rest = tail.partition("\n\n")
    page = f"{head}{table(written(arguments.out))}\n{rest}"
    with write_atomically(PAGE) as part:
        part.write_text(page)


def run(limit: float, out: Path) -> None:
    """Measure everything, one process after the other."""
    rows = []
    with ProcessPoolExecutor(
        1, multiprocessing.get_context("spawn"), max_tasks_per_child=1
    ) as pool:
        for instance in instances():
            for solver in SOLVERS:
                for rung in LADDER:
                    job = pool.submit(measure, instance, solver, rung, limit)
                    row = job.result()
                    print(*list(row.values())[:12], sep="  ", flush=True)
                    rows.append(row)
    with write_atomically(out) as part, part.open("w") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
