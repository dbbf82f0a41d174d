"""One row of ``exact.py``: a method on an instance, in its own process."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.exact_pyjobshop import PACKAGES, solve_with_pyjobshop
from kvopt.check.gate import verified, verified_bound
from kvopt.exact import solve
from kvopt.model import InputError, Instance, SolveResult
from kvopt.sweep import Kind
from kvopt.sweep.kinds.solve import SOLVE, solver_packages, warm_up

__all__ = ["METHODS", "ROW"]

METHODS = ("search", "cpsat", "cpsat-interval", "highs", "cbc", "pyjobshop")
# Solved first by PyJobShop, so that loading it is not in the seconds.
SMALL = Instance.of(8, [(0, 1, 5), (0, 1, 3), (2, 3, 1)])


def _read(
    method: str, parameters: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    if method not in METHODS:
        raise InputError(
            f"unknown method; known are {', '.join(METHODS)}",
            field="methods",
            value=method,
        )
    if method == "pyjobshop" and find_spec("pyjobshop") is None:
        raise InputError(
            "needs the package pyjobshop: pip install 'kvopt[bench]'",
            field="methods",
            value=method,
        )
    _, complete = SOLVE.read("search", parameters)
    return method, complete


def _packages(method: str) -> tuple[str, ...]:
    if method == "pyjobshop":
        return ("numpy", *PACKAGES)
    compiled = ("numba",) if method == "search" else ()
    return (*solver_packages(method), *compiled)


def _solve(
    instance: Instance, method: str, limit: float, threads: int, seed: int
) -> SolveResult:
    if method == "pyjobshop":
        return solve_with_pyjobshop(instance, limit, threads, seed)
    return solve(instance, method, limit, threads, seed)


def _run(
    instance: Instance, method: str, parameters: Mapping[str, Any], seed: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    limit, threads = parameters["time_limit"], parameters["workers"]
    began = time.monotonic()
    if method == "pyjobshop":
        _solve(SMALL, method, 60.0, threads, seed)
    else:
        warm_up(method)
    warm = time.monotonic() - began
    busy = _cpu_seconds()
    found = _solve(instance, method, limit, threads, seed)
    busy = _cpu_seconds() - busy
    result = {
        "status": found.status.value,
        "objective": verified(instance, found.schedule).total_latency,
        "lower_bound": found.lower_bound,
        "checked_bound": verified_bound(instance, found.certificate),
        "certificate": found.certificate.method,
        "reason": found.reason,
    }
    measured = {
        "runtime": found.runtime,
        "cpu": busy,
        "warm_up": warm,
        "high_water": _high_water(),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return result, measured


def _cpu_seconds() -> float:
    """Processor time of this process and of the children that ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _high_water() -> int:
    """Most resident memory that this process ever had, in bytes; 0 unknown.

    Not ``ru_maxrss``: Linux lets it begin with that of the parent.
    """
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    return 0


ROW = Kind(
    field="method",
    read=_read,
    run=_run,
    # The instance itself is in the key, so what drew it need not be.
    code=(
        "kvopt.model",
        "kvopt.policies",
        "kvopt.simulation",
        "kvopt.exact",
        "benchmarks.exact_kind",
        "benchmarks.exact_pyjobshop",
    ),
    packages=_packages,
    fresh=True,
)
