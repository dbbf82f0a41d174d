"""Policies of P6 and its neighbours, and what they are bounded by."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from kvopt import solve
from kvopt.model import Instance, Predictions
from kvopt.policies import interleaved
from kvopt.policies.base import Hint, Job
from kvopt.policies.choices import Belief, Proxy
from kvopt.simulation import simulate
from kvopt.workloads.families.two_point import two_point


def test_proxies():
    """With T = 256, up to 16 rounds count as 4 and more count as 64."""
    proxy = Proxy(256)
    lengths = {
        o: proxy.length(Job(0, 0, 5, Hint(output=o)), 1)
        for o in (1, 4, 16, 17, 256, 900)
    }
    assert lengths == {1: 4, 4: 4, 16: 4, 17: 64, 256: 64, 900: 64}
    assert proxy.length(Job(0, 0, 5, Hint(output=16)), 9) == 9
    assert Proxy(1).ends == (1, 1)
    assert Proxy(1000).ends == (5, 177)
    point = Proxy(256, Belief.POINT)
    assert point.length(Job(0, 0, 5, Hint(point=17)), 1) == 64


def test_one_bit_sees_only_the_class():
    """Lengths that change within their class change nothing until lived."""
    rng = np.random.default_rng(0)
    compared = 0
    for _ in range(100):
        n = int(rng.integers(2, 9))
        prompt = rng.integers(0, 6, n)
        output = rng.integers(1, 21, n)
        longer = np.where(output > 5, rng.integers(output, 21), output)
        starts = []
        for column in (output, longer):
            instance = Instance(28, np.zeros(n, int), prompt, column)
            runs = simulate(instance, "svf-1-bit:longest=25").schedule
            starts.append((instance, runs))
        ends = [
            runs.stop[runs.completed & (output != longer)[runs.request]]
            for _, runs in starts
        ]
        same_until = min((int(e.min()) for e in ends if e.size), default=0)
        before = [
            [tuple(r[:2]) for r in runs.runs if r.start < same_until]
            for _, runs in starts
        ]
        assert before[0] == before[1]
        compared += same_until > 0
    assert compared >= 50


def test_one_bit_survives_short_and_long_proxies():
    """Overflow evicts and is learned from; a proxy above M - s still fits."""
    assert simulate(two_point(), "svf-1-bit").objective == 13448
    n = 6
    instance = Instance(30, np.zeros(n, int), np.zeros(n, int), np.full(n, 25))
    for overflow in ("evict-last", "clear-all"):
        spec = f"svf-1-bit:longest=625,overflow={overflow}"
        result = simulate(instance, spec)
        assert result.records["cancellations"].sum() > 0
        assert result.objective >= simulate(instance, "svf").objective


def test_one_bit_takes_the_bit_from_predictions():
    """With predictions on the right side of the threshold all stays same."""
    rng = np.random.default_rng(1)
    output = rng.integers(1, 21, 12)
    point = np.where(output <= 5, 1, 20)
    instance = Instance(
        30,
        np.zeros(12, int),
        rng.integers(0, 9, 12),
        output,
        Predictions(point=point),
    )
    true = simulate(instance, "svf-1-bit:longest=25").schedule
    told = simulate(instance, "svf-1-bit:longest=25,lengths=point").schedule
    assert true == told


@pytest.mark.parametrize(("prompt", "output"), [(0, 20), (5, 20), (20, 10)])
def test_cap_ends_the_cycle_of_evictions(prompt, output):
    """Greedy admission evicts and loses rounds; at the cap it does neither.

    With s = 0 greedy admission settles at half of the throughput.
    """
    volume = prompt * output + output * (output + 1) // 2
    n = 300
    instance = Instance(
        4 * volume, np.zeros(n, int), np.full(n, prompt), np.full(n, output)
    )
    greedy = simulate(instance, "vllm-like")
    capped = simulate(instance, "eviction-free-cap")
    assert greedy.records["cancellations"].sum() > 100
    assert capped.records["cancellations"].sum() == 0
    # Four starts a round until none is left, and the last runs to its end.
    assert capped.schedule.makespan == n // 4 - 1 + output
    assert greedy.schedule.makespan > capped.schedule.makespan
    if prompt == 0:
        assert greedy.schedule.makespan >= 2 * n / 4


def test_cap_never_evicts_equal_requests():
    """With one kind and M of a volume or more, for any arrivals."""
    rng = np.random.default_rng(2)
    for _ in range(60):
        prompt, output = int(rng.integers(0, 6)), int(rng.integers(1, 8))
        volume = prompt * output + output * (output + 1) // 2
        memory = volume + int(rng.integers(0, 3 * volume))
        n = int(rng.integers(1, 40))
        arrival = np.sort(rng.integers(0, 20, n))
        instance = Instance(
            memory, arrival, np.full(n, prompt), np.full(n, output)
        )
        schedule = simulate(instance, "eviction-free-cap").schedule
        assert schedule.completed.all()
        most = np.bincount(schedule.start).max()
        assert most <= memory // volume


def test_cap_of_a_given_rate():
    """A rate of 2.5 starts two a round; 0.3 one every four rounds."""
    n = 9
    instance = Instance(500, np.zeros(n, int), np.zeros(n, int), np.full(n, 6))
    for rate, expected in (
        (2.5, [0, 0, 1, 1, 2, 2, 3, 3, 4]),
        (0.3, [0, 4, 8, 12, 16, 20, 24, 28, 32]),
        (1000, [0] * 9),
    ):
        result = simulate(instance, f"eviction-free-cap:rate={rate}")
        assert result.records["start"].tolist() == expected


def large_first(length):
    """One request that leaves little room, and many of one unit."""
    memory = length**2
    sizes = [(0, memory - length, length)] + [(0, 0, 1)] * memory
    return Instance.of(memory, sizes)


def heavy_response_first(prompt):
    """Requests that fit together, and one of a long response."""
    sizes = [(0, prompt, 1)] * prompt + [(0, 0, 2 * prompt)]
    return Instance.of(prompt * (prompt + 1), sizes)


def test_areas_name_two_rules():
    """Smallest area first is SVF; largest serves the large one first."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        n = 8
        instance = Instance(
            30, np.zeros(n, int), rng.integers(0, 9, n), rng.integers(1, 20, n)
        )
        small = simulate(instance, "smallest-area-first").schedule
        assert small == simulate(instance, "svf").schedule
    for length in (6, 12):
        instance = large_first(length)
        largest = simulate(instance, "largest-area-first")
        assert largest.schedule.starts(instance)[0] == 0
        assert 3 * largest.objective >= length**3


