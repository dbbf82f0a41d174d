"""How mean latency grows with the number of requests."""

from __future__ import annotations

from proofs_check.tools.intervals import mean_interval
from proofs_check.tools.traces import run_trace

__all__ = ["slope", "slopes"]


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
