"""Percentile bootstrap confidence intervals of a mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kvopt.model import InputError

__all__ = ["Interval", "bootstrap_mean"]


class Interval(NamedTuple):
    """A confidence interval, in the unit of the values."""

    low: float
    high: float


def bootstrap_mean(
    values: Sequence[float],
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = 2000,
) -> Interval:
    """Return the percentile bootstrap interval of the mean.

    Draws ``resamples`` samples with replacement, each of the size of
    ``values``, and takes the quantiles ``(1 -+ level) / 2`` of their means
    (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13).
    ``O(resamples * n)``. With few values it is too narrow; it is no
    substitute for more of them.

    Parameters
    ----------
    values
        The observations, finite.
    rng
        Source of randomness; it is advanced.
    level
        Confidence level, inside (0, 1).
    resamples
        Number of samples drawn, at least 1.

    Raises
    ------
    InputError
        When there are no values, one is not finite, ``level`` is not inside
        (0, 1), or ``resamples`` is below 1.
    """
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or not sample.size or not np.isfinite(sample).all():
        raise InputError(
            "must be a list of at least one finite number",
            field="values",
            value=values,
        )
    if not 0 < level < 1:
        raise InputError(
            "must be above 0 and below 1", field="level", value=level
        )
    if resamples < 1:
        raise InputError(
            "must be at least 1", field="resamples", value=resamples
        )
    n = sample.size
    means = np.array(
        [sample[rng.integers(n, size=n)].mean() for _ in range(resamples)]
    )
    ends = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(ends[0]), float(ends[1]))
