"""How many iterations fit before a time, in compiled code, exactly.

Products are compared as floats first, so that none wraps around.
"""

from __future__ import annotations

from kvopt.model.compiled import inner

__all__ = ["late", "rounds_until", "stretch"]


@inner
def stretch(rounds, each, growth):
    """Return the ticks of iterations that get longer and longer.

    Iteration ``j = 1, 2, ...`` takes ``each + growth * j``.

    Parameters
    ----------
    rounds
        Number of iterations.
    each
        Ticks of an iteration before growth.
    growth
        Ticks by which each is longer than the one before.
    """
    return rounds * each + growth * (rounds * (rounds + 1) // 2)


@inner
def reaches(gap, rounds, each, growth):
    """Return whether ``rounds`` iterations take at least ``gap`` ticks.

    Parameters
    ----------
    gap
        Ticks.
    rounds
        Number of iterations.
    each
        Ticks of an iteration before growth.
    growth
        Ticks by which each is longer than the one before.
    """
    about = float(rounds) * (each + growth * (rounds + 1.0) / 2.0)
    if about > 1.5 * gap:
        return True
    return stretch(rounds, each, growth) >= gap


@inner
def late(time, rounds, each, growth, latest):
    """Return whether iterations that begin at ``time`` end after ``latest``.

    ``latest`` is at most ``2**62``.

    Parameters
    ----------
    time
        When they begin, in ticks.
    rounds
        Number of iterations.
    each
        Ticks of an iteration before growth.
    growth
        Ticks by which each is longer than the one before.
    latest
        The latest time, in ticks.
    """
    return reaches(latest - time + 1, rounds, each, growth)


@inner
def rounds_until(gap, each, growth, most):
    """Return the least number of iterations that take at least ``gap``.

    At least 1 and at most ``most``; O(log most).

    Parameters
    ----------
    gap
        Ticks.
    each
        Ticks of an iteration before growth.
    growth
        Ticks by which each is longer than the one before.
    most
        Most iterations that are of interest.
    """
    if gap <= 0:
        return 1
    if growth == 0:
        return max(1, min(most, (gap - 1) // each + 1))
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        if reaches(gap, middle, each, growth):
            high = middle
        else:
            low = middle + 1
    return low
