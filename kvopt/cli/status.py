"""Exit statuses, as in the help of ``kvopt``."""

__all__ = ["BAD_INPUT", "FAILED", "INTERRUPTED", "NOT_REDERIVED"]

FAILED = 1
BAD_INPUT = 2
NOT_REDERIVED = 3
# Of Ctrl-C; main() makes it 143 for SIGTERM and 129 for SIGHUP.
INTERRUPTED = 130
