"""A_max, A_min, A_l and H-SF: oracles, claims, hand-made schedules."""

from __future__ import annotations

import numpy as np
import pytest

from kvopt.model import InputError, Instance, Predictions
from kvopt.simulation import simulate
from kvopt.workloads import TwoPoint, two_point, with_common_interval


def batch(memory, outputs, lower, upper, prompt=0):
    """Requests at 0 of equal prompts, with one interval for all."""
    rows = [(0, prompt, int(o)) for o in outputs]
    return with_common_interval(Instance.of(memory, rows), lower, upper)


@pytest.mark.parametrize(
    ("long_first", "update", "cost", "cancellations"),
    [
        (True, "continuous", 44192, 29),
        (True, "cancellation", 44552, 33),
        (False, "continuous", 13448, 30),
        (False, "cancellation", 14252, 36),
    ],
)
def test_a_min_on_the_two_point_instance(
    long_first, update, cost, cancellations
):
    """Means 220.96 (29 cancellations) and 67.24, as in readings.md 3.2."""
    instance = two_point(TwoPoint(long_first=long_first))
    instance = with_common_interval(instance, 1, 160)
    result = simulate(instance, f"a-min:update={update}")
    assert result.objective == cost
    assert result.records["cancellations"].sum() == cancellations


def test_h_sf_is_mc_sf():
    """The benchmark of P3 is MC-SF with true lengths."""
    rng = np.random.default_rng(0)
    for _ in range(30):
        n = int(rng.integers(1, 15))
        prompt, output = rng.integers(0, 5, n), rng.integers(1, 12, n)
        instance = Instance(20, np.zeros(n, int), prompt, output)
        schedule = simulate(instance, "h-sf").schedule
        assert schedule == simulate(instance, "mc-sf").schedule


def test_a_max_reserves_the_upper_end():
    """Nobody is cancelled, and an early end lets the next one start."""
    instance = batch(6, [1, 1, 3], 1, 3)
    result = simulate(instance, "a-max:order=arrival")
    # Two of length 3 would hold 6 units; the third would make it 9.
    assert result.records["start"].tolist() == [0, 0, 1]
    assert result.records["cancellations"].sum() == 0
    rng = np.random.default_rng(1)
    for seed in range(20):
        instance = batch(30, rng.integers(1, 11, 20), 1, 10, prompt=1)
        result = simulate(instance, "a-max", seed=seed)
        assert result.records["cancellations"].sum() == 0


def test_exact_intervals_give_the_benchmark():
    """With ``l = o = u`` A_min and A_l are H-SF."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        n = int(rng.integers(1, 15))
        o, zero = rng.integers(1, 9, n), np.zeros(n, int)
        instance = Instance(12, zero, zero + 2, o, Predictions(o, o))
        best = simulate(instance, "h-sf").schedule
        for spec in ("a-min", "a-min:update=continuous", "a-l"):
            assert simulate(instance, spec).schedule == best


def test_a_l_makes_two_passes():
    """Everyone runs at most ``l`` rounds, then the survivors run to ``u``."""
    # In round 2 two hold 2 units each and a third 1; a survivor fits beside
    # the last of the first pass, and in round 7 it holds all 5 units.
    instance = batch(5, [5, 2, 5, 2], 2, 5)
    result = simulate(instance, "a-l")
    runs = [tuple(run) for run in result.schedule.runs]
    assert runs == [
        (0, 0, 2, False),
        (1, 0, 2, True),
        (2, 1, 3, False),
        (0, 2, 7, True),
        (3, 2, 4, True),
        (2, 7, 12, True),
    ]


def test_a_l_drops_a_request_at_most_once():
    """Intervals may differ; the memory always suffices."""
    rng = np.random.default_rng(3)
    for online in (False, True):
        for _ in range(40):
            n = int(rng.integers(1, 15))
            prompt, output = rng.integers(0, 5, n), rng.integers(1, 12, n)
            lower = rng.integers(1, output + 1)
            upper = rng.integers(output, 15)
            arrival = np.sort(rng.integers(0, 12, n)) * online
            forecast = Predictions(lower, upper)
            instance = Instance(20, arrival, prompt, output, forecast)
            records = simulate(instance, "a-l").records
            expected = output > lower
            assert (records["cancellations"] == expected).all()


def test_a_l_refuses_a_wrong_upper_end():
    """A request that outlives its interval is named."""
    forecast = Predictions([1, 1], [2, 2])
    instance = Instance(9, [0, 0], [0, 0], [2, 4], forecast)
    with pytest.raises(InputError, match=r"requests\[1\].upper = 2"):
        simulate(instance, "a-l")


def test_a_max_survives_a_wrong_upper_end():
    """Upper ends far too low cost restarts, not a crash."""
    n = 4
    forecast = Predictions(np.ones(n, int), np.ones(n, int))
    zero = np.zeros(n, int)
    instance = Instance(10, zero, zero, np.full(n, 8), forecast)
    result = simulate(instance, "a-max")
    assert result.records["cancellations"].sum() > 0


@pytest.mark.parametrize(
    ("lower", "upper", "same"), [(2, 4, "a-l"), (2, 3, "a-min")]
)
def test_two_point_rule_switches_at_a_half(lower, upper, same):
    """A_l if ``l/u <= 1/2``, otherwise A_min, and the two differ."""
    outputs = [upper, lower, upper, upper, lower, upper, lower]
    instance = batch(9, outputs, lower, upper)
    schedules = {
        spec: simulate(instance, spec).schedule
        for spec in ("a-l", "a-min", "two-point-rule")
    }
    assert schedules["two-point-rule"] == schedules[same]
    assert schedules["a-l"] != schedules["a-min"]


@pytest.mark.parametrize(
    ("values", "weights", "claimed", "least"),
    [
        ([1, 4], [0.8, 0.2], 1.5, 1.05),
        (range(1, 33), 0.8 ** np.arange(1, 33), 1.85, 1.4),
        (range(1, 9), np.ones(8), 1.25, 1.02),
    ],
)
def test_a_min_is_close_to_h_sf(values, weights, claimed, least):
    """Two-point, geometric and uniform lengths: ratios as in readings.md 3.4.

    The full set-up is in ``benchmarks/a_min_ratios.py``.
    """
    rng = np.random.default_rng(4)
    share = np.asarray(weights) / np.sum(weights)
    values = np.asarray(list(values))
    outputs = rng.choice(values, 1200, p=share)
    instance = batch(600, outputs, 1, int(values.max()))
    best = simulate(instance, "h-sf").objective
    ratio = simulate(instance, "a-min").objective / best
    assert least < ratio < claimed
