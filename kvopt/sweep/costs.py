"""What tasks are expected to cost, learnt from those that are done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from kvopt.sweep.outcome import SweepOutcome
from kvopt.sweep.task import SweepTask

__all__ = ["Forecast", "TaskCosts"]


class Forecast(NamedTuple):
    """Expected seconds, and whether nothing is left out of them."""

    seconds: float
    complete: bool


class TaskCosts:
    """Mean seconds of the tasks of each group (kind and subject)."""

    def __init__(self) -> None:
        self._seconds: Counter[tuple[str, str]] = Counter()
        self._number: Counter[tuple[str, str]] = Counter()

    def learn(self, task: SweepTask, outcome: SweepOutcome) -> None:
        """Take in how long a task took."""
        seconds = outcome.measured["seconds"]
        self._seconds[task.group] += seconds  # type: ignore[assignment]
        self._number[task.group] += 1

    def of(self, task: SweepTask) -> float | None:
        """Return the expected seconds of a task; None if nothing is known."""
        number = self._number[task.group]
        return self._seconds[task.group] / number if number else None

    @property
    def seconds(self) -> float:
        """Seconds of all tasks so far."""
        return float(sum(self._seconds.values()))

    def total(self, groups: Mapping[tuple[str, str], int]) -> Forecast:
        """Return the expected seconds of so many tasks of each group."""
        known = {g: n for g, n in groups.items() if self._number[g]}
        seconds = sum(
            n * self._seconds[g] / self._number[g] for g, n in known.items()
        )
        return Forecast(seconds, all(g in known for g in groups))
