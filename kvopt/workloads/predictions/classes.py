"""Intervals of a predictor that tells the class of a request's length."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from kvopt.model import InputError, Instance
from kvopt.workloads.predictions.intervals import with_intervals

__all__ = ["LENGTH_CLASSES", "LengthClass", "with_class_predictions"]

# The standard normal distribution has 95% below it.
Z95 = 1.6448536269514722


class LengthClass(NamedTuple):
    """True lengths of the requests that a predictor puts into one class.

    Parameters
    ----------
    median, low, high
        The median, and what 5% and 95% of the lengths lie below, in tokens.
    """

    median: int
    low: int
    high: int


# Widths of a real predictor; note how much the classes overlap.
LENGTH_CLASSES = (
    LengthClass(19, 2, 128),
    LengthClass(94, 20, 327),
    LengthClass(221, 58, 432),
    LengthClass(326, 91, 485),
    LengthClass(376, 53, 508),
)


def with_class_predictions(
    instance: Instance,
    rng: np.random.Generator,
    classes: tuple[LengthClass, ...] = LENGTH_CLASSES,
) -> Instance:
    """Return the instance with a class's interval and median a request.

    The interval is the class's 5%..95%, the point prediction its median,
    both cut at ``M - s_i``. About a tenth of the lengths that a class has
    lie outside: this predictor is wrong now and then, as real ones are.

    Parameters
    ----------
    instance
        The instance.
    rng
        Draws the class of each request.
    classes
        The classes, at least one.

    Raises
    ------
    InputError
        When there is no class, or the numbers of one do not increase.

    Notes
    -----
    Given ``o_i``, the class is drawn with the probability that it has if all
    classes are equally frequent and the logarithm of a length in a class is
    normal on either side of the median, with the spread that the side's 5%
    has. Both are assumptions of ours; the three numbers of a class are
    published, its law is not.
    """
    if not classes:
        raise InputError("needs a class", field="classes", value=classes)
    for i, (median, low, high) in enumerate(classes):
        if not 1 <= low < median < high:
            raise InputError(
                "needs 1 <= low < median < high",
                field=f"classes[{i}]",
                value=tuple(classes[i]),
            )
    table = np.array(classes, dtype=np.int64)
    middle, low, high = np.log(table.T)
    away = np.log(instance.output)[:, None] - middle
    spread = np.where(away < 0, middle - low, high - middle) / Z95
    # Logarithms, since a length may be far from every class.
    weight = -0.5 * (away / spread) ** 2 - np.log(spread)
    weight = np.exp(weight - weight.max(axis=1, keepdims=True))
    share = weight.cumsum(axis=1) / weight.sum(axis=1, keepdims=True)
    draw = rng.random(len(instance))[:, None]
    which = np.minimum((share <= draw).sum(axis=1), len(classes) - 1)
    point, lower, upper = table[which].T
    told = with_intervals(instance, lower, upper, "intervals of classes")
    assert told.predictions is not None
    longest = instance.memory - instance.prompt
    both = replace(told.predictions, point=np.minimum(point, longest))
    return replace(told, predictions=both)
