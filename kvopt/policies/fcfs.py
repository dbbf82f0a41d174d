"""FCFS by peak reservation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.choices import Belief, Impossible, Order, PeakReservation
from kvopt.policies.composed import ComposedPolicy, Composition

__all__ = ["FCFS"]


@dataclass(frozen=True)
class FCFS(ComposedPolicy):
    """First come first served; each request reserves its peak ``s + o``.

    The baseline of P2 (arXiv 2508.06133); that it reserves peaks is a
    reading [inferred]. Unbounded ratio as ``M`` grows.
    """

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="fcfs",
        title="FCFS",
        summary="arrival order, peaks reserved",
        paper="P2: Wang, Ye, Zhou, arXiv 2508.06133, baseline",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=False,
        ratio="none: Omega(sqrt M) with unequal prompts (P2)",
        complexity="O(k) a test, k = active requests",
        reading="admission by peak reservation is a reading [inferred]",
    )

    @property
    def composition(self) -> Composition:
        """Arrival order, peaks reserved, true lengths."""
        return Composition(
            order=Order.ARRIVAL,
            admission=PeakReservation(),
            overflow=Impossible(),
            belief=Belief.TRUE,
        )
