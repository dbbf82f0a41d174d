"""Largest area first: a rule without a constant ratio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.choices import Belief, Impossible, LookAhead, Order
from kvopt.policies.composed import ComposedPolicy, Composition

__all__ = ["LargestAreaFirst"]


@dataclass(frozen=True)
class LargestAreaFirst(ComposedPolicy):
    """Largest memory-time volume first, while the whole future fits.

    Feng, Liu, Yang, Zhang (arXiv 2607.09248) show that it is unbounded: one
    large prompt blocks many small requests. With ``M = L**2``, one request
    ``(M-L, L)`` and ``M`` requests ``(0, 1)`` the ratio is at least
    ``L / 3``.
    """

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="largest-area-first",
        title="largest area first",
        summary="largest memory-time volume first, with look-ahead",
        paper="Feng, Liu, Yang, Zhang, arXiv 2607.09248, unbounded rules",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=False,
        ratio="none: unbounded (arXiv 2607.09248)",
        complexity="O(k log k) a test, k = active requests",
        reading="the look-ahead and the online use are readings [inferred]",
    )

    @property
    def composition(self) -> Composition:
        """Falling volumes, look-ahead, true lengths."""
        return Composition(
            order=Order.LARGEST_VOLUME,
            admission=LookAhead(),
            overflow=Impossible(),
            belief=Belief.TRUE,
        )