def test_route_is_bounded_where_its_branches_are_not():
    """Where Response loses more and more against MC-SF, Route does not."""
    for prompt, limit in ((8, 4), (20, 4), (40, 4)):
        instance = heavy_response_first(prompt)
        best = simulate(instance, "mc-sf").objective
        assert simulate(instance, "route").objective <= limit * best
        alone = simulate(instance, "response").objective
        assert 4 * alone >= prompt * best
    for length in (6, 12, 20):
        instance = large_first(length)
        best = simulate(instance, "mc-sf").objective
        assert simulate(instance, "route").objective <= 4 * best


def test_route_changes_over_what_outlives_its_prompt():
    """A small request is cancelled when it has made as many as was asked.

    After ``s`` rounds it is cancelled with all progress lost, and no run of
    it in the branch of Rect is longer.
    """
    instance = Instance.of(40, [(0, 4, 20), (0, 4, 3)])
    runs = simulate(instance, "route").schedule.runs
    lengths = [run.stop - run.start for run in runs if run.request == 0]
    # Attempts of 1, 2 and 4 rounds; then caps 4, 8, 16 and the last run.
    assert lengths == [1, 2, 4, 4, 8, 16, 20]
    assert sum(run.completed for run in runs) == 2


def test_route_gives_each_branch_its_slice():
    """Alone, one branch takes at most three times as long as its rule."""
    large = Instance.of(20, [(0, 8, o) for o in (5, 1, 2, 7)])
    shared = simulate(large, "route").schedule
    # It has all the time, but its runs are fitted into slices.
    assert shared.makespan <= 3 * simulate(large, "rect").schedule.makespan


def test_interleaved_is_within_its_ratio():
    """On random small instances it stays within 205/16 of the optimum."""
    rng = np.random.default_rng(4)
    worst = Fraction(0)
    for _ in range(60):
        n, memory = int(rng.integers(2, 7)), int(rng.integers(4, 13))
        prompt = rng.integers(0, memory, n)
        output = rng.integers(1, memory - prompt + 1)
        instance = Instance(memory, np.zeros(n, int), prompt, output)
        paid = simulate(instance, "interleaved").objective
        best = solve(instance, "brute-force").objective
        worst = max(worst, Fraction(int(paid), int(best)))
    assert 1 <= worst <= Fraction(205, 16)


def test_the_mean_over_offsets_is_what_the_proof_says():
    """Mean cost of the 64 merged schedules, against the parts alone."""
    rng = np.random.default_rng(5)
    growth = Fraction(25, 24) ** 64
    factors = (
        1 + Fraction(100, 64),
        1 + Fraction(25, 48) + 25 * (growth - 1) / 192,
    )
    for _ in range(40):
        n, memory = int(rng.integers(1, 40)), int(rng.integers(4, 60))
        sizes = [
            (s, int(rng.integers(1, memory - s + 1)))
            for s in rng.integers(0, memory, n).tolist()
        ]
        jobs = [Job(i, 0, s, Hint(output=o)) for i, (s, o) in enumerate(sizes)]
        parts, levels = interleaved.parts_of(jobs, memory)
        total = sum(
            start + sizes[i][1]
            for k in range(64)
            for i, start in interleaved.merged(parts, levels, k).items()
        )
        alone = [sum(run.end for run in part) for part in parts]
        bound = sum(f * c for f, c in zip(factors, alone, strict=True))
        assert Fraction(total, 64) <= bound


def test_interleaved_survives_the_families_against_one_order():
    """Where SVF and largest first lose without bound it stays within 4."""
    alternating = [(0, 0, 20), (0, 209, 1)] * 50
    for instance in (
        Instance.of(210, alternating),
        large_first(15),
        heavy_response_first(15),
    ):
        best = simulate(instance, "mc-sf").objective
        assert simulate(instance, "interleaved").objective <= 4 * best


def test_the_rule_for_geometric_lengths_is_a_min():
    """Under P3's distribution results A_min itself is the rule."""
    instance = Instance.of(
        30,
        [(0, 0, o) for o in (1, 9, 3, 7, 12, 1, 1, 5)],
        predictions=Predictions(np.ones(8, int), np.full(8, 12)),
    )
    named = simulate(instance, "distribution-rule").schedule
    assert named == simulate(instance, "a-min").schedule
