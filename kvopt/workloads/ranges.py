"""Checks of the numbers and ranges that workloads are made from."""

from __future__ import annotations

from typing import Any

from kvopt.model import InputError
from kvopt.model.instance import real_number, whole_number

__all__ = ["MAX_REQUESTS", "integer_range", "real_range"]

# Keeps an instance within a few hundred megabytes while it is built.
MAX_REQUESTS = 10**7


def integer_range(
    value: Any, name: str, minimum: int, maximum: int
) -> tuple[int, int]:
    """Return ``(low, high)``, both included, or raise InputError.

    Parameters
    ----------
    value
        What was given.
    name
        Name of the field that an error names.
    minimum, maximum
        The limits, both included.
    """
    low, high = _ends(value, name)
    low = whole_number(low, f"{name}.low", minimum, maximum)
    high = whole_number(high, f"{name}.high", minimum, maximum)
    _check_order(low, high, name)
    return low, high


def real_range(
    value: Any, name: str, minimum: float, maximum: float
) -> tuple[float, float]:
    """Return ``(low, high)`` of an interval, or raise InputError.

    Parameters
    ----------
    value
        What was given.
    name
        Name of the field that an error names.
    minimum, maximum
        The limits, both included.
    """
    low, high = _ends(value, name)
    low = real_number(low, f"{name}.low", minimum, maximum)
    high = real_number(high, f"{name}.high", minimum, maximum)
    _check_order(low, high, name)
    return low, high


def _ends(value: Any, name: str) -> tuple[Any, Any]:
    if not isinstance(value, tuple) or len(value) != 2:
        raise InputError("must be a pair (low, high)", field=name, value=value)
    return value


def _check_order(low: float, high: float, name: str) -> None:
    if low > high:
        raise InputError(
            "low must not exceed high", field=name, value=(low, high)
        )
