"""How far a sweep is, and how long it will take."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kvopt.sweep.costs import TaskCosts
from kvopt.sweep.outcome import SweepOutcome
from kvopt.sweep.task import SweepTask

__all__ = ["PaceMeter", "SweepProgress"]


@dataclass(frozen=True)
class SweepProgress:
    """Where a sweep stands.

    Parameters
    ----------
    done, failed, remaining
        Numbers of tasks; what was found in the store is included.
    seconds
        Expected wall time until the end; None while nothing is known.
    complete
        False when ``seconds`` leaves out tasks of a policy or solver of
        which none has ended yet: then it is a lower estimate.
    """

    done: int
    failed: int
    remaining: int
    seconds: float | None
    complete: bool

    def __str__(self) -> str:
        words = (
            f"{self.done} done, {self.failed} failed, "
            f"{self.remaining} remaining"
        )
        if not self.remaining:
            return words
        if self.seconds is None:
            return f"{words}, time unknown"
        about = "about" if self.complete else "more than"
        return f"{words}, {about} {duration(self.seconds)}"


class PaceMeter:
    """Counts outcomes and forecasts the rest.

    The forecast is the mean cost of each policy or solver so far, times the
    number of its tasks that remain, over the pace so far: seconds of tasks
    done in a second of wall time, which takes in the number of workers and
    every overhead. It is fair because tasks run in an order that has nothing
    to do with their cost; see :func:`shuffled`.

    Parameters
    ----------
    tasks
        Those that are to be run; each key runs once and counts as often as
        it is there.
    done, failed
        Numbers of tasks that need not run.
    """

    def __init__(
        self, tasks: Sequence[SweepTask], done: int = 0, failed: int = 0
    ) -> None:
        self._tasks = {task.key: task for task in tasks}
        self._number = Counter(task.key for task in tasks)
        self._groups = Counter(task.group for task in self._tasks.values())
        self._costs = TaskCosts()
        self._began = time.monotonic()
        self._done = done
        self._failed = failed
        self._remaining = len(tasks)

    def take(self, outcomes: Iterable[SweepOutcome]) -> None:
        """Count outcomes."""
        for outcome in outcomes:
            task = self._tasks[outcome.key]
            self._costs.learn(task, outcome)
            self._groups[task.group] -= 1
            number = self._number[task.key]
            self._remaining -= number
            if outcome.error:
                self._failed += number
            else:
                self._done += number

    def progress(self) -> SweepProgress:
        """Return where the sweep stands now."""
        left = {group: n for group, n in self._groups.items() if n}
        spent = self._costs.seconds
        forecast = self._costs.total(left)
        seconds = None
        if spent:
            pace = spent / (time.monotonic() - self._began)
            seconds = forecast.seconds / pace
        return SweepProgress(
            self._done,
            self._failed,
            self._remaining,
            seconds,
            forecast.complete,
        )


def shuffled(tasks: Iterable[SweepTask]) -> list[SweepTask]:
    """Return each task once, in the order of the instances' hashes.

    As good as random, so that those done first are a fair sample of all, and
    still the tasks of one instance are neighbours, which share it.
    """
    unique = {task.key: task for task in tasks}
    return sorted(unique.values(), key=lambda task: task.source.hash)


def duration(seconds: float) -> str:
    """Return a time for people: ``"45 s"``, ``"12 min"``, ``"3.5 h"``."""
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
