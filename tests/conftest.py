"""Processes that tests start and signals, whatever the parent ignores."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess

import pytest

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _default_signals() -> None:
    for number in ENDING:
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def _ctrl_c():
    """Let Ctrl-C raise, also where the parent has it ignored (nohup)."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def child():
    """Start processes with default signals, in groups that end with the test.

    What a child starts in a group of its own, such as the workers of a
    sweep, is to end with the child: that is among what is tested.
    """
    started: list[subprocess.Popen] = []

    def start(command, **options):
        process = subprocess.Popen(
            [*map(str, command)],
            start_new_session=True,
            preexec_fn=_default_signals,
            **options,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
