"""alpha-protection beta-clearing scheduling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.choices import (
    Belief,
    ClearEach,
    Order,
    UsageThreshold,
    check_fraction,
)
from kvopt.policies.composed import ComposedPolicy, Composition

__all__ = ["AlphaBetaClearing"]


@dataclass(frozen=True)
class AlphaBetaClearing(ComposedPolicy):
    """Admit in arrival order below ``(1-alpha) M``; clear at random.

    P1 (arXiv 2502.07115v5), baseline of section 5. On overflow each running
    request is cancelled with probability ``beta``, again and again until the
    rest fits.

    Parameters
    ----------
    alpha
        Protected share of ``M``, in [0, 1).
    beta
        Probability of clearing a request, in (0, 1]. The paper shows
        (alpha, beta) in {0.2, 0.1} x {0.2, 0.1} [assignment inferred].
    """

    alpha: float = 0.2
    beta: float = 0.2

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="alpha-beta-clearing",
        title="alpha-protection beta-clearing",
        summary="arrival order below (1-alpha) M; clears each at random",
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
        check_fraction(self.beta, "beta", zero=False, one=True)

    @property
    def composition(self) -> Composition:
        """Arrival order, usage threshold, clear each with probability."""
        return Composition(
            order=Order.ARRIVAL,
            admission=UsageThreshold(self.alpha),
            overflow=ClearEach(self.beta),
            belief=Belief.UNUSED,
        )
