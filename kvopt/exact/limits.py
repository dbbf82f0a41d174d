"""Limits that a caller may set, checked."""

from __future__ import annotations

import math

from kvopt.model import InputError

__all__ = ["check_time_limit"]


def check_time_limit(time_limit: float | None) -> None:
    """Refuse a limit that is not a positive number of seconds, or None."""
    if time_limit is None:
        return
    number = isinstance(time_limit, int | float)
    if not number or not (math.isfinite(time_limit) and time_limit > 0):
        raise InputError(
            "must be a positive number of seconds",
            field="time_limit",
            value=time_limit,
        )
