"""Entry of a worker process: start its guardian, then the worker.

Run as a file, before kvopt is imported, so that the guardian is a small
process. It waits until the parent's end of the pipe on file 0 is closed,
which the kernel does however the parent ends, and then kills the process
group: the worker, whatever native code it is in, and the solvers it started.
"""

import os
import select
import signal
import sys


def guard() -> None:
    """Wait for the end of the parent, then kill this process group."""
    null = os.open(os.devnull, os.O_RDWR)
    # Or the parent would not see the worker's end of the pipe close.
    os.dup2(null, 1)
    poll = select.poll()
    poll.register(0, 0)  # only that the other end is closed
    poll.poll()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    if os.fork() == 0:
        guard()
    from kvopt.sweep.worker import main

    main(int(sys.argv[1]))
