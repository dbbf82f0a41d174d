"""10,000 small solves: two workers against one, and the overhead of a task.

Run ``python -m benchmarks.sweep``; it takes some minutes and writes
``benchmarks/results/sweep.csv``. The solves are cut into blocks, and each
block runs with one worker and with two, in turns, so that a machine that is
busy with other things disturbs both alike; medians over the blocks are
printed. Workers are started and warm before the clock starts.
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.provenance import stamp
from kvopt.model import write_atomically
from kvopt.sweep import Limits, Source, Store, SweepTask
from kvopt.sweep.local import LocalPool

OUT = Path(__file__).parent / "results" / "sweep.csv"


def solves(first: int, number: int) -> list[SweepTask]:
    """Return solves of different instances: MC-SF and a bound, checked."""
    return [
        SweepTask.of(
            "solve", "semi-online", Source.generated("model-1", {}, seed)
        )
        for seed in range(first, first + number)
    ]


def measure(
    pool: LocalPool, workers: int, tasks: Sequence[SweepTask]
) -> dict[str, Any]:
    """Run a block into a store of its own and return a row of the table."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        busy = 0.0
        with Store(Path(folder) / "block.sqlite", write=True) as store:
            store.plan("benchmark", tasks)
            for outcomes in pool.run(tasks):
                store.add(outcomes)
                busy += sum(o.measured["seconds"] for o in outcomes)
            assert store.counts() == (len(tasks), 0, 0)
        wall = time.perf_counter() - began
    return {
        "workers": workers,
        "tasks": len(tasks),
        "wall_s": round(wall, 3),
        "in_tasks_s": round(busy, 3),
        # Worker time outside of tasks, store and start of the block included.
        "overhead_ms": round(1e3 * (workers * wall - busy) / len(tasks), 3),
        "load_before": round(load, 2),
    }


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blocks", type=int, default=10)
    parser.add_argument("--tasks", type=int, default=1000, help="a block")
    arguments = parser.parse_args()
    provenance = stamp()
    rows: list[dict[str, Any]] = []
    ratios, overheads = [], []
    with LocalPool(1, Limits()) as one, LocalPool(2, Limits()) as two:
        pools = {1: one, 2: two}
        for pool in pools.values():
            for _ in pool.run(solves(10**6, 40)):
                pass
        for block in range(arguments.blocks):
            tasks = solves(block * arguments.tasks, arguments.tasks)
            found = {}
            for workers in (1, 2) if block % 2 == 0 else (2, 1):
                row = measure(pools[workers], workers, tasks)
                found[workers] = row
                rows.append({"block": block, **row, **provenance})
            ratios.append(found[1]["wall_s"] / found[2]["wall_s"])
            overheads.append(found[1]["overhead_ms"])
            print(
                f"block {block}: {found[1]['wall_s']:.1f} s with one worker, "
                f"{found[2]['wall_s']:.1f} s with two, ratio "
                f"{ratios[-1]:.2f}, overhead {overheads[-1]:.2f} ms a task",
                flush=True,
            )
    OUT.parent.mkdir(exist_ok=True)
    with write_atomically(OUT) as part, part.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(
        f"median over {len(ratios)} blocks: two workers are "
        f"{statistics.median(ratios):.2f} times one "
        f"({min(ratios):.2f} .. {max(ratios):.2f}), overhead "
        f"{statistics.median(overheads):.2f} ms a task"
    )


if __name__ == "__main__":
    main()
