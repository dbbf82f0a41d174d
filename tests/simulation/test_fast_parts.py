"""Parts of the fast engine against what they are short for."""

from __future__ import annotations

import numpy as np

from kvopt.simulation.fast.pace import rounds_until, stretch
from kvopt.simulation.fast.profile import NEVER
from kvopt.simulation.fast.tree import first_below, set_leaf


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
        tree = np.full(2 * leaves, NEVER)
        values = [NEVER] * n
        for _ in range(30):
            place = int(rng.integers(n))
            values[place] = int(rng.choice([NEVER, *range(6)]))
            set_leaf(tree, place, values[place])
            low, bound = int(rng.integers(n + 2)), int(rng.integers(7))
            hits = [i for i in range(low, n) if values[i] < bound]
            assert first_below(tree, low, bound) == min(hits, default=-1)
