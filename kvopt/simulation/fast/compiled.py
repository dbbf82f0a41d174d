"""How the parts of the event loop are compiled."""

from __future__ import annotations

from typing import Any

from numba import njit

__all__ = ["inner"]

# For functions that only compiled code calls: without the wrappers for Python
# and C a third less is compiled. To call one from Python crashes the process;
# a test compiles a function of its own around it.
_OPTIONS: dict[str, Any] = {
    "cache": True,
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}
inner = njit(**_OPTIONS)
