"""The process between kvopt and a solver that is a program: it cleans up.

Run as a file, with the standard library only. It makes a folder and prints
its path; then it reads the solver's command from its input, one line of
JSON, and runs it. What the solver prints goes where this process prints; a
last line says how it ended. Another line on the input asks the solver to
stop, and has it killed if it does not. When the input ends, which the kernel
sees to however the parent ends, the solver is killed and the folder removed.

It runs in a session of its own, so that whatever kills the parent's group
leaves it the time to do so.
"""

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable

# Seconds that the solver gets to write its solution after it was asked to
# stop.
GRACE = 1.0

# Begins the last line, before the solver's exit status.
ENDED = "kvopt: ended with code "

# Of Linux, in sys/prctl.h.
PR_SET_PDEATHSIG = 1


def main() -> None:
    """Do what the module says."""
    # None of the three is for this process. A solver gets Python's defaults.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), _nothing)
    folder = tempfile.mkdtemp(prefix="kvopt-")
    try:
        with contextlib.suppress(BrokenPipeError):
            print(folder, flush=True)
            command = sys.stdin.buffer.readline()
            if command:
                _run(json.loads(command))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _nothing(number: int, frame: object) -> None:
    """Handle a signal; unlike one that is ignored, not for children too."""


def _run(command: list[str]) -> None:
    solver = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        preexec_fn=_die_with_parent(),
    )
    listener = threading.Thread(target=_listen, args=[solver], daemon=True)
    listener.start()
    # A new line: a solver that was killed may have left half of one.
    print(f"\n{ENDED}{solver.wait()}", flush=True)
    listener.join()


def _listen(solver: "subprocess.Popen[bytes]") -> None:
    """Pass on the wish that the solver stop; kill it when the parent ends."""
    while sys.stdin.buffer.readline():
        solver.send_signal(signal.SIGINT)
        timer = threading.Timer(GRACE, solver.kill)
        timer.daemon = True
        timer.start()
    solver.kill()


def _die_with_parent() -> Callable[[], object] | None:
    """Return what has Linux kill a child when this process is killed."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main()
    # The reader may have gone, and flushing what is left would fail.
    os._exit(0)
