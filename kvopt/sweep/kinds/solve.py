"""Search for the optimum of the instance with a solver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kvopt.check.gate import verified, verified_bound
from kvopt.exact import solve
from kvopt.exact.control.limits import check_time_limit
from kvopt.exact.registry import named
from kvopt.model import InputError, Instance
from kvopt.model.instance import whole_number
from kvopt.sweep.kinds.base import Kind, complete

__all__ = ["SOLVE", "solver_packages", "warm_up"]

_DEFAULTS = {"time_limit": 60.0, "workers": 1}


def _read(
    subject: str, parameters: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    full = complete(parameters, _DEFAULTS, "solver runs")
    limit = full["time_limit"]
    if limit is None or isinstance(limit, bool):
        raise InputError(
            "must be a positive number of seconds",
            field="time_limit",
            value=limit,
        )
    check_time_limit(limit)
    workers = whole_number(full["workers"], "workers", 1, 1024)
    named(subject, {"workers": workers} if workers > 1 else {})
    return subject, {"time_limit": float(limit), "workers": workers}


def solver_packages(name: str) -> tuple[str, ...]:
    """Distributions that a solver rests on; "auto" may be one of several."""
    needed = {p for solver in named(name, {}) for p in solver.info.packages}
    return ("numpy", *sorted(needed))


def warm_up(name: str) -> None:
    """Load and compile what a solver needs, or each that "auto" may be."""
    for solver in named(name, {}):
        solver.warm_up()


def _run(
    instance: Instance, solver: str, parameters: Mapping[str, Any], seed: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    found = solve(instance, solver, seed=seed, **parameters)
    result: dict[str, Any] = {
        "requests": len(instance),
        "memory": instance.memory,
        "objective": verified(instance, found.schedule).total_latency,
        "lower_bound": found.lower_bound,
        "checked_bound": verified_bound(instance, found.certificate),
        "status": found.status.value,
        "solver": found.solver,
    }
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
    warm_up=warm_up,
)
