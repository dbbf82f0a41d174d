"""Peak order: smallest peak memory first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.choices import Belief, Impossible, LookAhead, Order
from kvopt.policies.composed import ComposedPolicy, Composition

__all__ = ["PeakOrder"]


@dataclass(frozen=True)
class PeakOrder(ComposedPolicy):
    """Smallest ``s + o`` first, while the whole future fits.

    P2 (arXiv 2508.06133): a later abstract names priority by total size,
    and calls it unbounded.
    """

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="peak-order",
        title="total-size priority",
        summary="smallest peak s + o first",
        paper="P2: Wang, Ye, Zhou, arXiv 2508.06133, baseline",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.BATCH,
        restarts=False,
        ratio="none: unbounded (P2, later abstract)",
        complexity="O(k log k) a test, k = active requests",
        reading=("the look-ahead and the online use are readings [inferred]"),
    )

    @property
    def composition(self) -> Composition:
        """Peak order, look-ahead, true lengths."""
        return Composition(
            order=Order.PEAK,
            admission=LookAhead(),
            overflow=Impossible(),
            belief=Belief.TRUE,
        )
