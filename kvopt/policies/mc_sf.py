"""MC-SF: Memory-Constrained Shortest-First."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.choices import (
    Belief,
    ClearAll,
    Impossible,
    LookAhead,
    Order,
    check_fraction,
)
from kvopt.policies.composed import ComposedPolicy, Composition

__all__ = ["MCSF"]


@dataclass(frozen=True)
class MCSF(ComposedPolicy):
    """Shortest predicted output first, while the whole future fits.

    P1 (arXiv 2502.07115v5), section 4. Running requests always go on; the
    waiting ones are taken by predicted length, ties by arrival, up to the
    first whose addition would break the memory limit at some later round.

    Parameters
    ----------
    misfit
        ``"break"`` stops at the first request that does not fit, as in the
        paper; ``"skip"`` passes over it. With equal prompts both start the
        same requests.
    lengths
        ``"true"`` lengths, ``"point"`` predictions, or the ``"upper"`` ends
        of prediction intervals.
    margin
        Share of ``M`` that the look-ahead keeps free, in [0, 1). The paper
        uses 0.1 with noisy predictions.

    Notes
    -----
    Predictions that are too short can overflow the memory. Then all running
    requests are cleared [inferred], as the paper's greedy baselines do.
    """

    misfit: Literal["break", "skip"] = "break"
    lengths: Literal["true", "point", "upper"] = "true"
    margin: float = 0.0

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="mc-sf",
        title="MC-SF",
        summary="shortest predicted output first, while the whole future fits",
        paper="P1: Jaillet et al., arXiv 2502.07115v5, section 4",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=False,
        ratio=(
            "O(1), proof constant 9216, if all a_i = 0, all s_i = s and "
            "M >= 2 max(s + o) (Thm 4.3); Omega(sqrt n) online (Thm 4.1)"
        ),
        complexity="O(k log k) a test, k = active requests",
        reading=(
            "break variant as summarised; skip variant, margin and "
            "clearing on overflow are readings [inferred]"
        ),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_fraction(self.margin, "margin")

    @property
    def composition(self) -> Composition:
        """Length order, look-ahead; overflow only by short predictions."""
        exact = self.lengths == "true"
        return Composition(
            order=Order.LENGTH,
            admission=LookAhead(self.margin),
            overflow=Impossible() if exact else ClearAll(),
            belief=Belief(self.lengths),
            misfit=self.misfit,
        )
