"""Families on which a policy's guarantee ends, as its metadata says."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import pytest

from kvopt.model import Instance, Predictions
from kvopt.policies.a_min import AMin
from kvopt.policies.svf import SVF
from kvopt.simulation import simulate


def prompts_dominate(ratio, n=60):
    """Long requests first, one at a time: M = s + u, s = 2u, l = 1."""
    long = round(n / (1 + sqrt(ratio)))
    output = np.array([ratio] * long + [1] * (n - long))
    told = Predictions(np.full(n, 1), np.full(n, ratio), None)
    zeros = np.zeros(n, int)
    return Instance(3 * ratio, zeros, zeros + 2 * ratio, output, told)


def loss(instance, policy, other):
    """The ratio of two policies' total latencies."""
    costs = [
        simulate(instance, p, "reference").objective for p in (policy, other)
    ]
    return costs[0] / costs[1]


@pytest.mark.parametrize(
    ("ratio", "expected"), [(9, 2.94), (25, 4.81), (100, 9.21)]
)
def test_a_min_exceeds_its_claimed_ratio_where_prompts_dominate(
    ratio, expected
):
    """A_min over H-SF grows as sqrt(1/alpha), not as its logarithm."""
    found = loss(prompts_dominate(ratio), "a-min", "h-sf")
    assert found == pytest.approx(expected, abs=0.005)
    assert found > log(ratio)
    assert "false" in AMin.info.ratio


@pytest.mark.parametrize(
    ("a", "expected"), [(6, 3.05), (10, 4.55), (20, 8.09)]
)
def test_svf_is_unbounded_when_peaks_reach_the_memory(a, expected):
    """Equal volumes in alternation cost SVF a factor that grows with a."""
    memory = a * (a + 1) // 2
    rows = [(0, 0, a), (0, memory - 1, 1)] * 50
    found = loss(Instance.of(memory, rows), "svf", "mc-sf")
    assert found == pytest.approx(expected, abs=0.005)
    assert "alpha < 1" in SVF.info.ratio
