"""Run a policy on the instance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kvopt.check.gate import verified
from kvopt.model import InputError, Instance
from kvopt.model.sums import exact_sum
from kvopt.policies import parse_policy, policy_spec
from kvopt.simulation import simulate
from kvopt.simulation.engine import ENGINES
from kvopt.sweep.kinds.base import Kind, complete

__all__ = ["SIMULATE"]

_DEFAULTS = {"engine": "auto"}


def _read(
    subject: str, parameters: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    full = complete(parameters, _DEFAULTS, "policy runs")
    if full["engine"] not in ENGINES:
        raise InputError(
            f"unknown engine; known are {', '.join(ENGINES)}",
            field="engine",
            value=full["engine"],
        )
    return policy_spec(parse_policy(subject)), full


def _modules(subject: str) -> tuple[str, ...]:
    """Return the module of a policy that is no part of kvopt."""
    module = type(parse_policy(subject)).__module__
    return () if module.startswith("kvopt.") else (module,)


def _run(
    instance: Instance, policy: str, parameters: Mapping[str, Any], seed: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    found = simulate(instance, policy, parameters["engine"], seed)
    verdict = verified(instance, found.schedule)
    records = found.records
    result = {
        "requests": len(instance),
        "memory": instance.memory,
        "objective": verdict.total_latency,
        "makespan": verdict.makespan,
        "peak_memory": verdict.peak_memory,
        "cancellations": int(records["cancellations"].sum()),
        "wasted_rounds": exact_sum(records["wasted_rounds"]),
    }
    return result, {"runtime": found.runtime}


def _warm_up(policy: str) -> None:
    # Loading the compiler takes a good part of a second.
    from kvopt.simulation import fast

    fast.warm_up()


SIMULATE = Kind(
    field="policy",
    text=True,
    read=_read,
    run=_run,
    code=("kvopt.model", "kvopt.policies", "kvopt.simulation"),
    packages=lambda policy: ("numpy",),
    modules=_modules,
    warm_up=_warm_up,
)
