"""What one task may use before it is stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kvopt.model import InputError

__all__ = ["Limits", "bytes_of"]

_UNITS = {"MB": 10**6, "GB": 10**9}

# A worker with the solvers loaded takes about 200 MB before its first task.
_LEAST_MEMORY = 300 * 10**6

# Seconds, some thirty years; clocks count in floats.
_LONGEST = 10**9


@dataclass(frozen=True)
class Limits:
    """Limits of each task; a task that passes one becomes a failed row.

    Parameters
    ----------
    seconds
        Wall time.
    memory
        Resident memory of the worker and of the processes that it started,
        in bytes. The worker itself, about 0.2 GB, counts.
    """

    seconds: float = 600.0
    memory: int = 4 * 10**9

    def __post_init__(self) -> None:
        number = isinstance(self.seconds, int | float)
        if not number or isinstance(self.seconds, bool):
            raise InputError(
                "must be a number", field="limits.seconds", value=self.seconds
            )
        if not 0 < self.seconds <= _LONGEST:
            raise InputError(
                f"must be positive, and at most {_LONGEST:,}",
                field="limits.seconds",
                value=self.seconds,
            )
        if self.memory < _LEAST_MEMORY:
            raise InputError(
                f"must be at least {_LEAST_MEMORY // 10**6} MB: a worker "
                "takes some of it before its first task",
                field="limits.memory",
                value=self.memory,
            )


def bytes_of(text: Any) -> int:
    """Return the number of bytes in a text such as ``"2 GB"``.

    1 GB is ``10**9`` bytes.
    """
    number, _, unit = text.partition(" ") if isinstance(text, str) else "   "
    try:
        return round(float(number) * _UNITS[unit])
    except (KeyError, ValueError, OverflowError):
        raise InputError(
            "must be text such as '500 MB' or '2 GB'",
            field="limits.memory",
            value=text,
        ) from None
