"""When a search stops."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from kvopt.model import InputError

__all__ = ["Evaluations", "Seconds", "Stopping", "parse_budget"]


class Stopping(Protocol):
    """Whether the budget is used up."""

    def share(self, evaluations: int, seconds: float) -> float:
        """Return the share of the budget that is used; stop from 1 on."""
        ...


@dataclass(frozen=True)
class Evaluations:
    """Stop after so many evaluations: the same result on every machine."""

    most: int

    def share(self, evaluations: int, seconds: float) -> float:
        """See :class:`Stopping`."""
        return evaluations / self.most


@dataclass(frozen=True)
class Seconds:
    """Stop after so many seconds of processor time.

    A busy machine changes little then. What a resumed search used before
    counts; what must be compiled does not.
    """

    most: float

    def share(self, evaluations: int, seconds: float) -> float:
        """See :class:`Stopping`."""
        return seconds / self.most


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
