"""When the runs of a schedule took place, by a clock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kvopt.model.instance import IntArray

__all__ = ["Times"]


@dataclass(frozen=True, eq=False)
class Times:
    """Exact times of a simulation, in ticks.

    Parameters
    ----------
    unit, ticks
        ``"s"`` or ``"rounds"``, and how many ticks make one.
    arrival
        Time of arrival of each request, shape ``(n,)``.
    begin, first, end
        For each run of the schedule, in its order: when its first iteration
        begins, when that ends (the first token is there), when its last ends;
        shape ``(number of runs,)`` each.
    """

    unit: str
    ticks: int
    arrival: IntArray
    begin: IntArray
    first: IntArray
    end: IntArray

    def __post_init__(self) -> None:
        for name in ("arrival", "begin", "first", "end"):
            getattr(self, name).setflags(write=False)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Times):
            return NotImplemented
        names = ("arrival", "begin", "first", "end")
        return (self.unit, self.ticks) == (other.unit, other.ticks) and all(
            np.array_equal(getattr(self, k), getattr(other, k)) for k in names
        )

    def __hash__(self) -> int:
        return hash((self.unit, self.ticks, self.end.tobytes()))

    def units(self, ticks: IntArray) -> NDArray[np.float64]:
        """Return ticks in units."""
        return np.asarray(ticks) / self.ticks
