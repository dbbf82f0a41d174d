"""What an engine hands back: the runs, and when they took place."""

from __future__ import annotations

from collections.abc import Sequence
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
    return _counted(runs, _order(runs), made, serving)


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
    order = _order(runs)
    begin, first, end = _ordered(ticks, order)
    seen, due = _ordered((seen, due), slice(None))
    outcome = _counted(runs, order, made, serving)
    times = Times("s", SECOND, due, begin, first, end)
    return outcome._replace(seen=seen, times=times)


def _order(runs: _Runs) -> IntArray:
    request, start, _, _ = runs
    return np.lexsort((request, start))


def _counted(
    runs: _Runs, order: IntArray, made: IntArray, serving: ServingRules
) -> SimulationOutcome:
    request, start, stop = _ordered(runs[:3], order)
    completed = runs[3][order]
    schedule = Schedule.from_arrays(request, start, stop, completed, serving)
    if serving.plain:
        return SimulationOutcome(schedule)
    return SimulationOutcome(schedule, made[order])


def _ordered(
    columns: Sequence[IntArray], order: IntArray | slice
) -> NDArray[np.int64]:
    """Return columns in another order, as rows of one read-only array.

    One array, since from 4 MiB on NumPy asks the operating system for huge
    pages. Fresh memory in pages of 4 KiB took a tenth of the time of half a
    million requests.
    """
    rows = np.empty((len(columns), columns[0].size), np.int64)
    for row, column in zip(rows, columns, strict=True):
        row[:] = column[order]
    rows.setflags(write=False)
    return rows
