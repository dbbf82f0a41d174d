"""Intervals and paired differences over seeds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from kvopt.analysis.paired import seed_rows, t_interval


def rows(policy, means, **more):
    """Rows of one policy, one a seed."""
    return [
        {"policy": policy, "seed": k, "mean": mean, "seconds": k, **more}
        for k, mean in enumerate(means)
    ]


def test_interval_is_students():
    """The interval is the one of scipy's t distribution."""
    rng = np.random.default_rng(0)
    for n in (2, 3, 10):
        values = rng.normal(size=n)
        expected = stats.t.interval(
            0.9, n - 1, values.mean(), stats.sem(values)
        )
        assert t_interval(values.tolist(), 0.9) == pytest.approx(expected)


def test_pairs_cancel_what_instances_share():
    """A constant difference has no interval, however the means spread."""
    first, second = seed_rows(rows("a", [1, 5, 9]) + rows("b", [2, 6, 10]))
    assert first.difference is None
    assert second.difference == 1
    assert second.difference_interval is None
    assert second.interval == pytest.approx(t_interval([2, 6, 10]))


def test_a_policy_that_failed_is_left_out():
    """No interval over the seeds that happened to end."""
    bad = [*rows("a", [1, 2]), {"policy": "a", "seed": 2, "failed": "stuck"}]
    (found,) = seed_rows(bad + rows("b", [1, 2, 3]))
    assert found.policy == "b" and found.difference is None


def test_a_seed_that_changes_nothing_is_seen():
    """Equal numbers for every seed are one run, run time and seed aside."""
    (found,) = seed_rows(rows("a", [3, 3], makespan=4))
    assert not found.varies and found.interval is None
