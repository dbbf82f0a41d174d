"""How numba compiles; only modules of compiled functions import this.

A kernel in the cache does not see that a function which it calls has changed:
whoever edits one clears the cache (``*.nbi`` and ``*.nbc``).
"""

from __future__ import annotations

import time
from typing import Any

from numba import njit
from numba.core import event

from kvopt.model.compilation import (
    Compiled,
    compilation_begins,
    compilation_ended,
)

__all__ = ["entry", "helper", "inner", "kernel", "part"]

_OPTIONS = {"cache": True, "error_model": "numpy", "no_cfunc_wrapper": True}
_ENTRY: dict[str, Any] = {**_OPTIONS, "nogil": True}
_INNER: dict[str, Any] = {**_OPTIONS, "no_cpython_wrapper": True}
# For functions that Python calls; other threads run meanwhile.
entry = njit(**_ENTRY)
# For functions that only compiled code calls: without the wrappers for Python
# and C a third less is compiled. To call one from Python crashes the process;
# a test compiles a function of its own around it.
inner = njit(**_INNER)
# For a function that is called in one or two places of a loop: it is put
# there, which saves counting the references of its arrays at every call.
part = njit(**_INNER, inline="always")
# The same for functions that make no array; one that does fails to compile.
# Whoever calls them holds what they work on, so they count no references, and
# a tuple of arrays costs nothing, however often it is handed on. Helpers are
# put where they are called, but compiled once. A kernel that Python gives a
# random generator has to be an entry: it would hold the generator for ever.
_KERNEL: dict[str, Any] = {**_ENTRY, "_nrt": False}
_HELPER: dict[str, Any] = {**_INNER, "_nrt": False, "forceinline": True}
kernel = njit(**_KERNEL)
helper = njit(**_HELPER)


class _Listener(event.Listener):
    """Passes on what numba says; it compiles one function at a time."""

    def __init__(self) -> None:
        self.began: list[float] = []

    def on_start(self, event: Any) -> None:
        self.began.append(time.monotonic())
        compilation_begins()

    def on_end(self, event: Any) -> None:
        function = event.data["dispatcher"].py_func
        name = f"{function.__module__}.{function.__name__}"
        seconds = time.monotonic() - self.began.pop()
        compilation_ended(Compiled(name, seconds))


event.register("numba:compile", _Listener())
