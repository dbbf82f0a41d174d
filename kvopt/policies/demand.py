"""What an admission test weighs, in numbers that a person can read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, assert_never

from kvopt.policies.choices import (
    Active,
    Admission,
    CancelShortest,
    ClearAll,
    ClearEach,
    EvictLast,
    Impossible,
    LookAhead,
    Overflow,
    PeakReservation,
    UsageThreshold,
    Watermark,
    share,
)

__all__ = ["Demand", "demand", "overflow_text"]


class Demand(NamedTuple):
    """The units that would be needed, and those that may be.

    Parameters
    ----------
    units, limit
        In units of KV memory; the request fits if ``units <= limit``.
    when
        What the units are of: a round, or a sum over requests.
    """

    units: int
    limit: int
    when: str

    def __str__(self) -> str:
        """Say whether it fits, and by which numbers."""
        numbers = f"{self.units:,} of {self.limit:,} units {self.when}"
        if self.units <= self.limit:
            return f"fits: at most {numbers}"
        return f"does not fit: would take {numbers}"


def demand(
    admission: Admission,
    active: Sequence[Active],
    chosen: Sequence[Active],
    new: Active,
    now: int,
    memory: int,
) -> Demand:
    """Return by how much a request passes or fails an admission test.

    The test itself is the choice's own ``fits``; both always agree.

    Parameters
    ----------
    admission
        The test.
    active, chosen, new, now, memory
        As for ``fits`` of the choices.
    """
    jobs = [*active, *chosen, new]
    match admission:
        case LookAhead(margin):
            last = max(a.end for a in [*chosen, new])
            ends = {a.end for a in jobs if a.end <= last}
            units, at = max(
                (sum(a.prompt + t - a.start for a in jobs if a.end >= t), -t)
                for t in ends
            )
            return Demand(units, share(memory, margin), f"in round {-at:,}")
        case PeakReservation():
            units = sum(a.prompt + a.end - a.start for a in jobs)
            return Demand(units, memory, "as the sum of all peaks")
        case UsageThreshold(alpha):
            units = sum(a.prompt + now + 1 - a.start for a in jobs)
            following = f"in round {now + 1:,}"
            return Demand(units, share(memory, alpha), following)
        case Watermark(reserve):
            units = sum(a.prompt + now - a.start for a in jobs)
            limit = share(memory, reserve)
            if units > limit and len(jobs) > 1:
                return Demand(units, limit, "before the next token")
            following = f"in round {now + 1:,}"
            return Demand(units + len(jobs), memory, following)
        case _:
            assert_never(admission)


def overflow_text(overflow: Overflow) -> str:
    """Return why an overflow rule cancels a request."""
    full = "the next round would exceed the memory"
    match overflow:
        case Impossible():
            return full
        case ClearAll():
            return f"{full}: all are cancelled"
        case ClearEach(beta):
            return f"{full}: each is cancelled with probability {beta:g}"
        case EvictLast():
            return f"{full}: the last admitted are cancelled"
        case CancelShortest():
            return f"{full}: those believed shortest are cancelled"
        case _:
            assert_never(overflow)
