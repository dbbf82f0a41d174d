"""Latency statistics of a simulation, over requests that all finished."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kvopt.model import SimulationResult

__all__ = ["Latency", "latency_of"]


class Latency(NamedTuple):
    """Statistics of ``c_i - a_i`` over all requests, in rounds.

    A percentile is the smallest observed latency that at least so many per
    cent of the requests do not exceed.
    """

    mean: float
    p50: int
    p90: int
    p95: int
    p99: int
    largest: int


def latency_of(result: SimulationResult) -> Latency:
    """Return the latency statistics of a simulation, ``O(n log n)``.

    Raises
    ------
    InputError
        When any request has not exactly one completed run: a mean over the
        others would flatter the policy that starved it.
    """
    latencies = result.records["latency"]
    cuts = np.percentile(
        latencies, [50, 90, 95, 99, 100], method="inverted_cdf"
    )
    return Latency(float(latencies.mean()), *(int(cut) for cut in cuts))
