"""Schedules worked out by hand, and theorems that fix a schedule."""

from __future__ import annotations

import numpy as np
import pytest

from kvopt.model import Instance, PolicyError, Predictions
from kvopt.simulation import simulate


def at_zero(memory, pairs):
    """An instance of (prompt, output) pairs, all at round 0."""
    return Instance.of(memory, [(0, s, o) for s, o in pairs])


@pytest.mark.parametrize(
    ("prompt", "memory", "outputs", "cost", "starts"),
    [
        (1, 6, (2, 2, 3, 3), 16, [0, 0, 2, 4]),
        (1, 4, (1, 1, 2, 2, 3), 18, None),
        (3, 10, (1, 1, 3, 3, 4), 21, None),
        (1, 9, (3,) * 7, 48, [0, 0, 3, 3, 6, 6, 9]),
        (0, 6, (3,) * 5, 27, [0, 0, 3, 3, 6]),
    ],
)
def test_mc_sf_counterexamples(prompt, memory, outputs, cost, starts):
    """MC-SF has the costs and starts worked out by hand."""
    instance = at_zero(memory, [(prompt, o) for o in outputs])
    result = simulate(instance, "mc-sf")
    assert result.objective == cost
    if starts is not None:
        assert result.records["start"].tolist() == starts


def test_trap_defeats_shortest_first():
    """On the M=60 trap FCFS and SF cost 265, and SVF serves B first."""
    trap = at_zero(60, [(59, 1)] * 9 + [(1, 2)] * 20)
    costs = {
        name: simulate(trap, name).objective
        for name in ("fcfs", "sf", "mc-sf", "mc-benchmark", "svf")
    }
    assert costs["fcfs"] == costs["sf"] == 265
    assert costs["mc-sf"] == costs["mc-benchmark"] == 265
    assert costs["svf"] == 103


def test_two_point_instance():
    """MC-SF averages 67.24 on the two-point instance of P4."""
    pairs = [(96, 160)] * 6 + [(96, 1)] * 194
    assert simulate(at_zero(256, pairs), "mc-sf").objective == 13448


def test_equal_prompts_make_three_policies_one():
    """With equal prompts MC-SF, its skip variant and SVF are the same."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        memory = int(rng.integers(6, 25))
        prompt = int(rng.integers(0, 4))
        n = int(rng.integers(1, 12))
        outputs = rng.integers(1, memory - prompt + 1, n)
        arrivals = np.sort(rng.integers(0, 8, n))
        instance = Instance(memory, arrivals, np.full(n, prompt), outputs)
        schedules = {
            simulate(instance, spec).schedule
            for spec in ("mc-sf", "mc-sf:misfit=skip", "svf")
        }
        assert len(schedules) == 1


def test_skip_passes_over_a_misfit():
    """The skip variant starts a small late request that break leaves out."""
    # Once request 0 runs, request 1 does not fit beside it; request 2 does.
    instance = at_zero(10, [(4, 2), (6, 3), (0, 4)])
    broken = simulate(instance, "mc-sf").records["start"].tolist()
    skipped = simulate(instance, "mc-sf:misfit=skip").records["start"]
    assert broken == [0, 2, 4]
    assert skipped.tolist() == [0, 4, 0]


def test_margin_keeps_memory_free():
    """With margin 0.5 MC-SF never uses more than half of the memory."""
    instance = at_zero(20, [(1, 4)] * 6)
    half = simulate(instance, "mc-sf:margin=0.5").objective
    assert half == simulate(at_zero(10, [(1, 4)] * 6), "mc-sf").objective
    assert half > simulate(instance, "mc-sf").objective


def test_alpha_greedy_clears_everything():
    """Two requests that overflow together are cleared and tried again."""
    # Usage grows 4, 6, 8, 10 and would be 12 in round 5: both are cleared,
    # and alpha-greedy meets the same overflow for ever.
    instance = Instance.of(10, [(0, 1, 5), (0, 1, 5)])
    with pytest.raises(PolicyError, match=r"livelock.*requests 0, 1"):
        simulate(instance, "alpha-greedy:alpha=0.0")
    # Admitted one at a time (2 <= 0.3 * 10 < 4), they overflow later.
    result = simulate(instance, "alpha-greedy:alpha=0.7")
    assert result.records["start"].tolist() == [0, 5]


def test_short_predictions_are_learned_from():
    """MC-SF with predictions far too short still serves every request."""
    n = 4
    forecast = Predictions(point=np.ones(n, int))
    instance = Instance(
        10, np.zeros(n, int), np.zeros(n, int), np.full(n, 8), forecast
    )
    result = simulate(instance, "mc-sf:lengths=point")
    assert result.records["cancellations"].sum() > 0
    assert result.objective >= simulate(instance, "mc-sf").objective


def test_predictions_beyond_memory_are_cut():
    """A prediction that memory could not hold counts as ``M - s``."""
    forecast = Predictions(point=np.array([10**6, 3, 9]))
    instance = Instance(10, [0] * 3, [2] * 3, [3, 3, 3], forecast)
    result = simulate(instance, "mc-sf:lengths=point")
    # Requests 0 and 2 both count with 8 rounds, and only one fits beside 1.
    assert result.records["start"].tolist() == [0, 0, 3]
