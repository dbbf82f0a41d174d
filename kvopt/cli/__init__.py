"""The command line: one command a file, thin."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit status.

    Parameters
    ----------
    arguments
        The words after ``kvopt``; None for those of the process.
    """
    try:
        # Here, so that Ctrl-C during the import is no traceback either.
        from kvopt.cli.app import run
    except KeyboardInterrupt:
        return 130
    status = run(arguments)
    if arguments is None:
        _leave_solvers_behind(status)
    return status


def _leave_solvers_behind(status: int) -> None:
    """End the process at once if a solver has not stopped when told to.

    It would otherwise be torn down while it runs, and abort the process.
    """
    import os
    import sys
    import threading

    others = threading.enumerate()
    if any(thread.name.startswith("kvopt-") for thread in others):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
