"""Compiled: quick schedules and a quick bound, for thousands of instances."""

from __future__ import annotations

import numpy as np

from kvopt.exact.heuristics.annealing_kernels import (
    RUNNING,
    RequestSizes,
    Solution,
    Work,
    decode,
)
from kvopt.model.compiled import entry

__all__ = ["best_list", "quick_bound"]


@entry
def best_list(memory, requests, orders, paces, best):
    """Return the least total latency of paced list schedules.

    In order of a list, each request starts as soon as it fits, not before
    the one that was placed last, and not before a share of the memory-time
    volume that was placed has passed at the speed ``M``. With a share of 1
    requests of one kind are a pipeline, with 0 they start greedily.

    Parameters
    ----------
    memory
        Capacity ``M``.
    requests
        Rows arrival, prompt, output and volume, shape ``(4, n)``.
    orders
        The lists, shape ``(lists, n)``.
    paces
        The shares in quarters, shape ``(paces,)``.
    best
        Receives the starts, shape ``(n,)``.
    """
    arrival, prompt, output, volume = requests
    n = arrival.shape[0]
    start = np.zeros(n, np.int64)
    release = np.zeros(n, np.int64)
    sizes = RequestSizes(memory, release, prompt, output)
    none, active = np.zeros(n, np.int64), np.zeros(n, np.int64)
    room = np.zeros(n + 1, np.int64)
    work = Work(np.zeros(n, RUNNING), room, room)
    least = -1
    for row in range(orders.shape[0]):
        order = orders[row]
        for pace in paces:
            placed = 0
            for q in range(n):
                i = order[q]
                due = pace * placed // (4 * memory)
                release[i] = max(arrival[i], due)
                placed += volume[i]
            decode(sizes, Solution(order, none, start, active), work)
            total = 0
            for i in range(n):
                total += start[i] + output[i] - arrival[i]
            if least < 0 or total < least:
                least = total
                for i in range(n):
                    best[i] = start[i]
    return least


@entry
def quick_bound(memory, arrival, output, volume):
    """Return a lower bound on the total latency.

    The ``k``-th completion is at least the ``k``-th smallest ``a + o``, and
    at least the round by which the ``k`` smallest volumes fit in, from the
    first arrival on.

    Parameters
    ----------
    memory
        Capacity ``M``.
    arrival, output, volume
        Of each request, shape ``(n,)``.
    """
    alone = np.sort(arrival + output)
    rising = np.sort(volume)
    first = arrival.min()
    total = 0
    need = 0
    for k in range(alone.shape[0]):
        need += rising[k]
        total += max(alone[k], first + (need + memory - 1) // memory)
        total -= arrival[k]
    return total
