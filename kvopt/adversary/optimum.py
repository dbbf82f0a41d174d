"""The optimum of a tiny instance, fast enough for millions of calls."""

from __future__ import annotations

import threading
from functools import cache
from typing import NamedTuple

import numpy as np

from kvopt.model import Instance
from kvopt.model.instance import IntArray

__all__ = ["Found", "cheapest", "warm_up"]

# A set of requests is the bits of one integer.
MOST_REQUESTS = 60


class Found(NamedTuple):
    """What a search for cheaper schedules found.

    Parameters
    ----------
    starts
        Start rounds of the cheapest schedule found; None when there was
        none below the limit.
    proved
        Whether every schedule was ruled out that is cheaper still (or, with
        ``starts`` None, cheaper than the limit).
    """

    starts: tuple[int, ...] | None
    proved: bool


class _Memory:
    """The table of states that were met, kept from call to call."""

    def __init__(self) -> None:
        from kvopt.adversary.optimum_kernels import ENTRIES, WIDEST

        self.keys = np.zeros((ENTRIES, WIDEST + 3), np.int64)
        self.costs = np.zeros(ENTRIES, np.int64)
        self.stamp = 0


@cache
def _memory(thread: int) -> _Memory:
    """Return a thread's own table."""
    return _Memory()


def cheapest(instance: Instance, below: int, nodes: int) -> Found:
    """Find the cheapest schedule with a total latency less than ``below``.

    Parameters
    ----------
    instance
        The instance; meant for about 10 requests and short outputs. One of
        more than 60 requests is not searched.
    below
        Total latency that has to be beaten, in rounds. The lower it is, the
        faster the answer.
    nodes
        Effort: how many partial schedules to look at. The result depends on
        nothing else, so that it can be repeated on any machine.

    Notes
    -----
    Depth first over the requests in order of start round, then of volume. A
    partial schedule is given up when no completion reaches ``below``: the
    ``k``-th completion of those not placed is at least the ``k``-th smallest
    ``max(t, a_i) + o_i``, where ``t`` is the round to be filled, and at least
    the round by which the memory left free since ``t`` holds the ``k``
    smallest volumes. Cancelled runs never help and are not tried. Every
    schedule without needless idling ends within ``max(a) + sum(o)`` rounds.
    """
    if len(instance) > MOST_REQUESTS:
        return Found(None, False)
    # Loading the compiler takes a good part of a second.
    from kvopt.adversary.optimum_kernels import search

    order: IntArray = np.lexsort(
        (instance.output, instance.prompt, instance.arrival, instance.volume)
    )
    columns = (
        instance.arrival, instance.prompt, instance.output, instance.volume
    )  # fmt: skip
    rows = np.array([column[order] for column in columns])
    memory = _memory(threading.get_ident())
    memory.stamp += 1
    best = np.full(order.size, -1)
    arrivals = int(instance.arrival.sum())
    _, left = search(
        rows,
        instance.memory,
        below + arrivals,
        nodes,
        best,
        memory.keys,
        memory.costs,
        memory.stamp,
    )
    if best[0] < 0:
        return Found(None, bool(left >= 0))
    starts = np.empty_like(best)
    starts[order] = best
    return Found(tuple(starts.tolist()), bool(left >= 0))


@cache
def warm_up() -> None:
    """Compile the kernel, or load it from the cache; once a process."""
    cheapest(Instance.of(2, [(0, 0, 1)]), 9, 9)
