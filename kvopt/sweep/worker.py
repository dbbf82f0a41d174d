"""The inside of a worker process: tasks in, outcomes out, one at a time."""

from __future__ import annotations

import json
import os
import resource
import threading
from dataclasses import asdict
from typing import Any, BinaryIO

import psutil

from kvopt.model.compilation import noting_compilation
from kvopt.sweep.execute import run_task
from kvopt.sweep.kinds import kind_called
from kvopt.sweep.messages import read_batch

__all__ = ["main"]

# The parent watches the resident memory and gives the exact verdict; the
# kernel's limit is for what grows faster than it looks, and is wider because
# it also counts pages that were never touched.
_SLACK = 512 * 2**20


def main(memory: int) -> None:
    """Serve tasks until the parent closes the pipe.

    Parameters
    ----------
    memory
        Memory limit of a task, in bytes.
    """
    tasks, outcomes = _take_pipes()
    _limit_memory(memory)
    _say(outcomes, {"ready": True})
    with noting_compilation(lambda: _say(outcomes, {"compiling": True})):
        _serve(tasks, outcomes)


def _serve(tasks: BinaryIO, outcomes: BinaryIO) -> None:
    threads = threading.active_count()
    warm: set[tuple[str, str]] = set()
    for line in tasks:
        for task in read_batch(line):
            try:
                kind = kind_called(task.kind)
                if kind.warm_up is not None and task.group not in warm:
                    _say(outcomes, {"warming": True})
                    kind.warm_up(task.subject)
                    warm.add(task.group)
                    _say(outcomes, {"warming": False})
                outcome = run_task(task)
            except MemoryError:
                _say(outcomes, {"out_of_memory": True})
                return
            message = asdict(outcome)
            # A thread left behind would steal time from the next task.
            left_behind = threading.active_count() > threads
            message["retire"] = kind.fresh or left_behind
            _say(outcomes, message)


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Move the pipes away from files 0 and 1, which tasks may use."""
    tasks, outcomes = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for file in (0, 1, 2):
        os.dup2(null, file)
    return os.fdopen(tasks, "rb"), os.fdopen(outcomes, "wb")


def _say(outcomes: BinaryIO, message: dict[str, Any]) -> None:
    outcomes.write(json.dumps(message).encode() + b"\n")
    outcomes.flush()


def _limit_memory(memory: int) -> None:
    # Linux only: elsewhere there is no such figure, and no such limit.
    used = getattr(psutil.Process().memory_info(), "data", None)
    if used is not None:
        most = used + memory + _SLACK
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
