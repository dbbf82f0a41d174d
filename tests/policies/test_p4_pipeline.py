"""Staggered pipelines against a naive steady state, and SPS as a whole."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from kvopt.adversary.optimum import cheapest
from kvopt.model import Instance
from kvopt.policies.pipeline import Pipeline, at_rate, pipeline
from kvopt.simulation import simulate


def equal(memory, prompt, output, n):
    """An instance of ``n`` equal requests, all at 0."""
    return Instance.of(memory, [(0, prompt, output)] * n)


def optimum(instance, cost):
    """The least total latency, which is at most ``cost``."""
    found = cheapest(instance, cost, nodes=20_000)
    assert found.proved
    if found.starts is None:
        return cost
    return sum(found.starts) + int(instance.output.sum())


def steady_peak(prompt, length, starts, gap):
    """The largest usage of a long pipeline, added up unit by unit."""
    usage = [0] * (5 * length + 1)
    for start in range(0, 4 * length, gap):
        for t in range(start + 1, start + length + 1):
            usage[t] += starts * (prompt + t - start)
    return max(usage)


def cases():
    """Many small (memory, prompt, length), each alone within memory."""
    for prompt in (0, 1, 2, 5):
        for length in (1, 2, 3, 4, 5, 7, 10):
            volume = prompt * length + length * (length + 1) // 2
            for memory in range(prompt + length, 3 * volume + 2):
                yield memory, prompt, length


def test_discrete_pipeline_is_the_densest_of_its_form():
    """The gap is the least ceil(tau/k), or the starts the most, that fits."""
    for memory, prompt, length in cases():
        pipe = pipeline(memory, prompt, length, "discrete")
        fitting = [
            (starts, gap)
            for starts in range(1, 5)
            for gap in {-(-length // k) for k in range(1, length + 1)}
            if gap == 1 or starts == 1
            if steady_peak(prompt, length, starts, gap) <= memory
        ]
        most = max(fitting, key=lambda pair: Fraction(*pair))
        assert pipe == most


def test_continuous_pipeline_is_feasible_and_never_denser():
    """The continuous formula keeps within M, with gaps at least as long."""
    wider = 0
    for memory, prompt, length in cases():
        pipe = pipeline(memory, prompt, length, "continuous")
        dense = pipeline(memory, prompt, length, "discrete")
        assert steady_peak(prompt, length, *pipe) <= memory
        assert pipe.starts == dense.starts and pipe.gap >= dense.gap
        wider += pipe.gap > dense.gap
    assert wider


def test_pipeline_of_a_rate():
    """A rate is rounded down to whole starts, or up to a whole gap."""
    assert at_rate(Fraction(7, 2)) == Pipeline(3, 1)
    assert at_rate(Fraction(1)) == Pipeline(1, 1)
    assert at_rate(Fraction(2, 7)) == Pipeline(1, 4)
    assert [Pipeline(2, 3).slot(j) for j in range(5)] == [0, 0, 3, 3, 6]


@pytest.mark.parametrize(
    ("memory", "prompt", "output", "n", "sps", "mc_sf", "best"),
    [
        (9, 1, 3, 7, 42, 48, 42),
        (15, 0, 5, 7, 56, 60, 55),
        (6, 0, 3, 5, 25, 27, 25),
        (17, 2, 4, 7, 70, 50, 50),
    ],
)
def test_sps_oracles(memory, prompt, output, n, sps, mc_sf, best):
    """SPS, MC-SF and the optimum have the costs worked out by hand."""
    instance = equal(memory, prompt, output, n)
    result = simulate(instance, "sps")
    assert result.objective == sps
    gap = 2 if prompt == 2 else 1
    assert result.records["start"].tolist() == list(range(0, n * gap, gap))
    assert simulate(instance, "mc-sf").objective == mc_sf
    assert optimum(instance, min(sps, mc_sf)) == best


def test_sps_loses_a_half_where_two_overlap_but_three_nearly_do():
    """On s=2, o=4, M=17 SPS tends to 1.5 times MC-SF from below."""
    ratios = []
    for n in (20, 200):
        instance = equal(17, 2, 4, n)
        costs = [simulate(instance, p).objective for p in ("sps", "mc-sf")]
        ratios.append(costs[0] / costs[1])
    assert ratios[0] < ratios[1] < 1.5
    assert ratios[1] > 1.495


@pytest.mark.parametrize("overlap", ["discrete", "continuous"])
def test_sps_is_a_two_approximation_for_equal_requests(overlap):
    """Never more than twice the optimum, on hundreds of small cases."""
    worst = 0.0
    rng = np.random.default_rng(0)
    for _ in range(300):
        prompt, output = int(rng.integers(0, 4)), int(rng.integers(1, 6))
        volume = prompt * output + output * (output + 1) // 2
        memory = int(rng.integers(prompt + output, 2 * volume + 3))
        instance = equal(memory, prompt, output, int(rng.integers(2, 7)))
        cost = simulate(instance, f"sps:overlap={overlap}").objective
        worst = max(worst, cost / optimum(instance, cost))
    assert 1.2 < worst <= 2


def test_sps_is_nearly_optimal_in_a_large_memory():
    """With M of 10 volumes and 2000 requests: 5% above the area bound."""
    instance = equal(150, 0, 5, 2000)
    area = sum(15 * j / 150 for j in range(1, 2001))
    assert simulate(instance, "sps").objective < 1.05 * area


def test_different_requests_count_as_the_longest():
    """SPS spaces requests as if all had the largest prompt and output."""
    mixed = Instance.of(30, [(0, 4, 2), (0, 1, 9), (0, 3, 3), (0, 0, 1)])
    starts = simulate(mixed, "sps").records["start"].tolist()
    same = simulate(equal(30, 4, 9, 4), "sps").records["start"].tolist()
    assert starts == same and len(set(starts)) > 1
    # Prompt 9 and output 10 do not fit together: one request at a time.
    wide = Instance.of(11, [(0, 0, 10), (0, 9, 1), (0, 9, 2)])
    assert simulate(wide, "sps").records["start"].tolist() == [0, 10, 20]
