"""A simulation as stretches of iterations with one and the same batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kvopt.model import InputError, SimulationResult
from kvopt.model.instance import IntArray

__all__ = [
    "Throughput",
    "Timeline",
    "UsageWindows",
    "throughput_of",
    "timeline_of",
    "usage_of",
    "usage_windows",
]


@dataclass(frozen=True, eq=False)
class Timeline:
    """Stretches of iterations, in order, each with the same batch throughout.

    Only the iterations of a stretch in which nothing starts are many; what
    starts has its first iteration in a stretch of one, unless its prompt is
    computed in chunks.

    Parameters
    ----------
    first, last
        First and last round of each stretch, shape ``(k,)``.
    begin, end
        When the first begins and the last ends, in ticks.
    batch
        Number of requests that run.
    low, high
        Units of memory they hold in the first and in the last round.
    tokens
        Tokens computed in one iteration: the prompt of a request in its
        first (one, if it is empty), one token of each other. With a token
        budget a prompt counts whole in each iteration until it is computed,
        which says nothing of the work.
    lost
        Those of them that belong to runs that were cancelled.
    """

    first: IntArray
    last: IntArray
    begin: IntArray
    end: IntArray
    batch: IntArray
    low: IntArray
    high: IntArray
    tokens: IntArray
    lost: IntArray

    @property
    def rounds(self) -> IntArray:
        """Number of iterations of each stretch, shape ``(k,)``."""
        return self.last - self.first + 1

    @property
    def peak(self) -> int:
        """Most memory in use in any round, in units."""
        return int(self.high.max())

    @property
    def mean(self) -> float:
        """Memory in use, mean over the rounds in which anything runs."""
        # Usage grows by the batch each round: ends and middle are enough.
        middle = (self.low + self.high) / 2
        return float(middle @ self.rounds) / float(self.rounds.sum())


def usage_of(
    result: SimulationResult, timeline: Timeline
) -> tuple[NDArray[np.float64], IntArray]:
    """Return points in time and the memory in use there.

    Two a stretch, its first and last iteration, which stand at its begin and
    end; two more with nothing in use where time passes between stretches.
    """
    corners = np.column_stack([timeline.begin, timeline.end]).ravel()
    usage = np.column_stack([timeline.low, timeline.high]).ravel()
    gaps = np.flatnonzero(timeline.begin[1:] > timeline.end[:-1])
    at = np.repeat(2 * gaps + 2, 2)
    ends = np.column_stack([timeline.end[gaps], timeline.begin[gaps + 1]])
    corners = np.insert(corners, at, ends.ravel())
    return result.times.units(corners), np.insert(usage, at, 0)


class UsageWindows(NamedTuple):
    """Memory in use by window of time.

    Parameters
    ----------
    edges
        Ends of the windows, in units of time, shape ``(k+1,)``.
    least, mean, most
        Units in use in each, shape ``(k,)``.
    """

    edges: NDArray[np.float64]
    least: NDArray[np.float64]
    mean: NDArray[np.float64]
    most: NDArray[np.float64]


def usage_windows(
    when: NDArray[np.float64], usage: ArrayLike, count: int
) -> UsageWindows:
    """Return the memory in use in windows of equal length.

    Parameters
    ----------
    when, usage
        As :func:`usage_of` returns them: usage is linear between the points,
        two points of one time are a jump.
    count
        Number of windows.
    """
    height = np.asarray(usage, dtype=np.float64)
    edges = np.linspace(when[0], when[-1], count + 1)
    steps = np.diff(when) * (height[1:] + height[:-1]) / 2
    areas = np.interp(edges, when, np.concatenate([[0.0], np.cumsum(steps)]))
    at_edges = np.interp(edges, when, height)
    places = np.searchsorted(when, edges)
    seen = [
        np.concatenate(
            [height[places[k] : places[k + 1]], at_edges[k : k + 2]]
        )
        for k in range(count)
    ]
    return UsageWindows(
        edges,
        np.array([part.min() for part in seen]),
        np.diff(areas) / np.diff(edges),
        np.array([part.max() for part in seen]),
    )


def timeline_of(result: SimulationResult) -> Timeline:
    """Return the stretches of a simulation, ``O(r log r)`` for ``r`` runs."""
    runs, times = result.schedule, result.times
    start, stop, prompt = runs.start, runs.stop, result.prompts
    # The round before the first token; up to that a run holds room for it.
    before = stop - result.tokens
    marks, where = np.unique(
        np.concatenate([start, np.minimum(before + 1, stop), stop]),
        return_inverse=True,
    )
    born, grown, gone = np.split(where, 3)
    # When the iteration that follows a mark begins, and the one before ends.
    begin = np.full(marks.size, -1)
    begin[gone], begin[grown] = times.end, times.first
    end = begin.copy()
    begin[born] = times.begin
    end = np.where(end < 0, begin, end)

    def running(
        weight: IntArray, since: IntArray, until: IntArray
    ) -> IntArray:
        """Sum the weights of the runs from a mark to a later one."""
        steps = np.zeros(marks.size + 1, np.int64)
        np.add.at(steps, since, weight)
        np.add.at(steps, until, -weight)
        return np.cumsum(steps)[: marks.size - 1]

    one = np.ones_like(start)
    cancelled = (~runs.completed).astype(np.int64)
    # A first iteration computes the prompt in place of one token.
    extra = np.maximum(prompt, 1) - 1
    batch = running(one, born, gone)
    growing = running(one, grown, gone)
    constant = running(prompt + 1, born, grown)
    constant += running(prompt - before, grown, gone)
    first, last = marks[:-1] + 1, marks[1:]
    busy = batch > 0
    lost = running(cancelled, born, gone)
    columns = (
        first,
        last,
        begin[:-1],
        end[1:],
        batch,
        constant + growing * first,
        constant + growing * last,
        batch + running(extra, born, grown),
        lost + running(cancelled * extra, born, grown),
    )
    return Timeline(*(column[busy] for column in columns))


@dataclass(frozen=True, eq=False)
class Throughput:
    """Output tokens a unit of time, window by window.

    Parameters
    ----------
    edges
        Ends of the windows, in units of time, shape ``(k+1,)``.
    arrived, completed
        Output tokens of the requests that arrived, and that completed, in
        each window, a unit of time; shape ``(k,)``.
    """

    edges: NDArray[np.float64]
    arrived: NDArray[np.float64]
    completed: NDArray[np.float64]


def throughput_of(result: SimulationResult, window: float) -> Throughput:
    """Return the throughput over time, in windows of ``window`` units.

    A request's tokens count when it completes, as in P5: what is lost with a
    cancelled run never counts. Windows begin with the first arrival.

    Raises
    ------
    InputError
        For a window that is not positive, or a request without a completed
        run.
    """
    if not 0 < window < float("inf"):
        raise InputError("must be positive", field="window", value=window)
    times, output = result.times, result.instance.output
    done = result.schedule.completed
    # Refuses unfinished requests.
    result.schedule.completions(result.instance)
    zero = times.units(times.arrival[0])
    arrival = times.units(times.arrival) - zero
    end = times.units(times.end[done]) - zero
    count = int(np.ceil(end.max() / window))
    if count > 10**7:
        raise InputError(
            "makes more than 10,000,000 windows", field="window", value=window
        )
    edges = window * np.arange(count + 1)
    # A completion at an edge belongs to the window that it ends.
    at = np.clip(np.ceil(end / window).astype(np.int64) - 1, 0, count - 1)
    tokens = output[result.schedule.request[done]]
    arrived = np.histogram(arrival, edges, weights=output)[0]
    completed = np.bincount(at, weights=tokens, minlength=count)
    return Throughput(edges + zero, arrived / window, completed / window)
