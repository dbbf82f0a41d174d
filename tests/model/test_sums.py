"""Sums that 64 bits cannot hold."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kvopt.analysis.metrics import metrics_of
from kvopt.model import Instance
from kvopt.model.sums import exact_sum
from kvopt.simulation import simulate
from kvopt.simulation.clocks import SECOND, AffineClock


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=50))
def test_the_sum_is_that_of_python(values):
    """No sum wraps, whatever the signs."""
    assert exact_sum(np.array(values, np.int64)) == sum(values)


def test_totals_are_the_sums_of_their_records():
    """With a clock, total latency is the sum over requests to the last tick.

    Iterations of a thousand seconds: two hundred latencies in picoseconds
    exceed 64 bits together.
    """
    instance = Instance.of(6, [(0, 1, 2)] * 200)
    clock = AffineClock(10**15, arrival_unit=SECOND)
    for policy in ("mc-sf", "svf", "fcfs", "vllm-like", "gsa"):
        for engine in ("fast", "reference"):
            result = simulate(instance, policy, engine, clock=clock)
            times, done = result.times, result.schedule.completed
            ticks = sum(times.end[done].tolist()) - sum(times.arrival.tolist())
            assert ticks > 2**63
            metrics = metrics_of(result)
            assert metrics.total_latency == ticks / SECOND
            assert metrics.latency.mean > 0


def test_totals_of_late_schedules():
    """In rounds, too: a thousand requests at the last round that there is."""
    instance = Instance.of(4, [(10**12, 1, 1)] * 40)
    result = simulate(instance, "mc-sf", "fast")
    total = metrics_of(result).total_latency
    assert total == result.objective == sum(result.records["latency"].tolist())
