"""Ctrl-C as a note that is read at safe points."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

__all__ = ["Interruptible", "noting_interrupts"]


class Interruptible(Protocol):
    """Whatever is told of an interruption and looks at it now and then."""

    interrupted: bool


@contextmanager
def noting_interrupts(keeper: Interruptible) -> Iterator[None]:
    """Have a SIGINT noted in ``keeper``; only a second one raises.

    An exception in the middle of whatever runs can be swallowed (modules
    imported inside a bare ``except``) or leave a half-made import behind.
    Handlers that are not Python's own, and threads that get no signals, are
    left alone.
    """
    usual = signal.default_int_handler
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not usual:
        yield
        return

    def note(number: int, frame: FrameType | None) -> None:
        if keeper.interrupted:
            usual(number, frame)
        keeper.interrupted = True

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
