"""A chunk of multisets, and what is computed once for all policies."""

from __future__ import annotations

import numpy as np

from kvopt.adversary.exhaustive.space import Space
from kvopt.model.instance import IntArray

__all__ = ["Arrays"]


class Arrays:
    """A chunk of multisets, and what is known of each."""

    def __init__(self, space: Space) -> None:
        self.space = space
        from kvopt.adversary.optimum_kernels import ENTRIES, WIDEST

        self.kinds = np.ascontiguousarray(np.array(space.types, np.int64).T)
        self.table = (
            np.zeros((ENTRIES, WIDEST + 3), np.int64),
            np.zeros(ENTRIES, np.int64),
            np.zeros(1, np.int64),
        )

    def take(self, rows: IntArray) -> None:
        """Go on to the next chunk."""
        from kvopt.adversary.exhaustive.kernels import lower_bounds

        self.rows = rows
        self.bounds = lower_bounds(self.kinds, self.space.memory, rows)
        self.optima = np.zeros(len(rows), np.int64)

    def arrivals(self, m: int) -> int:
        """Return the sum of the arrivals of a multiset."""
        return int(self.kinds[0][self.rows[m]].sum())

    def optimum(self, m: int) -> int:
        """Return the least sum of completions of a multiset."""
        from kvopt.adversary.exhaustive.kernels import optimum

        if not self.optima[m]:
            row, memory = self.rows[m], self.space.memory
            self.optima[m] = optimum(
                self.kinds, row, memory, 2**40, self.table
            )
        return int(self.optima[m])
