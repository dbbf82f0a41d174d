"""What every measured row says of where it comes from: one stamp."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence

from kvopt.analysis import environment
from kvopt.sweep.versions import fingerprint

__all__ = ["machine", "stamp"]


def machine() -> str:
    """Return the platform and the number of cores this process may use."""
    cores = len(os.sched_getaffinity(0))
    return f"{platform.platform()}, {cores} cores"


def stamp(
    code: Sequence[str] = ("kvopt",),
    versions: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the columns ``code``, ``versions`` and ``machine`` of a row.

    Parameters
    ----------
    code
        Modules whose source decides the row; their hash is recorded.
    versions
        Versions of the packages that it rests on; None for all that kvopt
        knows of.
    """
    known = environment() if versions is None else dict(versions)
    known.setdefault("python", platform.python_version())
    return {
        "code": fingerprint(tuple(code)),
        "versions": ", ".join(f"{k} {v}" for k, v in sorted(known.items())),
        "machine": machine(),
    }
