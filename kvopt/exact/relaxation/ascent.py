"""Good multipliers for the relaxation: coarse first, then finer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kvopt.exact.relaxation.costs import (
    SCALE,
    Costs,
    Evaluation,
    OutOfRange,
)
from kvopt.exact.relaxation.groups import Groups
from kvopt.model import SearchParams
from kvopt.model.instance import IntArray

__all__ = ["Point", "ascend", "carried", "first_multipliers"]

# Squared norm of a mean supergradient that is zero but for rounding.
_ZERO = 1e-9


class Point:
    """Multipliers, and the best value that they were seen to give.

    ``ascend`` updates it as it goes, so that what was reached is kept when
    the ascent is stopped by an exception, and goes on where it was.

    Attributes
    ----------
    value
        Scaled bound; None before the first evaluation.
    step
        Present step, as a share of the distance to the target.
    slope
        Mean supergradient; None to begin with one at the point.
    """

    def __init__(self, lam: IntArray, nu: IntArray, step: float) -> None:
        self.lam, self.nu, self.step = lam, nu, step
        self.value: int | None = None
        self.slope: tuple[NDArray, NDArray] | None = None
        self.failures = 0

    def keep(self, value: int, lam: IntArray, nu: IntArray) -> None:
        """Replace the multipliers.

        Parameters
        ----------
        value
            Scaled bound that they give.
        lam
            Multipliers, shape ``(groups,)``.
        nu
            Prices, shape ``(buckets, columns)``.
        """
        self.value, self.lam, self.nu = value, lam, nu


def first_multipliers(
    groups: Groups, completion: NDArray, raised: float
) -> IntArray:
    """Return multipliers for a start: mean latencies, a little raised.

    Parameters
    ----------
    groups
        The requests.
    completion
        Completion round of each request in a schedule, shape ``(n,)``.
    raised
        Multipliers over the mean latencies.

    Returns
    -------
    Scaled multipliers, shape ``(groups,)``.
    """
    latency = [np.mean(completion[m]) for m in groups.members]
    return np.rint(SCALE * raised * (latency - groups.arrival)).astype(
        np.int64
    )


def carried(
    lam: IntArray, nu: IntArray, old: Costs, new: Costs
) -> tuple[IntArray, IntArray]:
    """Return the multipliers of ``old`` for a finer relaxation ``new``.

    A bucket of ``new`` takes the price of the bucket of ``old`` in which it
    lies. A prompt ``c`` that ``old`` read as its threshold ``h > c`` ended
    there ``h - c`` rounds before it does in ``new``; its price moves with
    it. A request that ``old`` did not see gets ``S*o``. Then, if ``new`` has
    buckets of one round, a path of ``new`` is one of ``old`` that costs no
    more: what ``old`` does not see costs ``S*(t - a - o) >= 0``, since the
    prices of its addition and of its end are equal. ``new`` may have other
    rounds; those that ``old`` lacks take its last prices.

    Parameters
    ----------
    lam
        Multipliers of the groups, shape ``(groups,)``, scaled.
    nu
        Prices of ``old``, shape ``(buckets, columns)``, scaled.
    old
        The relaxation that they are for.
    new
        One of at most its threshold.
    """
    round_ = np.arange(new.buckets) * new.width
    prices = np.zeros((new.buckets, new.columns), np.int64)

    def taken(rounds: IntArray) -> IntArray:
        return old.bucket[np.minimum(rounds, old.rounds)]

    shared = min(old.columns, new.columns)
    prices[:, :shared] = nu[taken(round_), :shared]
    for c in range(new.threshold, min(old.threshold, new.columns)):
        later = round_ + old.threshold - c
        prices[:, c] = nu[taken(later), old.threshold]
    return np.where(old.seen, lam, SCALE * old.groups.output), prices


class StateProgram(Protocol):
    """What can be maximised: a relaxation."""

    groups: Groups

    def clamped(self, lam: NDArray) -> IntArray:
        """Return valid multipliers near these."""

    def gradient(self, lam: IntArray, nu: IntArray) -> Evaluation:
        """Return the value and a supergradient at a point."""


def ascend(
    relaxation: StateProgram,
    point: Point,
    target: int,
    iterations: int,
    params: SearchParams,
    checkpoint: Callable[[], None] = lambda: None,
    watch: Callable[[IntArray], object] = lambda path: None,
) -> int:
    """Improve ``point`` by the volume algorithm; return the evaluations.

    Parameters
    ----------
    relaxation
        What is maximised.
    point
        Where to go on; holds the best multipliers afterwards.
    target
        Total latency of a schedule: steps are scaled by the distance to it.
    iterations
        Most evaluations.
    params
        Steps, and how they change.
    checkpoint
        Called before each evaluation; may raise.
    watch
        Called with the path of each evaluation.

    Notes
    -----
    Volume algorithm (Barahona and Anbil 2000). It stands still when steps
    are tiny.
    """
    weight = 1.0 / relaxation.groups.count
    evaluations = 0
    if point.slope is None:
        lam, nu = relaxation.clamped(point.lam), point.nu
        checkpoint()
        value, slope, price, path = relaxation.gradient(lam, nu)
        watch(path)
        point.keep(value, lam, nu)
        point.slope = slope.astype(float), price.astype(float)
        evaluations = 1
    assert point.value is not None
    mean, mean_nu = point.slope
    for k in range(evaluations, iterations):
        norm = float((mean * mean * weight).sum() + (mean_nu * mean_nu).sum())
        if norm < _ZERO or point.step < params.least_step:
            return k
        best = point.value
        distance = max(
            target * SCALE - best, params.least_distance * abs(best)
        )
        length = point.step * distance / norm
        lam = relaxation.clamped(point.lam + length * mean * weight)
        nu = np.rint(point.nu + length * mean_nu).astype(np.int64)
        checkpoint()
        try:
            value, slope, price, path = relaxation.gradient(lam, nu)
        except OutOfRange:
            point.step *= params.overflow_fall
            continue
        watch(path)
        ahead = float((slope * mean * weight).sum() + (price * mean_nu).sum())
        share = _share(slope - mean, price - mean_nu, mean, mean_nu, weight)
        share = min(max(share, params.least_share), params.greatest_share)
        mean = share * slope + (1 - share) * mean
        mean_nu = share * price + (1 - share) * mean_nu
        point.slope = mean, mean_nu
        if value > best:
            if ahead >= 0:
                longer = point.step * params.step_growth
                point.step = min(longer, params.greatest_step)
            point.failures = max(point.failures - params.forgiven, 0)
            point.keep(value, lam, nu)
        else:
            point.failures += 1
        if point.failures >= params.patience:
            point.step *= params.step_fall
            point.failures = 0
    return iterations


def _share(
    change: NDArray,
    change_nu: NDArray,
    mean: NDArray,
    mean_nu: NDArray,
    weight: NDArray,
) -> float:
    """Weight of the new supergradient that makes the mean shortest."""
    size = float(
        (change * change * weight).sum() + (change_nu * change_nu).sum()
    )
    if size <= 0:
        return math.inf
    inner = float((mean * change * weight).sum() + (mean_nu * change_nu).sum())
    return -inner / size
