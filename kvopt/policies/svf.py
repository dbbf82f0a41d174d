"""SVF: Smallest Volume First."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.choices import Belief, Impossible, LookAhead, Order
from kvopt.policies.composed import ComposedPolicy, Composition

__all__ = ["SVF"]


@dataclass(frozen=True)
class SVF(ComposedPolicy):
    """Smallest memory-time volume first, while the whole future fits.

    P6 (Kong, Qi, Ye, Zhou, arXiv 2606.22327): queue by
    ``s*o + o*(o+1)/2``, start the head while it passes the forward memory
    check. Equal to MC-SF when all prompts are equal.

    Notes
    -----
    The guarantee needs ``alpha < 1``. With ``M = a*(a+1)/2`` and requests
    ``(s, o)`` that alternate between ``(0, a)`` and ``(M-1, 1)``, all of
    volume ``M`` and all at 0, none runs beside another kind, and the ratio
    to MC-SF grows as ``(a+1)/2`` (readings.md 6.1).
    """

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="svf",
        title="SVF",
        summary="smallest memory-time volume first, with look-ahead",
        paper="P6: Kong, Qi, Ye, Zhou, arXiv 2606.22327",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=False,
        ratio=(
            "1 + 2/(1 - alpha) if all a_i = 0 and every s_i + o_i <= "
            "alpha M with alpha < 1; unbounded when peaks reach M"
        ),
        complexity="O(k log k) a test, k = active requests",
        reading="as summarised; the online use is an extension [inferred]",
    )

    @property
    def composition(self) -> Composition:
        """Volume order, look-ahead, true lengths."""
        return Composition(
            order=Order.VOLUME,
            admission=LookAhead(),
            overflow=Impossible(),
            belief=Belief.TRUE,
        )
