"""Run a policy on the instance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kvopt.analysis.metrics import metrics_of
from kvopt.check.gate import verified
from kvopt.model import InputError, Instance
from kvopt.model.serving import parse_serving, serving_spec
from kvopt.model.sums import exact_sum
from kvopt.policies import parse_policy, policy_spec
from kvopt.simulation import simulate
from kvopt.simulation.clocks import (
    clock_spec,
    parse_clock,
    with_arrival_unit,
)
from kvopt.simulation.engine import ENGINES
from kvopt.sweep.kinds.base import Kind, complete

__all__ = ["SIMULATE"]

# ``round_seconds`` is what one unit of the arrivals stands for, with a clock.
_DEFAULTS = {
    "engine": "auto",
    "clock": "unit",
    "round_seconds": None,
    "serving": "plain",
}


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
    clock, seconds = parse_clock(str(full["clock"])), full["round_seconds"]
    full["clock"] = clock_spec(clock)
    full["serving"] = serving_spec(parse_serving(str(full["serving"])))
    if seconds is not None and not clock.measures:
        raise InputError(
            "has no meaning without a clock that measures seconds",
            field="round_seconds",
            value=seconds,
        )
    if clock.measures and not isinstance(seconds, int | float):
        raise InputError(
            "must say, with a clock, how many seconds one unit of the "
            "arrivals stands for",
            field="round_seconds",
            value=seconds,
        )
    if seconds is not None:
        with_arrival_unit(clock, seconds)
    return policy_spec(parse_policy(subject)), full


def _modules(subject: str) -> tuple[str, ...]:
    """Return the module of a policy that is no part of kvopt."""
    module = type(parse_policy(subject)).__module__
    return () if module.startswith("kvopt.") else (module,)


def _run(
    instance: Instance, policy: str, parameters: Mapping[str, Any], seed: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    clock = parse_clock(parameters["clock"])
    if clock.measures:
        clock = with_arrival_unit(clock, parameters["round_seconds"])
    found = simulate(
        instance,
        policy,
        parameters["engine"],
        seed,
        clock=clock,
        serving=parse_serving(parameters["serving"]),
    )
    verdict = verified(found.instance, found.schedule)
    records, metrics = found.records, metrics_of(found)
    result = {
        "requests": len(instance),
        "memory": instance.memory,
        "objective": verdict.total_latency,
        "makespan": verdict.makespan,
        "peak_memory": verdict.peak_memory,
        "cancellations": int(records["cancellations"].sum()),
        "wasted_rounds": exact_sum(records["wasted_rounds"]),
        "unit": metrics.unit,
        "mean": metrics.latency.mean,
        "p50": metrics.latency.p50,
        "p95": metrics.latency.p95,
        "p99": metrics.latency.p99,
        "first_token_mean": metrics.first_token.mean,
        "first_token_p95": metrics.first_token.p95,
        "throughput": metrics.throughput,
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
    code=(
        "kvopt.analysis",
        "kvopt.model",
        "kvopt.policies",
        "kvopt.simulation",
    ),
    packages=lambda policy: ("numpy",),
    modules=_modules,
    warm_up=_warm_up,
)
