"""The dual side: multipliers, windows, bounds and their certificate."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kvopt.exact.bounds.groups import Groups
from kvopt.exact.bounds.unlinked import SCALE, OutOfRange, Relaxation
from kvopt.exact.bounds.unlinked_ascent import (
    Point,
    ascend,
    carried,
    first_multipliers,
)
from kvopt.exact.bounds.unlinked_states import States
from kvopt.exact.search.guide import Guide
from kvopt.model import BoundCertificate
from kvopt.model.instance import IntArray

__all__ = ["Dual"]

# States times rounds of a certificate: the independent checker, in plain
# Python, takes about half a minute.
MAX_CERTIFIED = 10_000_000


class Dual:
    """Multipliers carried through relaxations from coarse to fine.

    Parameters
    ----------
    groups
        The requests.
    rounds
        Horizon ``T``.
    completion
        Completion rounds of a schedule, shape ``(n,)``.
    """

    def __init__(
        self, groups: Groups, rounds: int, completion: IntArray
    ) -> None:
        self.groups, self.rounds = groups, rounds
        lam = first_multipliers(groups, completion)
        self.point = Point(lam, np.zeros((0, 0), np.int64))
        self.relaxation: Relaxation | None = None
        self.windows: NDArray | None = None
        self._states: dict[int, States] = {}

    def states(self, threshold: int) -> States:
        """Return the states of a threshold; made once."""
        if threshold not in self._states:
            self._states[threshold] = States(self.groups.memory, threshold)
        return self._states[threshold]

    def enter(self, threshold: int, width: int) -> None:
        """Go on with the relaxation of this threshold and width."""
        old = self.relaxation
        if old and (old.threshold, old.width) == (threshold, width):
            return
        self.relaxation = None
        new = Relaxation(
            self.groups, self.rounds, threshold, width, self.states(threshold)
        )
        lam = self.point.lam
        if old is None:
            nu = np.zeros((new.buckets, new.columns), np.int64)
        else:
            lam, nu = carried(lam, self.point.nu, old, new)
        self.point = Point(lam, nu)
        if self.windows is not None:
            new.allowed = self.windows
        self.relaxation = new

    def ascend(
        self,
        target: int,
        iterations: int,
        step: float,
        checkpoint: Callable[[], None],
    ) -> int:
        """Improve the multipliers; return the scaled bound.

        It holds for schedules inside the windows. See
        :func:`kvopt.exact.bounds.unlinked_ascent.ascend`.
        """
        ascend(
            self._current(), self.point, target, iterations, step, checkpoint
        )
        return self.value()

    def value(self) -> int:
        """Return the scaled bound of the present multipliers."""
        if self.point.value is None:
            raise OutOfRange
        return self.point.value

    def guide(self, most: int) -> Guide:
        """Return the costs to go; shrink the windows for ``TEL <= most``."""
        relaxation = self._current()
        guide = Guide(relaxation, self.point.lam, self.point.nu)
        self.windows = guide.windows(most)
        relaxation.allowed = self.windows
        return guide

    def certificate(self, instance: str) -> BoundCertificate | None:
        """Return a certificate of the present multipliers, if of use.

        One evaluation without windows; its bound holds for all schedules.
        None when the checker would take too long.

        Parameters
        ----------
        instance
            Hash of the instance.
        """
        relaxation = self._current()
        if len(relaxation.states) * self.rounds > MAX_CERTIFIED:
            return None
        lam, nu = relaxation.clamped(self.point.lam), self.point.nu
        allowed = relaxation.allowed
        relaxation.allowed = np.ones_like(allowed)
        try:
            value = relaxation.evaluate(lam, nu)
        finally:
            relaxation.allowed = allowed
        multipliers = np.zeros(self.groups.requests, np.int64)
        for members, own in zip(self.groups.members, lam, strict=True):
            multipliers[members] = own
        bucket, prompt = np.nonzero(nu)
        prices = np.stack([bucket, prompt, nu[bucket, prompt]], axis=1)
        return BoundCertificate(
            instance,
            "lagrangian",
            -(-value // SCALE),
            {
                "scale": SCALE,
                "threshold": relaxation.threshold,
                "horizon": self.rounds,
                "width": relaxation.width,
                "multipliers": multipliers.tolist(),
                "prices": prices.tolist(),
            },
        )

    def _current(self) -> Relaxation:
        if self.relaxation is None:
            raise OutOfRange
        return self.relaxation
