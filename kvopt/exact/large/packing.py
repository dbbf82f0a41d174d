"""An order of requests that accounts for which of them fit together.

Volumes say how long a machine of speed ``M`` works on a request. Where many
requests need more than half of the memory, that is too short for them: no
two run at once. Dual-feasible functions (Fekete and Schepers 2001) say it for
all sizes: ``f`` with ``sum f(u) <= 1`` whenever ``sum u <= M``. Each gives a
relaxation of its own, a machine of speed 1 with works ``sum_k f(s + k)``. An
ascent prices the time of all these machines; the order is that of the
completions which are cheapest, averaged over the last steps (the volume
algorithm, Barahona and Anbil 2000).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kvopt.exact.control.session import Session
from kvopt.model import Instance

__all__ = ["PackingParams", "packing_keys"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PackingParams:
    """How the order is found; the defaults were measured on a trace.

    Parameters
    ----------
    cuts
        Shares ``e`` of the memory: below is counted as nothing, above
        ``1 - e`` as all of it.
    units
        Shares of the memory of which a request counts its multiples, and
        the memory those of what a request beyond one half leaves.
    wide
        Least share of the volume that requests above half of the memory have.
    smallest, largest
        Least and most requests.
    intervals
        Intervals of time, each with a price for each function.
    steps
        Steps of the ascent.
    ages
        Ages at which a request's growth is sampled.
    step, shrink, patience, momentum
        First step as a share of the distance to the schedule's latency; what
        it is multiplied by after so many steps without a better value; and
        the share of the last direction that the next keeps.
    memory
        Share of the averages that each step keeps.
    time
        Share of a time limit after which there are no more steps.
    """

    cuts: tuple[float, ...] = (0.08, 0.12, 0.17, 0.27, 0.37)
    units: tuple[float, ...] = (0.501, 0.45, 0.4, 0.34, 0.26, 0.21)
    wide: float = 0.1
    smallest: int = 30
    largest: int = 20_000
    intervals: int = 60
    steps: int = 1_500
    ages: int = 8
    step: float = 0.1
    shrink: float = 0.7
    patience: int = 20
    momentum: float = 0.7
    memory: float = 0.95
    time: float = 0.2


def packing_keys(
    instance: Instance,
    latency: int,
    session: Session,
    params: PackingParams | None = None,
) -> FloatArray | None:
    """Return keys by which requests are to be inserted; least first.

    Parameters
    ----------
    instance
        The instance.
    latency
        Total latency of a schedule.
    session
        Is asked before each step whether the time is over.
    params
        See :class:`PackingParams`; None for the defaults.

    Returns
    -------
    numpy.ndarray or None
        Mean completions in rounds, shape ``(n,)``; None where few requests
        are wide, so that volumes serve as well, or for too few or many.

    Raises
    ------
    Stopped
        When the session is over.
    """
    params = PackingParams() if params is None else params
    peak = instance.prompt + instance.output
    volume = instance.volume.astype(float)
    wide = volume[2 * peak > instance.memory].sum()
    fitting = params.smallest <= volume.size <= params.largest
    if not fitting or wide < params.wide * volume.sum():
        return None
    works = _works(instance, params)
    end = float(works.sum(axis=1).max() + instance.arrival.max())
    edges = np.linspace(0, end + instance.output.max(), params.intervals + 1)
    middle = (edges[:-1] + edges[1:]) / 2
    after = _mean_rounds_left(instance)
    price = np.zeros((works.shape[0], middle.size))
    # With all at 0, what waits while it is worked on: the best for volumes.
    ends = np.cumsum(np.sort(works[0]))
    price[0] = volume.size - np.searchsorted(ends, middle)
    return _ascend(
        _Costs(instance, works, middle, after), price, latency, session, params
    )


def _works(instance: Instance, params: PackingParams) -> FloatArray:
    """Return the works of all functions, in rounds, shape ``(F, n)``."""
    shares = (np.arange(params.ages) + 0.5) / params.ages
    held = instance.prompt[:, None] + instance.output[:, None] * shares
    usage = held / instance.memory
    mean = [usage.mean(axis=1)]
    for cut in params.cuts:
        value = np.where(usage < cut, 0.0, usage)
        mean.append(np.where(usage > 1 - cut, 1.0, value).mean(axis=1))
    for unit in params.units:
        most = int(1 / unit)
        left = most - np.floor((1 - usage) / unit)
        count = np.where(usage > 0.5, left, np.floor(usage / unit))
        mean.append(count.mean(axis=1) / most)
    works: FloatArray = np.array(mean) * instance.output
    return works


def _mean_rounds_left(instance: Instance) -> FloatArray:
    """Return the memory-weighted mean time before completion."""
    prompt, output = instance.prompt.astype(float), instance.output
    total = output * (output - 1) * (3 * prompt + output + 1) / 6
    left: FloatArray = total / instance.volume
    return left


class _Costs:
    """What each request costs in each interval, at given prices."""

    def __init__(
        self,
        instance: Instance,
        works: FloatArray,
        middle: FloatArray,
        after: FloatArray,
    ) -> None:
        self.works, self.offset = works, float(instance.arrival.sum())
        least = np.maximum(middle[None, :], instance.arrival[:, None])
        self.completion = least + after[:, None]
        self.width = float(middle[1] - middle[0])
        # Before it has arrived a request cannot run.
        early = middle[None, :] + self.width / 2 < instance.arrival[:, None]
        self.barred = np.where(early, np.inf, self.completion)

    def value(self, price: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Return the value, excess of work by interval, and completions."""
        cost = self.barred + self.works.T @ price
        chosen = cost.argmin(axis=1)
        rows = np.arange(chosen.size)
        value = float(cost[rows, chosen].sum()) - self.offset
        value -= self.width * float(price.sum())
        excess = np.array(
            [np.bincount(chosen, w, price.shape[1]) for w in self.works]
        )
        return value, excess - self.width, self.completion[rows, chosen]


def _ascend(
    costs: _Costs,
    price: FloatArray,
    latency: int,
    session: Session,
    params: PackingParams,
) -> FloatArray:
    """Take the steps; return the averages of the completions."""
    best, best_price, failures, step = -np.inf, price, 0, params.step
    direction = np.zeros_like(price)
    _, _, mean = costs.value(price)
    limit = session.time_limit
    until = np.inf if limit is None else session.seconds + params.time * limit
    for _ in range(params.steps):
        session.checkpoint()
        if session.seconds > until:
            break
        value, excess, completion = costs.value(price)
        mean += (1 - params.memory) * (completion - mean)
        failures += 1
        if value > best:
            best, best_price, failures = value, price, 0
        if failures > params.patience:
            step, failures = step * params.shrink, 0
            price, direction = best_price, np.zeros_like(price)
            continue
        direction = excess + params.momentum * direction
        useful = np.where((price <= 0) & (direction < 0), 0, direction)
        square = float((useful * useful).sum())
        if square == 0:
            break
        gain = step * (latency - value) / square
        price = np.maximum(price + gain * useful, 0)
    return mean
