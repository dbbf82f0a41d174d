"""How numba compiles; only modules of compiled functions import this."""

from __future__ import annotations

from typing import Any

from numba import njit

__all__ = ["entry", "inner"]

_OPTIONS = {"cache": True, "error_model": "numpy", "no_cfunc_wrapper": True}
_ENTRY: dict[str, Any] = {**_OPTIONS, "nogil": True}
_INNER: dict[str, Any] = {**_OPTIONS, "no_cpython_wrapper": True}
# For functions that Python calls; other threads run meanwhile.
entry = njit(**_ENTRY)
# For functions that only compiled code calls: without the wrappers for Python
# and C a third less is compiled. To call one from Python crashes the process;
# a test compiles a function of its own around it.
inner = njit(**_INNER)
