"""Exit statuses, as in the help of ``kvopt``."""

from typing import Any

__all__ = [
    "BAD_INPUT",
    "FAILED",
    "INTERRUPTED",
    "NOT_REDERIVED",
    "verdict_status",
]

FAILED = 1
BAD_INPUT = 2
NOT_REDERIVED = 3
# Of Ctrl-C; main() makes it 143 for SIGTERM and 129 for SIGHUP.
INTERRUPTED = 130


def verdict_status(verdict: Any) -> int:
    """Return the exit status that says what a verdict says.

    Parameters
    ----------
    verdict
        Any verdict of :mod:`kvopt.check`.
    """
    from kvopt.check import Optimality, WitnessVerdict

    if not verdict.ok:
        return FAILED
    if (
        isinstance(verdict, WitnessVerdict)
        and verdict.optimality is Optimality.NOT_REDERIVED
    ):
        return NOT_REDERIVED
    return 0
