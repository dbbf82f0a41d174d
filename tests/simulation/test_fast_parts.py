"""Parts of the fast engine against what they are short for."""

from __future__ import annotations

import numpy as np
from numba import njit

from kvopt.simulation.fast import pace, tree
from kvopt.simulation.fast.profile import NEVER


@njit
def stretch(rounds, each, growth):
    """The kernel's own has no wrapper for Python."""
    return pace.stretch(rounds, each, growth)


@njit
def rounds_until(gap, each, growth, most):
    """The kernel's own has no wrapper for Python."""
    return pace.rounds_until(gap, each, growth, most)


@njit
def late(time, rounds, each, growth, latest):
    """The kernel's own has no wrapper for Python."""
    return pace.late(time, rounds, each, growth, latest)


@njit
def set_leaf(leaves, place, value):
    """The kernel's own has no wrapper for Python."""
    tree.set_leaf(leaves, place, value)


@njit
def first_below(leaves, place, bound):
    """The kernel's own has no wrapper for Python."""
    return tree.first_below(leaves, place, bound)


def test_late_does_not_wrap():
    """Times beyond 64 bits are late, as whole numbers say."""
    rng = np.random.default_rng(4)
    latest = 2**62
    for _ in range(2000):
        time = int(rng.integers(0, latest, endpoint=True))
        rounds = int(10 ** rng.uniform(0, 9))
        each, growth = (int(10 ** rng.uniform(0, 16)) for _ in range(2))
        growth *= int(rng.integers(2))
        end = time + rounds * each + growth * rounds * (rounds + 1) // 2
        assert late(time, rounds, each, growth, latest) == (end > latest)


def test_stretch_is_a_sum():
    """The closed form is the sum of iterations, one by one."""
    rng = np.random.default_rng(0)
    for _ in range(300):
        rounds, each, growth = (int(x) for x in rng.integers(0, 60, 3))
        naive = sum(each + growth * j for j in range(1, rounds + 1))
        assert stretch(rounds, each, growth) == naive


def test_rounds_until_is_the_first():
    """The least number of iterations, cut at what else may happen."""
    rng = np.random.default_rng(1)
    for _ in range(3000):
        gap, most = int(rng.integers(-5, 400)), int(rng.integers(1, 40))
        each, growth = int(rng.integers(1, 30)), int(rng.integers(0, 4))
        m = 1
        while m < most and stretch(m, each, growth) < gap:
            m += 1
        assert rounds_until(gap, each, growth, most) == m


def test_first_below_is_a_scan():
    """The tree finds what a look at every place finds."""
    rng = np.random.default_rng(2)
    for _ in range(200):
        n = int(rng.integers(1, 20))
        leaves = 1 << (n - 1).bit_length()
        leaves = np.full(2 * leaves, NEVER)
        values = [NEVER] * n
        for _ in range(30):
            place = int(rng.integers(n))
            values[place] = int(rng.choice([NEVER, *range(6)]))
            set_leaf(leaves, place, values[place])
            low, bound = int(rng.integers(n + 2)), int(rng.integers(7))
            hits = [i for i in range(low, n) if values[i] < bound]
            assert first_below(leaves, low, bound) == min(hits, default=-1)
