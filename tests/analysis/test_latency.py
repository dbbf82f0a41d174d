import dataclasses

import pytest

from kvopt.analysis import latency_of
from kvopt.model import InputError, Instance, Run, Schedule
from kvopt.simulation import simulate


def test_statistics_are_of_the_latencies():
    """On latencies 2, 2, 5, 7: mean 4, median 2, 95 % and largest 7."""
    instance = Instance.of(6, [(0, 1, 2), (0, 1, 2), (0, 1, 3), (0, 1, 3)])
    latency = latency_of(simulate(instance, "mc-sf"))
    assert latency == (4.0, 2, 7, 7, 7, 7)


def test_a_percentile_is_a_latency_that_was_observed():
    """With latencies 1..100 the p-th percentile is p, not between two."""
    instance = Instance.of(1000, [(0, 0, o) for o in range(1, 45)])
    latency = latency_of(simulate(instance, "mc-sf"))
    assert latency.p50 == 22
    assert latency.p90 == 40
    assert latency.p99 == latency.largest == 44


def test_no_mean_when_a_request_is_unfinished():
    """A schedule that starves a request has no mean latency."""
    instance = Instance.of(6, [(0, 1, 2), (0, 1, 3)])
    result = dataclasses.replace(
        simulate(instance, "mc-sf"),
        schedule=Schedule([Run(0, 0, 2, True), Run(1, 0, 1, False)]),
    )
    with pytest.raises(InputError, match="completed runs of request 1 = 0"):
        latency_of(result)
