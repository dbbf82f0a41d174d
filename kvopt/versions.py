"""Versions and machine: what a result or a bug report needs beside a seed."""

from __future__ import annotations

import os
import platform

__all__ = ["show_versions", "versions"]


def versions() -> dict[str, str]:
    """Return versions of kvopt, Python and packages, and the machine.

    A package that is not installed is left out; none is imported.
    """
    from kvopt.analysis.provenance import environment

    cores = os.cpu_count()
    return {
        **environment(),
        "system": platform.platform(),
        "machine": f"{platform.machine()}, {cores} cores",
    }


def show_versions() -> None:
    """Print what :func:`versions` returns, one line each."""
    found = versions()
    width = max(map(len, found))
    for name, value in found.items():
        print(f"{name:<{width}}  {value}")
