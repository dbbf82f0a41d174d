"""Simulations as rows: one a run, and one a policy over several seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kvopt.analysis.metrics import Spread, metrics_of
from kvopt.model import SimulationResult
from kvopt.model.serving import serving_spec

__all__ = ["mean_row", "row_of"]

# Numbers of a row that are averaged over seeds are all but these.
_LABELS = ("policy", "seed", "instance", "clock", "serving", "unit", "engine")


def row_of(
    result: SimulationResult, lower_bound: int | None
) -> dict[str, Any]:
    """Return every metric of a simulation under a plain name.

    Parameters
    ----------
    result
        The simulation.
    lower_bound
        A bound on the total latency in rounds; None if there is none.
    """
    metrics = metrics_of(result)
    rounds = metrics.unit == "rounds"

    def count(value: float) -> float:
        return int(value) if rounds else value

    def spread(name: str, values: Spread | None) -> dict[str, Any]:
        if values is None:
            return {f"{name}_mean": None, f"{name}_p95": None}
        return {f"{name}_mean": values.mean, f"{name}_p95": values.p95}

    latency, energy = metrics.latency, metrics.energy
    return {
        "policy": result.policy,
        "seed": result.seed,
        "instance": result.instance.hash,
        "clock": result.clock,
        "serving": serving_spec(result.serving),
        "unit": metrics.unit,
        "engine": result.engine,
        "total_latency": metrics.total_latency,
        "mean": latency.mean,
        "p50": count(latency.p50),
        "p95": count(latency.p95),
        "p99": count(latency.p99),
        "largest": count(latency.largest),
        "ratio_to_lower_bound": (
            None
            if lower_bound is None
            else metrics.total_latency / lower_bound
        ),
        **spread("first_token", metrics.first_token),
        **spread("per_token", metrics.per_token),
        **spread("between_tokens", metrics.between_tokens),
        "throughput": metrics.throughput,
        "request_throughput": metrics.request_throughput,
        "peak_memory": metrics.peak_memory,
        "mean_memory": metrics.mean_memory,
        "cancellations": metrics.cancellations,
        "wasted_tokens": metrics.wasted_tokens,
        "repeated_prefill": metrics.repeated_prefill,
        "energy": None if energy is None else energy.total,
        "energy_per_token": None if energy is None else energy.per_token,
        "energy_idle": None if energy is None else energy.idle,
        "energy_wasted": None if energy is None else energy.wasted,
        "makespan": count(float(result.times.end.max()) / result.times.ticks),
        "seconds": result.runtime,
    }


def mean_row(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the mean over the runs of one policy, number by number.

    A single run is returned as it is. ``seeds`` says how many there were. A
    number that some run does not have is None: no mean over the others.
    """
    if len(rows) == 1:
        return {**rows[0], "seeds": 1}
    mean: dict[str, Any] = {}
    for key, value in rows[0].items():
        column = [row[key] for row in rows]
        if key in _LABELS:
            mean[key] = value if len(set(column)) == 1 else None
        elif None in column:
            mean[key] = None
        else:
            mean[key] = sum(column) / len(column)
    return {**mean, "seeds": len(rows)}
