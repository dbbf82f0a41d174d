"""The gate before a schedule becomes a number: the independent checker."""

from __future__ import annotations

from kvopt.model import Instance, Schedule
from kvopt.sweep.verified import RejectedError as RejectedError
from kvopt.sweep.verified import verified
from kvopt.sweep.verified import verified_bound as verified_bound

__all__ = ["RejectedError", "verified_bound", "verified_latency"]


def verified_latency(instance: Instance, schedule: Schedule) -> int:
    """Return the total latency as the independent checker computes it.

    Raises
    ------
    RejectedError
        With the checker's lines, when it finds any violation.
    """
    latency = verified(instance, schedule).total_latency
    assert latency is not None  # it is given whenever nothing is violated
    return latency
