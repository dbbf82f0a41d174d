"""Ratios of a policy's cost to the optimum, as intervals when it is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kvopt.model import InputError
from kvopt.model.showing import Fact, Shown

__all__ = ["MeanRatio", "Ratio", "mean_ratio"]


@dataclass(frozen=True)
class Ratio(Shown):
    """``policy cost / optimum``, where the optimum lies in an interval.

    Parameters
    ----------
    objective
        Total latency of the policy's schedule, in rounds.
    lower_bound
        Proved lower bound on the optimum, in rounds.
    best
        Total latency of the best schedule known, in rounds; the policy's own
        schedule counts, so ``best <= objective``.

    Raises
    ------
    InputError
        Unless ``0 < lower_bound <= best <= objective``: the numbers then
        contradict each other and no ratio follows from them.
    """

    objective: int
    lower_bound: int
    best: int

    def __post_init__(self) -> None:
        if self.lower_bound < 1:
            raise InputError(
                "must be positive", field="lower_bound", value=self.lower_bound
            )
        if self.best < self.lower_bound:
            raise InputError(
                f"is below the lower bound {self.lower_bound}",
                field="best",
                value=self.best,
            )
        if self.objective < self.best:
            raise InputError(
                f"is below best = {self.best}: then it is the best known",
                field="objective",
                value=self.objective,
            )

    def summary(self) -> list[Fact]:
        """Return the interval, and what it is made of."""
        proved = f"{self.low:.6f}, proved"
        open_ = f"in [{self.low:.6f}, {self.high:.6f}]"
        return [
            ("ratio", proved if self.proved else open_),
            ("policy", self.objective),
            ("best known", self.best),
            ("lower bound", self.lower_bound),
        ]

    @property
    def low(self) -> float:
        """Least ratio possible: ``objective / best``."""
        return self.objective / self.best

    @property
    def high(self) -> float:
        """Greatest ratio possible: ``objective / lower_bound``."""
        return self.objective / self.lower_bound

    @property
    def proved(self) -> bool:
        """True when the optimum is known, and with it the ratio."""
        return self.best == self.lower_bound

    @property
    def optimal(self) -> bool | None:
        """Whether the policy was optimal; None when that is open."""
        if self.objective == self.lower_bound:
            return True
        return False if self.objective > self.best else None


@dataclass(frozen=True)
class MeanRatio:
    """Mean of ratios, and how much of it is proved.

    Parameters
    ----------
    low, high
        The mean lies between them; equal when every ratio is proved.
    count, proved
        Number of ratios, and of those whose optimum is known.
    optimal, not_optimal
        How often the policy was surely optimal, and surely not. What is
        missing from ``count`` is open.
    """

    low: float
    high: float
    count: int
    proved: int
    optimal: int
    not_optimal: int


def mean_ratio(ratios: Sequence[Ratio]) -> MeanRatio:
    """Return the mean of ``ratios``, ``O(n)``.

    Raises
    ------
    InputError
        When there are none.
    """
    count = len(ratios)
    if not count:
        raise InputError("a mean needs a ratio", field="ratios", value=[])
    return MeanRatio(
        low=sum(ratio.low for ratio in ratios) / count,
        high=sum(ratio.high for ratio in ratios) / count,
        count=count,
        proved=sum(ratio.proved for ratio in ratios),
        optimal=sum(ratio.optimal is True for ratio in ratios),
        not_optimal=sum(ratio.optimal is False for ratio in ratios),
    )
