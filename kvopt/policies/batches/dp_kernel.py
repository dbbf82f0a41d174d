"""The loops of :mod:`kvopt.policies.batches.dp`, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit

from kvopt.policies.batches import dp_program

__all__ = ["least_metric", "needed", "warm_up"]

needed = njit(cache=True)(dp_program.needed)
least_metric = njit(cache=True)(dp_program.least_metric)


def warm_up() -> None:
    """Compile them, or load them from the cache."""
    one = np.ones(1, np.int64)
    needed(one, one, 1)
    least_metric(one, one, one, 1, 1, 1)
