"""The rule of P3's results on geometric and linearly weighted lengths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kvopt.policies.a_min import AMin
from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo

__all__ = ["DistributionRule"]


@dataclass(frozen=True)
class DistributionRule(AMin):
    """A_min, where lengths are geometric or ``P(o)`` falls as ``o q**o``.

    P3 (arXiv 2508.14544), results on distributions. For lengths that take
    two values the rule chooses between A_l and A_min
    (:class:`kvopt.policies.two_point_rule.TwoPointRule`); for these two laws
    there is no pass of known length to make first, and it is read as A_min
    [inferred].

    Parameters
    ----------
    update
        As in :class:`kvopt.policies.a_min.AMin`.
    """

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="distribution-rule",
        title="A_min for geometric lengths",
        summary="a-min, for geometric and linearly weighted lengths",
        paper="P3: Chen, Ye, Zhou, arXiv 2508.14544, distribution results",
        information=InformationModel.INTERVALS,
        arrivals=Arrivals.BATCH,
        restarts=True,
        ratio=(
            "1.7 (geometric) and 1.56 (linearly weighted geometric) against "
            "H-SF if all a_i = 0 and s_i = s is negligible (constants "
            "remembered, statements not found)"
        ),
        complexity="O(k log k) a test, k = active requests",
        reading=(
            "that A_min is the rule is inferred from the constants, which "
            "it stays below in simulations [inferred, checked]"
        ),
    )
