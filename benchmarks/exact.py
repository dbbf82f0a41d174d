"""Exact methods side by side: bound, objective, gap, seconds, memory.

Every measurement is in a process of its own, with its peak memory; the
methods take turns on each instance. A tiny solve comes first, so that
loading and compiling are not in the seconds. What was measured is kept in
``build/exact.sqlite``, by a key with a hash of kvopt's source: stopped
however it may be, the same command goes on, and what was measured before the
source changed is measured again. The rows are in
``benchmarks/results/exact.csv``; ``python -m benchmarks.exact_tables`` makes
the tables and figures of ``docs/exact.md`` of them.

Sets: n12, n20, n30 (the first requests of model 1), model-1, model-2
(published size), n15-small, n30-small, n50-small (M = 30, s 1..5, o 2..8),
growth (8 to 30 requests at M = 40; M = 20 to 50 at 12 requests). Seeds are
those of ``kvopt generate model-1 --seed``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.exact_kind import METHODS
from benchmarks.exact_rows import ExactRow, exact_row, merge
from benchmarks.exact_runs import rows_of, run, seeds_of
from benchmarks.exact_sets import GROWTH, SETS, sources
from kvopt.model import InputError, KvoptError
from kvopt.sweep import Limits, SweepPlan, SweepTask

OUT = Path(__file__).parent / "results" / "exact.csv"
STORE = Path(__file__).parents[1] / "build" / "exact.sqlite"
# Above what the search may take, for its tables alone 4 GiB.
MEMORY = 8 * 10**9
# Seconds to start a process, load, compile (from a cache, as a rule), check.
BESIDE = 3.0


def plan_of(asked: argparse.Namespace) -> SweepPlan:
    """Return the measurements that are asked for."""
    names = dict.fromkeys(
        name
        for given in asked.set
        for name in (GROWTH if given == "growth" else (given,))
    )
    parameters = {"time_limit": asked.limit, "workers": asked.threads}
    tasks = [
        SweepTask.of("benchmarks.exact_kind:ROW", method, source, parameters)
        for source in sources(names, asked.seeds)
        for method in asked.methods
    ]
    # Ending late, and a slow start, are no reason to kill.
    seconds = 2 * asked.limit + 120
    return SweepPlan.of("exact", tasks, Limits(seconds, MEMORY))


def line(row: ExactRow) -> str:
    """Return a row as a line for people."""
    gap = "" if row.gap_percent is None else f"{row.gap_percent:.2f}%"
    return (
        f"{row.set:10} seed {row.seed:<3} n {row.requests:<3} "
        f"M {row.memory:<3} {row.method:15} {row.status:11} "
        f"{row.lower_bound!s:>6} {row.objective!s:>6} {gap:>8} "
        f"{row.seconds:8.1f} s {row.peak_mib:6} MiB  load {row.load}"
    )


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--set",
        nargs="+",
        required=True,
        choices=(*SETS, "growth"),
        metavar="SET",
        help=f"{', '.join(SETS)}, growth",
    )
    parser.add_argument(
        "--seeds",
        type=seeds_of,
        default=[0],
        help="a seed, or 0..19 (default 0)",
    )
    parser.add_argument(
        "--methods",
        nargs="+",
        default=METHODS,
        choices=METHODS,
        metavar="METHOD",
        help=f"default all: {', '.join(METHODS)}",
    )
    parser.add_argument(
        "--limit", type=float, default=10.0, help="seconds each (default 10)"
    )
    parser.add_argument(
        "--threads", type=int, default=1, help="of each method (default 1)"
    )
    parser.add_argument(
        "--workers", type=int, default=1, help="at once (default 1)"
    )
    parser.add_argument("--store", type=Path, default=STORE)
    parser.add_argument("--out", type=Path, default=OUT, help="the CSV")
    parser.add_argument(
        "--dry-run", action="store_true", help="only say how much it is"
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for and not there yet; return the exit code."""
    asked = parsed(arguments)
    try:
        plan = plan_of(asked)
        complete = run(plan, asked.store, asked.workers, BESIDE, asked.dry_run)
        if asked.dry_run:
            return 0
        rows = [exact_row(row) for row in rows_of(plan, asked.store)]
        merge(asked.out, ExactRow, rows, lambda row: row.identity)
    except KvoptError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1
    for row in sorted(rows, key=lambda row: row.identity):
        print(line(row))
    return 0 if complete else 130


if __name__ == "__main__":
    sys.exit(main())
