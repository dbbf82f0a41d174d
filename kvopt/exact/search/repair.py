"""Schedules from the paths of a relaxation.

A best path of the Lagrangian state-space relaxation at good multipliers
completes most requests about when a very good schedule does, some of them more
than once, others never. The latter take the places of what is there too often.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from kvopt.exact.relaxation.groups import Groups
from kvopt.model.instance import IntArray

__all__ = ["Repair"]


class Repair:
    """Makes orders of starts from paths of one instance.

    Parameters
    ----------
    groups
        The requests.
    rng
        Source of random numbers.
    early_cost
        Cost of a place before the arrival, in units of memory.
    """

    def __init__(
        self, groups: Groups, rng: np.random.Generator, early_cost: float
    ) -> None:
        self.groups, self.rng, self.early_cost = groups, rng, early_cost
        self.peak = groups.peak[groups.group]
        self.earliest = (groups.arrival + groups.output)[groups.group]

    def starts(self, path: IntArray) -> IntArray:
        """Return the round in which each request is to start.

        Together they need not be feasible.

        Parameters
        ----------
        path
            Group and completion round of what a path completes, shape
            ``(k, 2)``.

        Notes
        -----
        Requests without a place take those of the nearest peak, by an
        assignment of least cost; the rest complete with the request of the
        nearest peak. ``O(n^3)`` at worst.
        """
        completion = np.full(self.groups.requests, -1)
        left = [list(members) for members in self.groups.members]
        spare = []
        for g, t in self.rng.permutation(path).tolist():
            if left[g]:
                completion[left[g].pop()] = t
            else:
                spare.append((self.groups.peak[g], t))
        without = np.flatnonzero(completion < 0)
        if spare and without.size:
            self._assign(completion, without, np.array(spare))
        placed = np.flatnonzero(completion >= 0)
        for i in np.flatnonzero(completion < 0):
            completion[i] = self.earliest[i]
            if placed.size:
                nearest = abs(self.peak[placed] - self.peak[i]).argmin()
                completion[i] = completion[placed[nearest]]
        completion = np.maximum(completion, self.earliest)
        return completion - self.groups.output[self.groups.group]

    def _assign(
        self, completion: NDArray, without: NDArray, spare: NDArray
    ) -> None:
        """Give requests the places that others have too often."""
        peak, when = spare.T
        cost = abs(self.peak[without][:, None] - peak)
        early = when < self.earliest[without][:, None]
        which, place = linear_sum_assignment(cost + self.early_cost * early)
        completion[without[which]] = when[place]
