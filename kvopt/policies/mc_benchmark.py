"""MC-Benchmark: arrival order with the look-ahead of MC-SF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.choices import Belief, Impossible, LookAhead, Order
from kvopt.policies.composed import ComposedPolicy, Composition

__all__ = ["MCBenchmark"]


@dataclass(frozen=True)
class MCBenchmark(ComposedPolicy):
    """First come first served, while the whole future fits.

    P1 (arXiv 2502.07115v5), baseline of section 5: MC-SF with the waiting
    requests in order of arrival.
    """

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="mc-benchmark",
        title="MC-Benchmark",
        summary="arrival order with the same look-ahead",
        paper="P1: Jaillet et al., arXiv 2502.07115v5, section 5",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=False,
        ratio="none proven",
        complexity="O(k log k) a test, k = active requests",
        reading="as summarised",
    )

    @property
    def composition(self) -> Composition:
        """Arrival order, look-ahead, true lengths."""
        return Composition(
            order=Order.ARRIVAL,
            admission=LookAhead(),
            overflow=Impossible(),
            belief=Belief.TRUE,
        )
