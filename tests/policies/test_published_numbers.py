"""Numbers that circulate for the policies: two-point averages, A_min's maxima.

Those of readings.md 3.4 and 4.6; others are in the tests of their policies.
"""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from benchmarks import a_min_ratios
from kvopt.exact import lower_bound
from kvopt.model import Instance
from kvopt.simulation import simulate
from kvopt.workloads import with_common_interval
from kvopt.workloads.families.two_point import TwoPoint, two_point

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.parametrize(
    ("spec", "average"),
    [
        ("mc-sf", 67.24),
        ("gsa", 111.31),
        ("a-min:update=continuous", 220.96),
        ("vllm-like", 929.46),
    ],
)
def test_two_point_averages(spec, average):
    """The published averages, with the long requests first."""
    instance = two_point(TwoPoint(long_first=True))
    instance = with_common_interval(instance, 1, 160)
    found = Fraction(simulate(instance, spec).objective, len(instance))
    assert round(float(found), 2) == average


def test_two_point_area_bound():
    """The area bound is 49.62 on average, in whichever order they come."""
    for first in (True, False):
        instance = two_point(TwoPoint(long_first=first))
        value = lower_bound(instance, "area").value
        assert round(value / len(instance), 1) == 49.6


def test_equal_requests_in_a_pipeline():
    """SPS starts one a round and is optimal; greedy needs 48."""
    instance = Instance.of(9, [(0, 1, 3)] * 7)
    result = simulate(instance, "sps")
    assert result.records["start"].tolist() == list(range(7))
    assert result.objective == 42
    assert simulate(instance, "mc-sf").objective == 48


def maxima(policy):
    """The row of the largest mean ratio, by law and number of requests."""
    path = BENCHMARKS / "results" / "a_min_ratios.csv"
    worst = {}
    with path.open() as file:
        for row in csv.DictReader(file):
            key = row["law"], int(row["requests"])
            if row["policy"] == policy and (
                key not in worst
                or float(row["mean_ratio"]) > float(worst[key]["mean_ratio"])
            ):
                worst[key] = row
    return worst


@pytest.mark.parametrize(
    ("law", "published"),
    [
        ("two-point", 1.25),
        ("geometric", 1.67),
        ("linear geometric", 1.40),
        ("uniform", 1.14),
    ],
)
@pytest.mark.parametrize("policy", ["a-min", "a-min:update=continuous"])
def test_maxima_of_a_min(law, published, policy):
    """Between the maxima at 1200 and at 1500 requests, within errors."""
    rows = maxima(policy)
    ends = [rows[law, n] for n in (1200, 1500)]
    low, high = (float(row["mean_ratio"]) for row in ends)
    slack = 3 * max(float(row["standard_error"]) for row in ends)
    assert low - slack <= published <= high + slack


def test_the_table_of_maxima_is_that_of_the_code():
    """The row of the largest two-point ratio comes out again."""
    row = maxima("a-min")["two-point", 1500]
    assert row["parameters"] == "u=4 p=0.25"
    ratios = a_min_ratios.measure(
        1500, np.array([1, 4]), np.array([0.75, 0.25]), "a-min", 10
    )
    assert round(float(ratios.mean()), 4) == float(row["mean_ratio"])
    assert round(float(ratios.max()), 4) == float(row["largest_ratio"])
