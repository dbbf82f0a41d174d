"""The compiled part of :mod:`kvopt.exact.few_types.identical`."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["positive_cycle"]


@njit(cache=True, nogil=True)
def positive_cycle(after, starts, rounds):
    """Return the actions along a cycle of rate above ``starts / rounds``.

    Bellman and Ford, longest walks: a start weighs ``rounds``, a round
    ``-starts``. Edges that improved a phase last form a graph in which every
    cycle has positive weight; while there is a positive cycle at all, one
    appears. Returns nothing when no weight can be improved: there is none.
    """
    f = after.shape[0]
    far = np.zeros(f, np.int64)
    parent = np.full(f, -1, np.int64)
    action = np.zeros(f, np.int64)
    mark = np.empty(f, np.int64)
    while True:
        changed = False
        for q in range(f):
            for a in range(2):
                to = after[q, a]
                if to < 0 or to == q:
                    continue
                weight = far[q] + (rounds if a == 1 else -starts)
                if weight > far[to]:
                    far[to] = weight
                    parent[to] = q
                    action[to] = a
                    changed = True
        if not changed:
            return np.empty(0, np.int64)
        mark[:] = -1
        for q in range(f):
            x = q
            while x >= 0 and mark[x] < 0:
                mark[x] = q
                x = parent[x]
            if x >= 0 and mark[x] == q:
                found = [action[x]]
                y = parent[x]
                while y != x:
                    found.append(action[y])
                    y = parent[y]
                return np.array(found[::-1])
