"""Exit statuses, as in the help of ``kvopt``."""

__all__ = ["BAD_INPUT", "FAILED", "INTERRUPTED"]

FAILED = 1
BAD_INPUT = 2
INTERRUPTED = 130
