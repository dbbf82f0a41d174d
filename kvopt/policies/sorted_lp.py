"""Sorted-LP: by the fractional starts of the linear relaxation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.choices import Belief, Impossible, LookAhead, Planned
from kvopt.policies.composed import ComposedPolicy, Composition
from kvopt.policies.lp_relaxation import lp_order

__all__ = ["SortedLP"]


@dataclass(frozen=True)
class SortedLP(ComposedPolicy):
    """Order by fractional start, then start while the future fits.

    P2 (arXiv 2508.06133), Sorted-LP: the time-indexed program is relaxed to
    ``0 <= x <= 1``; requests are ordered by ``sum_t t x[i, t]``, ties by
    output, prompt and number. For small instances: the program has to stay
    below a million terms, about ``n * o`` times the rounds.

    Notes
    -----
    Where the relaxation has many optimal solutions, the order depends on the
    one that the solver returns. Online, everything that waits is put in
    order anew when requests have arrived, as if nothing ran [inferred].
    """

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="sorted-lp",
        title="Sorted-LP",
        summary="order of the fractional starts of the LP relaxation",
        paper="P2: Wang, Ye, Zhou, arXiv 2508.06133",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.BATCH,
        restarts=False,
        ratio="none proven",
        complexity="one linear program, then O(k log k) a test",
        reading=(
            "named in the paper; program, order, ties and online use are "
            "readings [inferred]"
        ),
    )

    @property
    def composition(self) -> Composition:
        """Order of the relaxation, look-ahead, true lengths."""
        return Composition(
            order=Planned(lp_order),
            admission=LookAhead(),
            overflow=Impossible(),
            belief=Belief.TRUE,
        )
