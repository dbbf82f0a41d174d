"""Bounds against randomised policies: the worst distribution of instances.

The instances of a pool and the deterministic policies make a zero-sum game.
A linear program over the policies found so far gives a distribution, the
best policy against it joins them, until it gains nothing. ``docs/games.md``
has the theorem that the distribution proves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import gcd

import numpy as np
from scipy.optimize import linprog

from kvopt.adversary.games.settings import GameSettings
from kvopt.adversary.games.worker import (
    Counts,
    GameWorker,
    Releases,
    Usage,
    plus,
)
from kvopt.model import InputError

__all__ = ["RandomisedGame", "RandomisedSettings"]

# What a policy pays on each instance of a group, in the group's order.
Costs = tuple[int, ...]
Group = tuple[int, ...]

# Weights are rounded to multiples of one over this.
_GRID = 100_000
# Gain of a policy, relative to its cost, that is not worth a row more.
_GAIN = 1e-9


@dataclass(frozen=True)
class RandomisedSettings:
    """The setting of a randomised game.

    Parameters
    ----------
    base
        Memory, types, most requests, and the horizon. At most two rounds
        have a release, whatever its ``releases``.
    first
        How many requests of each type are released at 0.

    Raises
    ------
    InputError
        When the first release is empty, or has too many requests.
    """

    base: GameSettings
    first: Counts

    def __post_init__(self) -> None:
        fits = len(self.first) == len(self.base.types)
        if not fits or not 0 < sum(self.first) <= self.base.requests:
            raise InputError(
                "must be numbers of each type, in all at least 1",
                field="first",
                value=self.first,
            )


class RandomisedGame:
    """A pool of instances, and the policies found that do well on them.

    Every instance has the same release at 0 and at most one more.

    Parameters
    ----------
    settings
        The setting.
    look_up
        Called now and then; it may raise to end the search.
    """

    def __init__(
        self,
        settings: RandomisedSettings,
        look_up: Callable[[], None],
    ) -> None:
        self.settings = settings
        base = settings.base
        self.worker = GameWorker(base.memory, base.types)
        self.pool = self._pool(settings.first)
        self.optima = [
            self.worker.least((), self.worker.none, released)
            for released in self.pool
        ]
        self.weights: tuple[int, ...] = ()
        self.positions = 0
        self._ratio = Fraction(1)
        self._look_up = look_up
        self._policies: list[Costs] = []
        self._known: dict[tuple[int, Usage, Counts], Costs] = {}
        self._of_round: dict[int, dict[Counts, Group]] = {}
        for t in range(base.horizon + 1):
            parts: dict[Counts, list[int]] = defaultdict(list)
            for k, released in enumerate(self.pool):
                if len(released) == 2 and released[1][0] == t:
                    parts[released[1][1]].append(k)
            self._of_round[t] = {x: tuple(g) for x, g in parts.items()}

    def _pool(self, first: Counts) -> list[Releases]:
        """Return the first release alone, and with each later one."""
        left = self.settings.base.requests - sum(first)
        kinds = len(self.settings.base.types)
        pool: list[Releases] = [((0, first),)]
        for t in range(1, self.settings.base.horizon + 1):
            for counts in product(range(left + 1), repeat=kinds):
                if 0 < sum(counts) <= left:
                    pool.append(((0, first), (t, counts)))
        return pool

    def improve(self, ratio: Fraction) -> Fraction | None:
        """Return the ratio that a distribution proves, None if not above."""
        if not self.weights:
            self._ratio = self._solve()
        return self._ratio if self._ratio > ratio else None

    def _solve(self) -> Fraction:
        """Return the ratio that the best distribution found proves."""
        weights = np.full(len(self.pool), 1.0 / sum(self.optima))
        bound = np.inf
        while True:
            self._look_up()
            costs = self._best_policy(weights.tolist())
            if float(np.dot(weights, costs)) >= bound * (1 - _GAIN):
                return self._rounded(weights)
            self._policies.append(costs)
            weights, bound = self._distribution()

    def _distribution(self) -> tuple[np.ndarray, float]:
        """Return the worst weights for the policies found, and their value.

        Weights are scaled so that the optima cost 1 on the whole.
        """
        count = len(self.pool)
        rows = np.array(self._policies, dtype=float)
        solution = linprog(
            np.append(np.zeros(count), -1.0),
            A_ub=np.hstack([-rows, np.ones((len(rows), 1))]),
            b_ub=np.zeros(len(rows)),
            A_eq=np.append(np.array(self.optima, dtype=float), 0.0)[None],
            b_eq=[1.0],
            bounds=[(0, None)] * count + [(None, None)],
            method="highs",
        )
        return np.maximum(solution.x[:count], 0.0), float(solution.x[-1])

    def _rounded(self, weights: np.ndarray) -> Fraction:
        """Keep integer weights near the given ones; return their ratio."""
        largest = float(weights.max())
        integers = [round(w / largest * _GRID) for w in weights.tolist()]
        divisor = gcd(*integers)
        self.weights = tuple(w // divisor for w in integers)
        costs = self._best_policy(self.weights)
        paid = sum(w * c for w, c in zip(self.weights, costs, strict=True))
        least = sum(
            w * c for w, c in zip(self.weights, self.optima, strict=True)
        )
        return Fraction(paid, least)

    def _best_policy(self, weights: Sequence[float]) -> Costs:
        """Return what a best policy against a distribution pays.

        With integer weights it is exactly a best one.
        """
        self._known.clear()
        costs = self._decide(0, weights, (), self.settings.first)
        self.positions += len(self._known)
        return costs

    def _decide(
        self, t: int, weights: Sequence[float], usage: Usage, present: Counts
    ) -> Costs:
        """Return the costs from round ``t`` on, no second release seen.

        The group consists of the instance without one, and those in which
        it comes after ``t``, in the order of the pool.
        """
        key = (t, usage, present)
        if key in self._known:
            return self._known[key]
        group = [0, *self._later(t)]
        best: tuple[float, Costs] | None = None
        for start in self.worker.starts(usage, present):
            costs = self._after(t + 1, weights, start.usage, start.left)
            costs = tuple(start.rounds + c for c in costs)
            value = sum(
                weights[k] * c for k, c in zip(group, costs, strict=True)
            )
            if best is None or value < best[0]:
                best = value, costs
        assert best is not None  # starting nothing is always possible
        self._known[key] = best[1]
        return best[1]

    def _after(
        self, t: int, weights: Sequence[float], usage: Usage, waiting: Counts
    ) -> Costs:
        """Return the costs from round ``t`` on, before its release."""
        if t > self.settings.base.horizon:
            return (self.worker.least(usage, waiting),)
        now = {
            k: self.worker.least(usage, plus(waiting, release))
            for release, group in self._of_round[t].items()
            for k in group
        }
        later = self._decide(t, weights, usage, waiting)
        quiet = [0, *self._later(t)]
        found = dict(zip(quiet, later, strict=True)) | now
        return tuple(found[k] for k in sorted(found))

    def _later(self, t: int) -> range:
        """Return the instances whose second release comes after ``t``."""
        count = len(self.pool)
        each = (count - 1) // max(self.settings.base.horizon, 1)
        return range(1 + t * each, count)
