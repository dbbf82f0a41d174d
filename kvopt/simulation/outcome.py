"""What an engine hands back: the runs, and when they took place."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kvopt.model import Reason, Schedule, Times
from kvopt.model.instance import IntArray
from kvopt.simulation.clocks import SECOND

__all__ = ["SimulationOutcome", "measured_outcome"]


class SimulationOutcome(NamedTuple):
    """A schedule; with a clock that measures seconds, times as well.

    ``seen`` is the round in which each request was first seen, shape
    ``(n,)``; ``reasons`` are those of the policy, where they were asked for.
    """

    schedule: Schedule
    seen: IntArray | None = None
    times: Times | None = None
    reasons: tuple[Reason, ...] | None = None


def measured_outcome(
    runs: tuple[IntArray, IntArray, IntArray, NDArray[np.bool_]],
    ticks: tuple[IntArray, IntArray, IntArray],
    seen: IntArray,
    due: IntArray,
) -> SimulationOutcome:
    """Put runs and their times into the order of the schedule.

    Parameters
    ----------
    runs
        Request, start, stop and completed of each run.
    ticks
        Begin, end of the first iteration, and end of each run.
    seen, due
        Round and time of each arrival, shape ``(n,)``.
    """
    request, start, _, _ = runs
    order = np.lexsort((request, start))
    begin, first, end = (column[order] for column in ticks)
    times = Times("s", SECOND, due, begin, first, end)
    return SimulationOutcome(Schedule.from_arrays(*runs), seen, times)
