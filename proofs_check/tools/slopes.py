"""How mean latency grows with the number of requests."""

from __future__ import annotations

from proofs_check.evidence import Finding, measured
from proofs_check.tools.intervals import mean_interval
from proofs_check.tools.traces import run_trace

__all__ = ["slope", "slope_against", "slopes"]


def slope(policy: str, requests: int, rate: int, seed: int) -> float:
    """Return the growth per request from half of the requests on.

    Parameters
    ----------
    policy, requests, rate, seed
        As in :func:`proofs_check.tools.traces.run_trace`.
    """
    half = requests // 2
    grown = run_trace(policy, requests, rate, seed).latency
    grown -= run_trace(policy, half, rate, seed).latency
    return grown / (requests - half)


def slopes(
    policy: str, requests: int, rate: int, seeds: int
) -> tuple[float, float, dict[str, int | str]]:
    """Return the interval of the mean growth, and the growth of each seed.

    Parameters
    ----------
    policy, requests, rate
        As in :func:`slope`.
    seeds
        Number of samples, seeds from 0 on.
    """
    found = [slope(policy, requests, rate, seed) for seed in range(seeds)]
    low, high = mean_interval(found)
    return low, high, {f"seed {k}": f"{x:.5f}" for k, x in enumerate(found)}


def slope_against(
    rate: int, published: float, requests: int, seeds: int
) -> Finding:
    """Compare the growth of MC-SF's mean latency with the published one.

    Parameters
    ----------
    rate
        Arrivals a second.
    published
        Seconds a request, as the paper prints.
    requests
        Number of requests; the growth is that over the second half.
    seeds
        Number of samples, seeds from 0 on.
    """
    low, high, numbers = slopes("mc-sf", requests, rate, seeds)
    return measured(
        f"{seeds} samples of {requests} lmsys-like requests at {rate} a "
        "second, Llama-2-70B's fitted clock: seconds of mean latency per "
        f"further request from {requests // 2} to {requests} on.",
        published,
        low,
        high,
        numbers=numbers,
        tried=seeds,
    )
