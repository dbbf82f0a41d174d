"""Search for the optimum of the instance with a solver."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from kvopt.check.gate import verified, verified_bound
from kvopt.exact import SolverInfo, infos, solve
from kvopt.exact.semi_online import INFO as SEMI_ONLINE
from kvopt.exact.semi_online import solve_semi_online
from kvopt.model import InputError, Instance, SolveResult
from kvopt.model.instance import whole_number
from kvopt.sweep.kinds.base import Kind, complete

__all__ = ["SOLVE", "solver_packages"]

_DEFAULTS = {"time_limit": 60.0, "workers": 1}


def _read(
    subject: str, parameters: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    full = complete(parameters, _DEFAULTS, "solver runs")
    limit = full["time_limit"]
    number = isinstance(limit, int | float) and not isinstance(limit, bool)
    if not number or not 0 < limit < math.inf:
        raise InputError(
            "must be a positive number of seconds",
            field="time_limit",
            value=limit,
        )
    workers = whole_number(full["workers"], "workers", 1, 1024)
    _info(subject)
    return subject, {"time_limit": float(limit), "workers": workers}


def _info(name: str) -> SolverInfo:
    known = {info.name: info for info in (*infos(), SEMI_ONLINE)}
    if name not in known:
        raise InputError(
            f"unknown solver; known are {', '.join(known)}",
            field="solver",
            value=name,
        )
    info = known[name]
    if not info.available():
        raise InputError(
            f"needs the package {', '.join(info.missing())}: {info.install}",
            field="solver",
            value=name,
        )
    return info


def solver_packages(name: str) -> tuple[str, ...]:
    """Distributions that a solver rests on; "auto" may be any solver."""
    chosen = infos() if name == "auto" else (_info(name),)
    needed = {p for info in chosen if info.available() for p in info.packages}
    return ("numpy", *sorted(needed))


def _solve(
    instance: Instance, solver: str, parameters: Mapping[str, Any], seed: int
) -> SolveResult:
    if solver == SEMI_ONLINE.name:
        return solve_semi_online(instance, parameters["time_limit"], seed)
    return solve(instance, solver, seed=seed, **parameters)


def _run(
    instance: Instance, solver: str, parameters: Mapping[str, Any], seed: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    found = _solve(instance, solver, parameters, seed)
    result: dict[str, Any] = {
        "requests": len(instance),
        "memory": instance.memory,
        "objective": None,
        "lower_bound": found.lower_bound,
        "checked_bound": verified_bound(instance, found.certificate),
        "status": found.status.value,
        "solver": found.solver,
    }
    if found.schedule is not None:
        verdict = verified(instance, found.schedule)
        result["objective"] = verdict.total_latency
    return result, {"runtime": found.runtime}


SOLVE = Kind(
    field="solver",
    read=_read,
    run=_run,
    code=(
        "kvopt.model",
        "kvopt.policies",
        "kvopt.simulation",
        "kvopt.exact",
    ),
    packages=solver_packages,
    slow_start=True,
)
