"""Kinds of tasks for tests: a slow one, and several that misbehave."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from kvopt.sweep import Kind


def _kind(run, fresh=False) -> Kind:
    return Kind(
        field="test",
        read=lambda subject, parameters: (subject, parameters),
        run=run,
        code=("tests.sweep.example_kinds",),
        packages=lambda subject: (),
        fresh=fresh,
    )


def _sum(instance, subject, parameters, seed):
    """Take the milliseconds that the subject says."""
    time.sleep(int(subject) / 1000)
    total = int(instance.output.sum()) + seed
    return {"total": total}, {"runtime": int(subject) / 1000}


def _eat(instance, subject, parameters, seed):
    eaten = []
    while True:
        eaten.append(bytearray(b"x" * 20_000_000))
        time.sleep(float(subject))


def _never(instance, subject, parameters, seed):
    """Hold the interpreter's lock in native code, for ever."""
    ctypes.PyDLL(None).pause()


def _with_child(instance, subject, parameters, seed):
    """Start a solver-like child, tell its number, and never end."""
    child = subprocess.Popen(["sleep", "1000"])
    Path(subject).write_text(f"{os.getpid()} {child.pid}")
    ctypes.PyDLL(None).pause()


def _segfault(instance, subject, parameters, seed):
    os.kill(os.getpid(), signal.SIGSEGV)


def _exit(instance, subject, parameters, seed):
    os._exit(3)


def _raise(instance, subject, parameters, seed):
    raise RuntimeError("two\nlines")


def _quit(instance, subject, parameters, seed):
    sys.exit("enough")


def _print(instance, subject, parameters, seed):
    """Write on what was the pipe, in Python and below it."""
    print("{}")
    os.write(1, b"garbage\n")
    return {"total": 0}, {}


def _not_json(instance, subject, parameters, seed):
    return {"total": float("nan")}, {}


def _die_once(instance, subject, parameters, seed):
    """Die the first time, as if somebody had killed the worker."""
    mark = Path(subject)
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return {"total": 1}, {}


def _who(instance, subject, parameters, seed):
    """Tell the number of the process."""
    return {"pid": os.getpid()}, {}


SUM = _kind(_sum)
EAT = _kind(_eat)
NEVER = _kind(_never)
WITH_CHILD = _kind(_with_child)
SEGFAULT = _kind(_segfault)
EXIT = _kind(_exit)
RAISE = _kind(_raise)
QUIT = _kind(_quit)
PRINT = _kind(_print)
NOT_JSON = _kind(_not_json)
DIE_ONCE = _kind(_die_once)
FRESH = _kind(_who, fresh=True)
