"""H-SF: hindsight shortest-first, the benchmark of P3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.choices import Belief, Impossible, LookAhead, Order
from kvopt.policies.composed import ComposedPolicy, Composition

__all__ = ["HSF"]


@dataclass(frozen=True)
class HSF(ComposedPolicy):
    """Shortest true output first, while the whole future fits.

    P3 (arXiv 2508.14544): what its competitive ratios are measured against.
    The rules are those of MC-SF with true lengths. It is no optimum: other
    policies may come out slightly below it.
    """

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="h-sf",
        title="H-SF",
        summary="MC-SF with true lengths, under P3's name",
        paper="P3: Chen, Ye, Zhou, arXiv 2508.14544, benchmark",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.BATCH,
        restarts=False,
        ratio="that of MC-SF; P3's ratios are relative to H-SF",
        complexity="O(k log k) a test, k = active requests",
        reading="as summarised; the online use is an extension [inferred]",
    )

    @property
    def composition(self) -> Composition:
        """Length order, look-ahead, true lengths."""
        return Composition(
            order=Order.LENGTH,
            admission=LookAhead(),
            overflow=Impossible(),
            belief=Belief.TRUE,
        )
