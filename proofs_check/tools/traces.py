"""P1's trace experiment: latency and energy of its policies, simulated."""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

from proofs_check.evidence import Finding, NotCheckedError, measured_below
from proofs_check.tools.intervals import mean_interval

__all__ = ["BASELINES", "TraceRun", "energy_ratio", "run_trace"]

#: The published baselines whose settings come to an end on this sample.
BASELINES = (
    "mc-benchmark",
    "alpha-greedy:alpha=0.3",
    "alpha-greedy:alpha=0.25",
    "alpha-beta-clearing:alpha=0.2,beta=0.2",
)
MEMORY = 16492
CLOCK = "llama-2-70b-2xa100"


class TraceRun(NamedTuple):
    """What a policy did on a sample: seconds, and kilojoules by two models."""

    latency: float
    energy: float
    energy_flops: float
    cancellations: int


@cache
def run_trace(policy: str, requests: int, rate: int, seed: int) -> TraceRun:
    """Simulate a policy on a sample with P1's set-up.

    Parameters
    ----------
    policy
        Its text form.
    requests
        Number of requests of the sample.
    rate
        Poisson arrivals a second.
    seed
        Seed of sample and arrivals.
    """
    try:
        from kvopt.analysis.energy import TWO_A100_FLOPS, energy_of
        from kvopt.analysis.metrics import metrics_of
        from kvopt.analysis.timeline import timeline_of
        from kvopt.simulation import simulate
        from kvopt.simulation.clocks import parse_clock
        from kvopt.workloads import generate
    except ImportError as error:
        raise NotCheckedError(f"kvopt cannot be imported: {error}") from None
    instance = generate(
        "lmsys-like",
        {
            "memory": str(MEMORY),
            "round_seconds": "1e-6",
            "rate": str(rate),
            "requests": str(requests),
        },
        seed,
    )
    result = simulate(
        instance, policy, engine="fast", seed=seed, clock=parse_clock(CLOCK)
    )
    metrics = metrics_of(result)
    assert metrics.energy is not None
    flops = energy_of(result, timeline_of(result), TWO_A100_FLOPS)
    return TraceRun(
        metrics.latency.mean,
        metrics.energy.total / 1000,
        flops.total / 1000,
        metrics.cancellations,
    )


def energy_ratio(
    model: Literal["energy", "energy_flops"], requests: int, seeds: int
) -> Finding:
    """Divide the energy of MC-SF by that of MC-Benchmark.

    Parameters
    ----------
    model
        Which of the two energies of :class:`TraceRun`.
    requests
        Number of requests of a sample, at 50 a second.
    seeds
        Number of samples, seeds from 0 on.
    """
    ratios = []
    faster = 0
    for seed in range(seeds):
        ours = run_trace("mc-sf", requests, 50, seed)
        other = run_trace("mc-benchmark", requests, 50, seed)
        ratios.append(getattr(ours, model) / getattr(other, model))
        faster += ours.latency < other.latency
    low, high = mean_interval(ratios)
    return measured_below(
        f"{seeds} samples of {requests} lmsys-like requests at 50 a second, "
        "energy of MC-SF over that of MC-Benchmark, which keeps the order "
        f"of arrival; MC-SF's mean latency is lower in {faster} of them.",
        1.0,
        low,
        high,
        numbers={f"seed {k}": f"{r:.3f}" for k, r in enumerate(ratios)},
        tried=seeds,
    )
