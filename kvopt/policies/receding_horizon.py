"""Receding horizon: Sorted-F on the visible backlog at intervals."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

from kvopt.model.instance import MAX_ROUND, whole_number
from kvopt.policies.base import Arrivals, PolicyInfo
from kvopt.policies.choices import Planned
from kvopt.policies.composed import Composition
from kvopt.policies.sorted_f import SortedF

__all__ = ["RecedingHorizon"]


@dataclass(frozen=True)
class RecedingHorizon(SortedF):
    """Sorted-F, its order made anew for what waits, at intervals.

    P2 (arXiv 2508.06133): a later abstract names it, the content is a
    reading [inferred]. Requests that arrived since the last order wait
    behind it, by arrival. With all requests at 0 it is Sorted-F: no order is
    made anew when nothing has arrived.

    Parameters
    ----------
    selector, feasible, units, first, quantile
        See :class:`kvopt.policies.sorted_f.SortedF`.
    every
        Least number of rounds between two orders.
    """

    every: int = 10

    info: ClassVar[PolicyInfo] = dataclasses.replace(
        SortedF.info,
        name="receding-horizon",
        title="receding-horizon Sorted-F",
        summary="Sorted-F planned anew as requests arrive",
        arrivals=Arrivals.ONLINE,
        ratio="none proven",
        reading="named in a later abstract; the rule is a reading [inferred]",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number(self.every, "every", 1, MAX_ROUND)

    @property
    def composition(self) -> Composition:
        """Sorted-F, planned at most once in ``every`` rounds."""
        inner = super().composition
        assert isinstance(inner.order, Planned)
        order = dataclasses.replace(inner.order, every=self.every)
        return dataclasses.replace(inner, order=order)
