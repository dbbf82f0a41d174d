"""The command line: one command a file, thin."""

from __future__ import annotations

import gc
import signal

# Loading typing takes a moment in which Ctrl-C would be a traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

# New objects after which the garbage collector looks for cycles. Python's 700
# make it go over the compiler's modules again and again while they load.
_COLLECT_AFTER = 300_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit status.

    Parameters
    ----------
    arguments
        The words after ``kvopt``; None for those of the process.
    """
    if arguments is None:
        gc.set_threshold(_COLLECT_AFTER)
    usual = signal.getsignal(signal.SIGINT)
    if arguments is None and usual is signal.default_int_handler:
        # Until the handlers are there, Ctrl-C ends the process at once.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from kvopt.cli.status import INTERRUPTED
    from kvopt.interrupts import ending_signals, exit_status, something_to_lose

    with ending_signals(process=arguments is None):
        try:
            # Here, so that a signal while it loads is no traceback either.
            from kvopt.cli.app import run

            with something_to_lose():
                status = run(arguments)
        except KeyboardInterrupt:
            status = INTERRUPTED
        if status == INTERRUPTED:
            status = exit_status()
    if arguments is None:
        _leave_solvers_behind(status)
        # The process ends: else the collector goes over all modules twice.
        gc.freeze()
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
