"""alpha-protection greedy scheduling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.choices import (
    Belief,
    ClearAll,
    Order,
    UsageThreshold,
    check_fraction,
)
from kvopt.policies.composed import ComposedPolicy, Composition

__all__ = ["AlphaGreedy"]


@dataclass(frozen=True)
class AlphaGreedy(ComposedPolicy):
    """Admit in arrival order below ``(1-alpha) M``; on overflow clear all.

    P1 (arXiv 2502.07115v5), baseline of section 5, after vLLM. It needs no
    output lengths. With a small ``alpha`` it may clear and retry for ever,
    which the engine reports as a livelock.

    Parameters
    ----------
    alpha
        Protected share of ``M``, in [0, 1). The paper shows 0.3 and 0.25
        [assignment inferred].
    """

    alpha: float = 0.3

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="alpha-greedy",
        title="alpha-protection greedy",
        summary="arrival order below (1-alpha) M; clears all on overflow",
        paper="P1: Jaillet et al., arXiv 2502.07115v5, section 5",
        information=InformationModel.NON_CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=True,
        ratio="none proven",
        complexity="O(k) a test, k = active requests",
        reading="name as summarised; the rule is a reading [inferred]",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_fraction(self.alpha, "alpha")

    @property
    def composition(self) -> Composition:
        """Arrival order, usage threshold, clear all."""
        return Composition(
            order=Order.ARRIVAL,
            admission=UsageThreshold(self.alpha),
            overflow=ClearAll(),
            belief=Belief.UNUSED,
        )
