"""Signals that end a command: noted, and read at safe points.

SIGINT (Ctrl-C), SIGTERM and SIGHUP are one thing here. Around work whose
result is to be kept stands :func:`noting_interrupts`; a signal in there is
a note, which the work reads where it can stop. Anywhere else a signal raises
KeyboardInterrupt.

Standard library only: the command line imports it before anything that takes
time, so that there is no moment at which Ctrl-C is a traceback.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import Protocol

__all__ = [
    "Interruptible",
    "Interruption",
    "ending_signals",
    "exit_status",
    "noting_interrupts",
    "something_to_lose",
]


class Interruptible(Protocol):
    """Whatever is told of an interruption and looks at it now and then."""

    interrupted: bool


@dataclass
class Interruption:
    """A note of its own, for work that has no other place for it."""

    interrupted: bool = False


class _Signals:
    """What the handler knows; a process has one.

    Attributes
    ----------
    keepers
        Who is told, the outermost first.
    last
        Number of the last signal; 0 before any.
    installed
        Whether a command runs, so that all three signals come here.
    process
        Whether the process is there for that command only.
    leave
        Whether there is nothing to lose, so that the process just ends.
    terminals
        Which of the standard output and error were a terminal.
    """

    def __init__(self) -> None:
        self.keepers: list[Interruptible] = []
        self.last = 0
        self.installed = False
        self.process = False
        self.leave = False
        self.terminals: list[int] = []

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Note a signal, or raise KeyboardInterrupt."""
        self.last = number
        if number == getattr(signal, "SIGHUP", 0):
            self._forget_terminals()
        told = [k for k in self.keepers if not k.interrupted]
        for keeper in told:
            keeper.interrupted = True
        if told:
            return
        # Raised inside an import it may be swallowed (a bare except), or
        # leave half a module behind; whoever has something to keep is noting.
        importing = self.process and not self.keepers and _importing(frame)
        if self.leave or importing:
            os._exit(128 + number)
        raise KeyboardInterrupt

    def _forget_terminals(self) -> None:
        """Have what is printed go nowhere: the terminal is gone."""
        with suppress(OSError):
            null = os.open(os.devnull, os.O_WRONLY)
            for file in self.terminals:
                os.dup2(null, file)
            os.close(null)


_SIGNALS = _Signals()


def _importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


@contextmanager
def noting_interrupts(keeper: Interruptible) -> Iterator[None]:
    """Have a signal noted in ``keeper``; only a second one raises.

    An exception in the middle of whatever runs can be swallowed (modules
    imported inside a bare ``except``) or leave a half-made import behind.
    One inside another: both are told, and a signal that the outer one was
    told of before is noted at once.

    Outside of :func:`ending_signals` this holds for SIGINT only. Handlers
    that are not Python's own, and threads that get no signals, are left
    alone.
    """
    usual = signal.getsignal(signal.SIGINT)
    ours = _SIGNALS.installed or usual == _SIGNALS.handle
    plain = usual is signal.default_int_handler
    if not _in_main_thread() or not (ours or plain):
        yield
        return
    if any(other.interrupted for other in _SIGNALS.keepers):
        keeper.interrupted = True
    before = list(_SIGNALS.keepers)
    _SIGNALS.keepers = [*before, keeper]
    if plain:
        signal.signal(signal.SIGINT, _SIGNALS.handle)
    try:
        yield
    finally:
        if plain:
            signal.signal(signal.SIGINT, usual)
        _SIGNALS.keepers = before


@contextmanager
def ending_signals(process: bool) -> Iterator[None]:
    """Have SIGINT, SIGTERM and SIGHUP end the command that runs within.

    Those that the parent wants ignored (``nohup``) stay ignored. A thread
    that gets no signals changes nothing.

    Parameters
    ----------
    process
        Whether the process is there for the command only. Then a signal
        outside of :func:`something_to_lose` ends it at once: while it loads
        the command, and while it is torn down.
    """
    if not _in_main_thread():
        yield
        return
    before = {}
    _SIGNALS.last = 0
    _SIGNALS.process = _SIGNALS.leave = process
    _SIGNALS.terminals = [f for f in (1, 2) if process and os.isatty(f)]
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None or signal.getsignal(number) is signal.SIG_IGN:
            continue
        before[number] = signal.signal(number, _SIGNALS.handle)
    _SIGNALS.installed = True
    try:
        yield
    finally:
        if not process:
            _SIGNALS.installed = False
            for number, handler in before.items():
                signal.signal(number, handler)


@contextmanager
def something_to_lose() -> Iterator[None]:
    """Have a signal within raise KeyboardInterrupt, or be noted."""
    leave = _SIGNALS.leave
    _SIGNALS.leave = False
    try:
        yield
    finally:
        _SIGNALS.leave = leave


def exit_status() -> int:
    """Return the status of a command that a signal has ended: 128 + it."""
    return 128 + (_SIGNALS.last or signal.SIGINT)
