"""How fast requests may come for MC-SF to keep up, measured.

Shortest-first serves the longest type last. While its queue is not empty, how
fast it is served depends on the arrivals of the shorter ones only; MC-SF keeps
up as long as that is faster than it arrives.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kvopt.model import InputError, Instance
from kvopt.simulation import simulate
from kvopt.workloads import FewTypes, few_types

__all__ = ["kept_up_rate", "saturated_rate"]

STEPS = 12


def saturated_rate(family: FewTypes, seed: int = 0) -> float:
    """Return how many requests of the longest type MC-SF starts a round.

    The others arrive as ``family`` says, over its horizon; of the longest
    there are always some waiting. The first tenth of the rounds is left out.

    Raises
    ------
    InputError
        When two types have the largest output: their order is that of
        arrival then.
    """
    k = max(range(len(family.output)), key=family.output.__getitem__)
    s, o = family.prompt[k], family.output[k]
    if family.output.count(o) > 1:
        raise InputError(
            "the largest must be that of one type only",
            field="output",
            value=",".join(map(str, family.output)),
        )
    drawn = few_types(np.random.default_rng(seed), family)
    others = drawn.output < o
    # More than fit into the memory in these rounds.
    volume = s * o + o * (o + 1) // 2
    n = family.horizon * family.memory // volume + family.memory
    instance = Instance(
        family.memory,
        np.concatenate([np.zeros(n, np.int64), drawn.arrival[others]]),
        np.concatenate([np.full(n, s), drawn.prompt[others]]),
        np.concatenate([np.full(n, o), drawn.output[others]]),
    )
    starts = simulate(instance, "mc-sf").schedule.starts(instance)[:n]
    first = family.horizon // 10
    counted = (starts >= first) & (starts < family.horizon)
    return float(counted.sum()) / (family.horizon - first)


def kept_up_rate(family: FewTypes, most: float, seed: int = 0) -> float:
    """Return the largest rate of arrivals at which MC-SF keeps up.

    By bisection between 0 and ``most``, the worker's capacity, on common
    random numbers; ``family.rate`` is not used. It is a measurement over
    ``family.horizon`` rounds, not a proof.

    Parameters
    ----------
    family
        Worker, types and horizon.
    most
        The worker's capacity, in requests a round.
    seed
        Seed of the arrivals.
    """
    k = max(range(len(family.output)), key=family.output.__getitem__)
    share = family.weights[k] / sum(family.weights)
    low, high = 0.0, most
    for _ in range(STEPS):
        rate = (low + high) / 2
        served = saturated_rate(replace(family, rate=rate), seed)
        low, high = (rate, high) if served >= rate * share else (low, rate)
    return (low + high) / 2
