"""Load of a worker: how fast requests of few types may come at all."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import numpy as np

from kvopt.exact.few_types.configurations import worker
from kvopt.exact.few_types.types import Types
from kvopt.model import InputError

__all__ = ["Regime", "area_load", "capacity", "regime", "require_stable"]

# The linear program is solved in floating point.
TOLERANCE = 1e-6


class Regime(str, Enum):
    """Whether some policy can keep the queue bounded in the mean."""

    STABLE = "stable"
    CRITICAL = "critical"
    OVERLOADED = "overloaded"


def area_load(types: Types, mix: Sequence[float], rate: float) -> float:
    """Return ``sum(rate_k * vol_k) / M``; below 1 is necessary, not enough.

    ``rate`` is in requests a round, ``mix`` the share of each type.

    Parameters
    ----------
    types
        The types of requests.
    mix
        Share of each type, summing to 1.
    rate
        Requests a round.
    """
    return float(rate * np.dot(mix, types.volume) / types.memory)


def capacity(types: Types, mix: Sequence[float]) -> float:
    """Return the largest rate of arrivals that the worker can sustain.

    The largest ``r`` for which a stationary flow over the worker's
    configurations starts ``r * mix[k]`` requests of each type ``k`` a round:
    one variable for each configuration and choice of starts, in and out of
    every configuration the same. Below ``r`` following the flow's cycles,
    each for long enough, keeps the queues bounded in the mean; above it no
    policy does, since any schedule's long-run frequencies are such a flow.

    Raises
    ------
    InputError
        When ``mix`` is not a share for each type, none of them negative.
    """
    from scipy.optimize import linprog

    shares = np.asarray(mix, dtype=np.float64)
    if (
        shares.shape != (len(types.sizes),)
        or not (shares >= 0).all()
        or not abs(shares.sum() - 1) < 1e-9
    ):
        raise InputError(
            "must have one share for each type, of sum 1",
            field="mix",
            value=mix,
        )
    states = worker(types)
    rows, columns = len(states.configurations), len(states.starts)
    source = np.repeat(np.arange(rows), np.diff(states.first))
    flow = np.zeros((rows + len(types.sizes) + 1, columns + 1))
    each = np.arange(columns)
    np.add.at(flow, (source, each), 1)
    np.add.at(flow, (states.following, each), -1)
    flow[rows:-1, :-1] = states.starts.T
    flow[rows:-1, -1] = -shares
    flow[-1, :-1] = 1
    right = np.zeros(len(flow))
    right[-1] = 1
    cost = np.zeros(columns + 1)
    cost[-1] = -1
    found = linprog(cost, A_eq=flow, b_eq=right, method="highs")
    return float(found.x[-1])


def regime(types: Types, mix: Sequence[float], rate: float) -> Regime:
    """Return what ``rate`` requests a round are for the worker.

    Parameters
    ----------
    types
        The types of requests.
    mix
        Share of each type, summing to 1.
    rate
        Requests a round.
    """
    load = rate / capacity(types, mix)
    if abs(load - 1) <= TOLERANCE:
        return Regime.CRITICAL
    return Regime.STABLE if load < 1 else Regime.OVERLOADED


def require_stable(types: Types, mix: Sequence[float], rate: float) -> None:
    """Raise InputError unless the load is stable.

    Parameters
    ----------
    types
        The types of requests.
    mix
        Share of each type, summing to 1.
    rate
        Requests a round.
    """
    found = regime(types, mix, rate)
    if found is not Regime.STABLE:
        raise InputError(
            f"must be stable, below {capacity(types, mix):.4g} requests a "
            f"round; it is {found.value}",
            field="rate",
            value=rate,
        )
