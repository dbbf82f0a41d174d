"""What an engine hands back: the runs, and when they took place."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kvopt.model import Reason, Schedule, Times
from kvopt.model.instance import IntArray
from kvopt.model.serving import ServingRules
from kvopt.simulation.clocks import SECOND

__all__ = ["SimulationOutcome", "counted_outcome", "measured_outcome"]

# Request, start, stop and completed of each run.
_Runs = tuple[IntArray, IntArray, IntArray, NDArray[np.bool_]]


class SimulationOutcome(NamedTuple):
    """A schedule; with a clock that measures seconds, times as well.

    ``made`` are the tokens that each run made, None where that is one a
    round; ``seen`` is the round in which each request was first seen, shape
    ``(n,)``; ``reasons`` are those of the policy, where they were asked for.
    """

    schedule: Schedule
    made: IntArray | None = None
    seen: IntArray | None = None
    times: Times | None = None
    reasons: tuple[Reason, ...] | None = None


def counted_outcome(
    runs: _Runs, made: IntArray, serving: ServingRules
) -> SimulationOutcome:
    """Put runs into the order of the schedule.

    Parameters
    ----------
    runs
        Request, start, stop and completed of each run.
    made
        Tokens that each made.
    serving
        Rules of the server.
    """
    request, start, _, _ = runs
    schedule = Schedule.from_arrays(*runs, serving)
    if serving.plain:
        return SimulationOutcome(schedule)
    return SimulationOutcome(schedule, made[np.lexsort((request, start))])


def measured_outcome(
    runs: _Runs,
    made: IntArray,
    serving: ServingRules,
    ticks: tuple[IntArray, IntArray, IntArray],
    seen: IntArray,
    due: IntArray,
) -> SimulationOutcome:
    """Put runs and their times into the order of the schedule.

    Parameters
    ----------
    runs, made, serving
        As for :func:`counted_outcome`.
    ticks
        Begin, end of the iteration with the first token, and end of each
        run; for one that made none the end twice.
    seen, due
        Round and time of each arrival, shape ``(n,)``.
    """
    request, start, _, _ = runs
    order = np.lexsort((request, start))
    begin, first, end = (column[order] for column in ticks)
    times = Times("s", SECOND, due, begin, first, end)
    outcome = counted_outcome(runs, made, serving)
    return outcome._replace(seen=seen, times=times)
