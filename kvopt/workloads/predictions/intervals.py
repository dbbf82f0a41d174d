"""Predictions of output lengths, made from the true lengths and an error.

Every prediction is cut at ``M - s_i``: a scheduler knows that no request can
be longer, and would otherwise never start one predicted so.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kvopt.model import InputError, Instance, Predictions
from kvopt.model.instance import MAX_SIZE, IntArray, real_number, whole_number

__all__ = [
    "with_bucket_intervals",
    "with_common_interval",
    "with_interval_predictions",
    "with_intervals",
    "with_noisy_predictions",
    "with_relative_bands",
]


def with_noisy_predictions(
    instance: Instance, epsilon: float, rng: np.random.Generator
) -> Instance:
    """Return the instance with a noisy point prediction a request.

    The prediction is uniform in ``[(1-epsilon) o_i, (1+epsilon) o_i]``,
    rounded to the nearest integer, at least 1 and at most ``M - s_i``.
    Intervals that the instance has are kept. ``0 <= epsilon < 1``.

    Source: P1's experiment with prediction errors, epsilon 0.2, 0.5 and 0.8;
    the uniform law is [inferred] (readings.md 1.10), rounding and the two
    limits are ours.

    Parameters
    ----------
    instance
        The instance.
    epsilon
        Relative error, in ``[0, 1)``.
    rng
        Source of randomness; it is advanced.
    """
    guess = _draw(instance, epsilon, rng)
    longest = instance.memory - instance.prompt
    point = np.clip(np.rint(guess).astype(np.int64), 1, longest)
    old = instance.predictions or Predictions()
    return replace(
        instance,
        predictions=replace(old, point=point),
        source=_join(instance, f"point predictions, epsilon={epsilon:g}"),
    )


def with_interval_predictions(
    instance: Instance, epsilon: float, rng: np.random.Generator
) -> Instance:
    """Return the instance with an interval ``[l_i, u_i]`` a request.

    A guess ``g_i`` is uniform in ``[(1-epsilon) o_i, (1+epsilon) o_i]``; the
    integers of ``[g_i/(1+epsilon), g_i/(1-epsilon)]``, cut at ``M - s_i``,
    are the interval. It always holds ``o_i`` and is not centred on it, so
    it does not give the truth away. ``l_i/u_i`` is about
    ``(1-epsilon)/(1+epsilon)``. A point prediction that the instance has is
    kept. ``0 <= epsilon < 1``.

    Parameters
    ----------
    instance
        The instance.
    epsilon
        Relative error, in ``[0, 1)``.
    rng
        Source of randomness; it is advanced.
    """
    guess = _draw(instance, epsilon, rng)
    o = instance.output
    # o lies inside but for rounding errors of the two divisions.
    lower = np.minimum(np.ceil(guess / (1 + epsilon)).astype(np.int64), o)
    upper = np.maximum(np.floor(guess / (1 - epsilon)).astype(np.int64), o)
    step = f"interval predictions, epsilon={epsilon:g}"
    return with_intervals(instance, lower, upper, step)


def with_common_interval(
    instance: Instance, lower: int, upper: int
) -> Instance:
    """Return the instance with the interval ``[lower, upper]`` for all.

    Source: the model of P3 (arXiv 2508.14544), where ``alpha = l/u``.

    Parameters
    ----------
    instance
        The instance.
    lower, upper
        ``l`` and ``u``, in rounds.

    Raises
    ------
    InputError
        When an output length lies outside.
    """
    lower = whole_number(lower, "lower", 1, MAX_SIZE)
    upper = whole_number(upper, "upper", lower, MAX_SIZE)
    o = instance.output
    outside = np.flatnonzero((o < lower) | (o > upper))
    if outside.size:
        i = int(outside[0])
        raise InputError(
            f"lies outside the common interval [{lower}, {upper}]",
            field=f"requests[{i}].output",
            value=int(o[i]),
        )
    step = f"common interval [{lower}, {upper}]"
    return with_intervals(
        instance, np.full_like(o, lower), np.full_like(o, upper), step
    )


def with_bucket_intervals(instance: Instance, width: int) -> Instance:
    """Return the instance with the bucket of each output as its interval.

    Buckets are ``1 .. width``, ``width+1 .. 2*width`` and so on. Source: ten
    buckets of 100 tokens as a set-up for P3 (arXiv 2508.14544) [inferred].
    """
    width = whole_number(width, "width", 1, MAX_SIZE)
    below = (instance.output - 1) // width * width
    step = f"buckets of {width}"
    return with_intervals(instance, below + 1, below + width, step)


def with_relative_bands(instance: Instance, x: float) -> Instance:
    """Return the instance with ``[(1-x) o_i, (1+x) o_i]`` for each request.

    The integers in the band, ``0 <= x <= 1``. The truth is in the middle of
    its band, so that a policy could guess it; none here does. Source:
    relative bands as a set-up for P3 (arXiv 2508.14544) [inferred].
    """
    x = real_number(x, "x", 0, 1)
    o = instance.output
    # o lies inside but for rounding errors of the two products.
    lower = np.minimum(np.ceil((1 - x) * o).astype(np.int64), o)
    upper = np.maximum(np.floor((1 + x) * o).astype(np.int64), o)
    step = f"relative bands, x={x:g}"
    return with_intervals(instance, np.maximum(lower, 1), upper, step)


def with_intervals(
    instance: Instance, lower: IntArray, upper: IntArray, step: str
) -> Instance:
    """Return the instance with the given intervals, cut at ``M - s_i``.

    A point prediction that it has is kept; ``step`` is added to its source.

    Parameters
    ----------
    instance
        The instance.
    lower, upper
        Ends of the intervals, in rounds, shape ``(n,)`` each.
    step
        What is added to the source.
    """
    longest = instance.memory - instance.prompt
    interval = replace(
        instance.predictions or Predictions(),
        lower=np.minimum(lower, longest),
        upper=np.minimum(upper, longest),
    )
    source = _join(instance, step)
    return replace(instance, predictions=interval, source=source)


def _draw(
    instance: Instance, epsilon: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    epsilon = real_number(epsilon, "epsilon", 0, 1)
    if epsilon == 1:
        raise InputError("must be below 1", field="epsilon", value=epsilon)
    low, high = 1 - epsilon, 1 + epsilon
    return instance.output * rng.uniform(low, high, size=len(instance))


def _join(instance: Instance, step: str) -> str:
    return f"{instance.source}; {step}" if instance.source else step
