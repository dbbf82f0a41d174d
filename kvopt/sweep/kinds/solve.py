"""Search for the optimum of the instance with a solver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kvopt.check.gate import verified, verified_bound
from kvopt.exact import solve
from kvopt.exact.control.limits import check_time_limit
from kvopt.exact.registry import named
from kvopt.model import InputError, Instance, SearchParams
from kvopt.model.instance import whole_number
from kvopt.sweep.fields import naming
from kvopt.sweep.kinds.base import Kind, complete

__all__ = ["SOLVE", "solver_packages", "warm_up"]

_DEFAULTS = {"time_limit": 60.0, "workers": 1}
# Fields of the search's parameters that were given, each one column.
_OWN = "params."


def _read(
    subject: str, parameters: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    params = {k: v for k, v in parameters.items() if k.startswith(_OWN)}
    rest = {k: v for k, v in parameters.items() if k not in params}
    full = complete(rest, _DEFAULTS, "solver runs")
    limit = full["time_limit"]
    if limit is None or isinstance(limit, bool):
        raise InputError(
            "must be a positive number of seconds",
            field="time_limit",
            value=limit,
        )
    check_time_limit(limit)
    workers = whole_number(full["workers"], "workers", 1, 1024)
    asked: dict[str, Any] = {"workers": workers} if workers > 1 else {}
    if params:
        with naming("params", inside=True):
            values = _search_params(params).document()
        asked["params"] = {k.removeprefix(_OWN): v for k, v in params.items()}
        # In their normal form: 1 becomes 1.0 where it is a number.
        params = {key: values[key.removeprefix(_OWN)] for key in params}
    named(subject, asked)
    return subject, {
        "time_limit": float(limit),
        "workers": workers,
        **params,
    }


def _search_params(parameters: Mapping[str, Any]) -> SearchParams:
    """Return the search's parameters among those of a task."""
    return SearchParams.from_document(
        {
            key.removeprefix(_OWN): value
            for key, value in parameters.items()
            if key.startswith(_OWN)
        }
    )


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
    given = any(key.startswith(_OWN) for key in parameters)
    found = solve(
        instance,
        solver,
        parameters["time_limit"],
        parameters["workers"],
        seed,
        params=_search_params(parameters) if given else None,
    )
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
