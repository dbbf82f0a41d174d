"""Limits that a caller may set, checked."""

from __future__ import annotations

import math

from kvopt.model import InputError

__all__ = ["check_memory_limit", "check_time_limit"]

# GiB below which not even the packages have room.
LEAST_MEMORY = 0.0625
# GiB where the caller says nothing.
USUAL_MEMORY = 4.0
# Seconds, some thirty years.
LONGEST = 10**9


def check_time_limit(time_limit: float | None) -> None:
    """Refuse a limit that is not a positive number of seconds, or None."""
    if time_limit is None:
        return
    number = isinstance(time_limit, int | float)
    # Of an integer of a thousand digits no float can be made.
    if not number or not 0 < time_limit <= LONGEST:
        raise InputError(
            f"must be a positive number of seconds, at most {LONGEST:,}",
            field="time_limit",
            value=time_limit,
        )


def check_memory_limit(memory_limit: float | None) -> int:
    """Return a limit in GiB as bytes; refuse what nothing can run in."""
    if memory_limit is None:
        memory_limit = USUAL_MEMORY
    number = isinstance(memory_limit, int | float)
    if not (number and LEAST_MEMORY <= memory_limit < math.inf):
        raise InputError(
            f"must be a number of GiB, at least {LEAST_MEMORY}",
            field="memory_limit",
            value=memory_limit,
        )
    return int(memory_limit * 2**30)
