"""When a search accepts a change, and when it stops."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Protocol

from kvopt.model import InputError

__all__ = [
    "Acceptance",
    "Climb",
    "Evaluations",
    "Seconds",
    "Stopping",
    "parse_budget",
]


class Acceptance(Protocol):
    """Whether to go on from a changed instance."""

    def least(self, current: float) -> float:
        """Return the least ratio that is accepted after ``current``."""
        ...


class Stopping(Protocol):
    """Whether the budget is used up."""

    def share(self, evaluations: int) -> float:
        """Return the share of the budget that is used; stop from 1 on."""
        ...


@dataclass(frozen=True)
class Climb:
    """Accept what is not worse: plateaus are wandered over."""

    def least(self, current: float) -> float:
        """Return ``current``."""
        return current


@dataclass(frozen=True)
class Evaluations:
    """Stop after so many evaluations: the same result on every machine."""

    most: int

    def share(self, evaluations: int) -> float:
        """See :class:`Stopping`."""
        return evaluations / self.most


@dataclass(frozen=True)
class Seconds:
    """Stop so many seconds after this object was made."""

    most: float
    began: float = field(default_factory=time.monotonic)

    def share(self, evaluations: int) -> float:
        """See :class:`Stopping`."""
        return (time.monotonic() - self.began) / self.most


def parse_budget(text: str) -> Evaluations | Seconds:
    """Return the budget that ``"5000"`` (evaluations) or ``"10s"`` means.

    Raises
    ------
    InputError
        When it is neither, or not above 0.
    """
    wrong = InputError(
        "must be a number of evaluations such as 5000, or of seconds such "
        "as 10s; above 0",
        field="budget",
        value=text,
    )
    try:
        if text.endswith("s"):
            seconds = float(text[:-1])
            if not (math.isfinite(seconds) and seconds > 0):
                raise wrong
            return Seconds(seconds)
        evaluations = int(text)
    except ValueError:
        raise wrong from None
    if evaluations < 1:
        raise wrong
    return Evaluations(evaluations)
