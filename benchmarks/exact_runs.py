"""Running the tasks of the exact benchmarks: estimate, progress, stopping."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kvopt.sweep import Store, SweepPlan, SweepProgress, SweepTask, run_sweep
from kvopt.sweep.forecast import duration

__all__ = ["most_seconds", "rows_of", "run", "seeds_of"]

# Seconds between two lines of progress.
_EVERY = 15.0


def seeds_of(text: str) -> list[int]:
    """Return the seeds of ``"3"`` or ``"0..19"``."""
    first, dots, last = text.partition("..")
    return list(range(int(first), int(last if dots else first) + 1))


def most_seconds(
    tasks: Sequence[SweepTask], workers: int, beside: float
) -> float:
    """Return the wall time if every task runs into its time limit.

    ``beside`` is what each takes beside that, in seconds.
    """
    limits = [task.parameters["time_limit"] for task in tasks]
    total = sum(limits) + beside * len(limits)
    longest = max(limits, default=0.0)
    return max(total / workers, longest)


def run(
    plan: SweepPlan, store: Path, workers: int, beside: float, dry: bool
) -> bool:
    """Run what is missing in the store; return whether it came to the end.

    Parameters
    ----------
    plan, store, workers
        As for :func:`kvopt.sweep.run_sweep`.
    beside
        Seconds that a task is expected to take beside its time limit.
    dry
        Only say what would be done.
    """
    present: dict[str, str] = {}
    if store.exists():
        with Store(store) as opened:
            present = opened.keys()
    # Two sets may share an instance, which is measured once for both.
    tasks = {task.key: task for task in plan.tasks}
    missing = [t for key, t in tasks.items() if present.get(key) != ""]
    most = most_seconds(missing, workers, beside)
    print(
        f"{len(tasks)} measurements, {len(missing)} to be made; at most "
        f"about {duration(most)} with {workers} worker(s): what is proved "
        "early takes less",
        file=sys.stderr,
    )
    if dry or not missing:
        return not dry
    store.parent.mkdir(parents=True, exist_ok=True)
    said = time.monotonic()

    def news(progress: SweepProgress) -> None:
        nonlocal said
        if time.monotonic() - said >= _EVERY or not progress.remaining:
            said = time.monotonic()
            print(progress, file=sys.stderr, flush=True)

    try:
        run_sweep(plan, store, workers, retry_failed=True, progress=news)
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return False
    return True


def rows_of(plan: SweepPlan, store: Path) -> list[dict[str, Any]]:
    """Return the rows that are in the store for the tasks of the plan."""
    if not store.exists():
        return []
    with Store(store, write=True) as opened:
        opened.plan(plan.name, plan.tasks)
        return opened.rows()
