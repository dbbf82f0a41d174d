"""How many iterations fit before a time, in compiled code, exactly."""

from __future__ import annotations

from numba import njit

__all__ = ["rounds_until", "stretch"]


@njit(cache=True)
def stretch(rounds, each, growth):
    """Return the ticks of iterations that get longer and longer.

    Iteration ``j = 1, 2, ...`` takes ``each + growth * j``.
    """
    return rounds * each + growth * (rounds * (rounds + 1) // 2)


@njit(cache=True)
def rounds_until(gap, each, growth, most):
    """Return the least number of iterations that take at least ``gap``.

    At least 1 and at most ``most``; O(log most).
    """
    if gap <= 0:
        return 1
    if growth == 0:
        return max(1, min(most, (gap - 1) // each + 1))
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        if stretch(middle, each, growth) >= gap:
            high = middle
        else:
            low = middle + 1
    return low
