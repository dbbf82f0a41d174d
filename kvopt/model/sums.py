"""Sums of integers that may exceed 64 bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["exact_sum"]

_HALF = 32


def exact_sum(values: NDArray[np.int64]) -> int:
    """Return the sum of integers, exactly, as a Python integer.

    ``values.sum()`` wraps around silently above ``2**63 - 1``: three times in
    picoseconds can do that. The upper and the lower halves of up to ``2**31``
    numbers cannot. ``O(n)``.

    Parameters
    ----------
    values
        Integers of at most 64 bits with sign, of any shape.
    """
    whole = np.asarray(values, np.int64)
    upper, lower = whole >> _HALF, whole & (2**_HALF - 1)
    return (int(upper.sum()) << _HALF) + int(lower.sum())
