"""MC-SF against the optimum on the published distribution, as intervals.

    python -m benchmarks.mc_sf_ratio --instances 200 --workers 2

draws instances 0..199 of both random models, runs MC-SF and the exact search
(one thread) on each, has both schedules and the certificate verified, and
adds the rows to ``benchmarks/results/mc_sf_ratio.csv``. Each ratio is the
interval from MC-SF over the best schedule to MC-SF over the lower bound.

Rows are kept in ``build/mc_sf_ratio.sqlite``, by a key with a hash of the
source that decides them: stopped however it may be, the same command goes
on; what was computed before that source changed is computed again. The
instances run in an order as good as random, so that what is there is a fair
sample at any time; ``--first`` and ``--count`` run a part by number.
``python -m benchmarks.exact_tables`` makes the table in ``docs/exact.md``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.exact_rows import MeasuredRatio, measured_ratio, merge
from benchmarks.exact_runs import rows_of, run
from benchmarks.exact_tables import ratio_table
from kvopt.experiments.ratio import ratio_sweep_task, ratio_tasks
from kvopt.model import InputError, KvoptError
from kvopt.sweep import Limits, SweepPlan

OUT = Path(__file__).parent / "results" / "mc_sf_ratio.csv"
STORE = Path(__file__).parents[1] / "build" / "mc_sf_ratio.sqlite"
# Above what the search may take, for its tables alone 4 GiB.
MEMORY = 8 * 10**9
# Seconds to draw, simulate, and check an instance.
BESIDE = 0.5


def plan_of(asked: argparse.Namespace) -> SweepPlan:
    """Return the part that is asked for."""
    last = asked.instances
    if asked.count is not None:
        last = min(last, asked.first + asked.count)
    tasks = [
        ratio_sweep_task(task)
        for model in asked.models
        for task in ratio_tasks(
            model,
            asked.instances,
            asked.seed,
            time_limit=asked.time_limit,
            solver="search",
        )[asked.first : last]
    ]
    seconds = 2 * asked.time_limit + 120
    return SweepPlan.of("mc-sf-ratio", tasks, Limits(seconds, MEMORY))


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    models = ("model-1", "model-2")
    parser.add_argument("--models", nargs="+", default=models, choices=models)
    parser.add_argument(
        "--instances", type=int, default=200, help="of each model (200)"
    )
    parser.add_argument(
        "--first", type=int, default=0, help="number of the first to run (0)"
    )
    parser.add_argument(
        "--count", type=int, help="how many to run of each model (all)"
    )
    parser.add_argument(
        "--time-limit", type=float, default=10.0, help="seconds each (10)"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--workers", type=int, default=1, help="instances at once (1)"
    )
    parser.add_argument("--store", type=Path, default=STORE)
    parser.add_argument("--out", type=Path, default=OUT, help="the CSV")
    parser.add_argument(
        "--dry-run", action="store_true", help="only say how much it is"
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compute what is asked for and not there yet; return the exit code."""
    asked = parsed(arguments)
    try:
        plan = plan_of(asked)
        complete = run(plan, asked.store, asked.workers, BESIDE, asked.dry_run)
        if asked.dry_run:
            return 0
        found = rows_of(plan, asked.store)
        rows = [measured_ratio(r) for r in found if r["state"] == "done"]
        failed = [row for row in found if row["state"] == "failed"]
        merged = merge(
            asked.out, MeasuredRatio, rows, lambda row: row.identity
        )
    except KvoptError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1
    print(ratio_table(merged))
    for row in failed:
        print(f"failed: index {row['index']}: {row['error']}", file=sys.stderr)
    if failed:
        return 1
    return 0 if complete else 130


if __name__ == "__main__":
    sys.exit(main())
