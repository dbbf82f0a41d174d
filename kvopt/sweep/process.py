"""One worker process that can be killed whatever it is doing."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from kvopt.sweep.messages import batch_line
from kvopt.sweep.task import SweepTask

__all__ = ["WorkerProcess"]

_LAUNCH = Path(__file__).with_name("launch.py")


class WorkerProcess:
    """A worker, the tasks it was sent, and since when it runs the first.

    Parameters
    ----------
    selector
        Where the worker's pipes are registered, with the worker as data.
    memory
        Memory limit of a task, in bytes.

    Attributes
    ----------
    ready
        Whether it has said that it is up.
    pending
        Tasks that it was sent and has not answered; it runs the first.
    since
        Time at which it began with that, or with what it does now.
    warming
        Whether it gets a slow start over with.
    answered
        Number of tasks that it has answered.
    peak
        Most memory that it was seen to take since it answered the last.
    """

    def __init__(self, selector: selectors.BaseSelector, memory: int) -> None:
        self.ready = False
        self.pending: deque[SweepTask] = deque()
        self.since = time.monotonic()
        self.warming = False
        self.answered = 0
        self.peak = 0
        self._selector = selector
        self._batch = 0
        self._outgoing = b""
        self._incoming = b""
        # Errors go where the parent's go until the worker has started, then
        # nowhere. A session of its own: Ctrl-C in the terminal is for the
        # parent only, and the group can be killed as a whole.
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(_LAUNCH), str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
            env=_environment(),
        )
        assert self._process.stdin and self._process.stdout
        self._tasks = self._process.stdin.fileno()
        self._outcomes = self._process.stdout.fileno()
        for file in (self._tasks, self._outcomes):
            os.set_blocking(file, False)
        selector.register(self._outcomes, selectors.EVENT_READ, self)

    @property
    def idle(self) -> bool:
        """Whether it waits for tasks."""
        return self.ready and not self.pending

    @property
    def soon_idle(self) -> bool:
        """Whether it is half through a batch of small tasks.

        Time to send more: a message can take longer than such a task.
        """
        return 0 < len(self.pending) <= self._batch // 2

    @property
    def pid(self) -> int:
        """Its process id, which is also that of its group."""
        return self._process.pid

    def send(self, tasks: Sequence[SweepTask]) -> None:
        """Give it tasks; they begin after those that it has."""
        if not self.pending:
            self.since = time.monotonic()
        self._batch = len(tasks)
        self.pending.extend(tasks)
        self._outgoing += batch_line(tasks)
        self._write()

    def _write(self) -> None:
        """Write what the pipe takes, and have the rest asked for later."""
        try:
            written = os.write(self._tasks, self._outgoing)
        except BlockingIOError:
            written = 0
        except BrokenPipeError:
            # It has died; the end of its outcomes will tell.
            written = len(self._outgoing)
        before, self._outgoing = self._outgoing, self._outgoing[written:]
        waiting = self._tasks in self._selector.get_map()
        if self._outgoing and not waiting:
            self._selector.register(self._tasks, selectors.EVENT_WRITE, self)
        elif before and not self._outgoing and waiting:
            self._selector.unregister(self._tasks)

    def exchange(self) -> tuple[list[dict[str, Any]], bool]:
        """Write and read what is possible without waiting.

        Returns
        -------
        list
            The messages that are complete.
        bool
            False when the worker has died.
        """
        if self._outgoing:
            self._write()
        # Asked before reading: what it said before it died is read in full.
        # The end of the pipe alone would not do, as a process that a task
        # forked may hold it open.
        alive = self._process.poll() is None
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(self._outcomes, 1 << 20):
                self._incoming += chunk
            alive = False
        *lines, self._incoming = self._incoming.split(b"\n")
        return [json.loads(line) for line in lines], alive

    def memory(self) -> int:
        """Resident memory of the worker and what it started, in bytes."""
        total = 0
        with contextlib.suppress(psutil.Error):
            worker = psutil.Process(self.pid)
            total = worker.memory_info().rss
            for child in worker.children(recursive=True):
                total += child.memory_info().rss
        self.peak = max(self.peak, total)
        return total

    def kill(self) -> str:
        """Kill the whole group; return how the worker itself ended."""
        # The guardian keeps the group's number from being used again.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        code = self._process.wait()
        for file in (self._tasks, self._outcomes):
            if file in self._selector.get_map():
                self._selector.unregister(file)
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(BrokenPipeError):
                assert pipe
                pipe.close()
        return f"signal {-code}" if code < 0 else f"exit code {code}"


def _environment() -> dict[str, str]:
    # The worker must find the same modules as the parent.
    path = os.pathsep.join(p or os.getcwd() for p in sys.path)
    return {**os.environ, "PYTHONPATH": path}
