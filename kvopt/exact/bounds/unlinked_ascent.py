"""Good multipliers for the unlinked relaxation: coarse first, then finer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kvopt.exact.bounds.groups import Groups
from kvopt.exact.bounds.unlinked import SCALE, OutOfRange, Relaxation
from kvopt.model.instance import IntArray

__all__ = ["Point", "ascend", "carried", "first_multipliers"]


class Point:
    """Multipliers, and the best value that they were seen to give.

    ``ascend`` updates it as it goes, so that what was reached is kept when
    the ascent is stopped by an exception.
    """

    def __init__(self, lam: IntArray, nu: IntArray) -> None:
        self.lam, self.nu = lam, nu
        self.value: int | None = None

    def keep(self, value: int, lam: IntArray, nu: IntArray) -> None:
        """Replace the multipliers."""
        self.value, self.lam, self.nu = value, lam, nu


def first_multipliers(groups: Groups, completion: NDArray) -> IntArray:
    """Return multipliers for a start: mean latencies, a little raised.

    ``completion`` has the completion round of each request in a schedule.
    """
    latency = [np.mean(completion[m]) for m in groups.members]
    return np.rint(SCALE * 1.15 * (latency - groups.arrival)).astype(np.int64)


def carried(
    lam: IntArray, nu: IntArray, old: Relaxation, new: Relaxation
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


def ascend(
    relaxation: Relaxation,
    point: Point,
    target: int,
    iterations: int,
    step: float = 0.15,
    checkpoint: Callable[[], None] = lambda: None,
) -> int:
    """Improve ``point`` by the volume algorithm; return the evaluations.

    Parameters
    ----------
    relaxation
        What is maximised.
    point
        Where to begin; holds the best multipliers afterwards.
    target
        Total latency of a schedule: steps are scaled by the distance to it.
    iterations
        Most evaluations.
    step
        First step, as a share of the distance.
    checkpoint
        Called before each evaluation; may raise.

    Notes
    -----
    Volume algorithm (Barahona and Anbil 2000) with supergradients averaged
    by at most 0.3. It ends when steps are tiny or progress is.
    """
    weight = 1.0 / relaxation.groups.count
    lam, nu = relaxation.clamped(point.lam), point.nu
    checkpoint()
    value, slope, price = relaxation.gradient(lam, nu)
    point.keep(value, lam, nu)
    best = value
    mean, mean_nu = slope.astype(float), price.astype(float)
    history = [best]
    failures = 0
    for k in range(2, iterations + 1):
        norm = float((mean * mean * weight).sum() + (mean_nu * mean_nu).sum())
        if norm < 1e-9:
            return k - 1
        distance = max(target * SCALE - best, 0.002 * abs(best))
        length = step * distance / norm
        lam = relaxation.clamped(point.lam + length * mean * weight)
        nu = np.rint(point.nu + length * mean_nu).astype(np.int64)
        checkpoint()
        try:
            value, slope, price = relaxation.gradient(lam, nu)
        except OutOfRange:
            step *= 0.5
            failures += 1
            if failures > 20:
                return k
            continue
        ahead = float((slope * mean * weight).sum() + (price * mean_nu).sum())
        share = _share(slope, price, mean, mean_nu, weight)
        mean = share * slope + (1 - share) * mean
        mean_nu = share * price + (1 - share) * mean_nu
        if value > best:
            if ahead >= 0:
                step = min(step * 1.1, 2.0)
            failures = max(failures - 4, 0)
            best = value
            point.keep(value, lam, nu)
        else:
            failures += 1
        if failures >= 12:
            step *= 0.75
            failures = 0
        history.append(best)
        stalled = k > 60 and best - history[-40] < 2e-5 * abs(best)
        if step < 2e-3 or stalled:
            return k
    return iterations


def _share(
    slope: IntArray,
    price: IntArray,
    mean: NDArray,
    mean_nu: NDArray,
    weight: NDArray,
) -> float:
    """Weight of the new supergradient that makes the mean shortest."""
    change, change_nu = slope - mean, price - mean_nu
    size = float(
        (change * change * weight).sum() + (change_nu * change_nu).sum()
    )
    if size <= 0:
        return 0.3
    inner = float((mean * change * weight).sum() + (mean_nu * change_nu).sum())
    return min(max(-inner / size, 0.03), 0.3)
