"""The fluid model of P5: by hand, by brute force, and by simulation."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from kvopt.analysis.fluid import (
    PromptType,
    equal_segments,
    equilibrium,
    fluid_load,
    largest_scale,
    nested_required_memory,
    nested_thresholds,
    survival,
    tail_exponent,
    wait_thresholds,
)
from kvopt.check import check_staged
from kvopt.model import InputError, Instance
from kvopt.policies.staged.nested_wait import NestedWait
from kvopt.policies.staged.thresholds import nested_memory, wait_memory
from kvopt.policies.staged.wait import Wait
from kvopt.simulation.clocks import AffineClock
from kvopt.simulation.staged import simulate_staged

# One unit of time of the formulas, in ticks of the clock.
UNIT = 10**6


def clock(d0, d1):
    """The clock of ``d0 + d1*K`` whose arrivals are in ticks."""
    return AffineClock(d0=int(d0 * UNIT), d2=int(d1 * UNIT), arrival_unit=1)


def arrivals(types, memory, horizon, seed):
    """Poisson arrivals of every type over ``[0, horizon)``."""
    rng = np.random.default_rng(seed)
    rows = [
        (int(time * UNIT), kind.prompt, kind.output)
        for kind in types
        for time in rng.uniform(
            0, horizon, rng.poisson(float(kind.rate) * horizon)
        )
    ]
    return Instance.of(memory, sorted(rows))


def worked_example(rounds):
    """P5's example: 3 requests at 0, 6 at 1, then 4 a round."""
    counts = [3, 6, *[4] * rounds]
    rows = [(t, 1, 1) for t, n in enumerate(counts) for _ in range(n)]
    return Instance.of(12, rows)


def sizes(result):
    """Prefills, decodes and evictions of each iteration."""
    return [
        (len(s.prefill), len(s.decode), len(s.evict))
        for s in result.iterations
    ]


def test_worked_example_in_the_fluid_model():
    """l = l' = 1, lam = 4: four at each stage, 12 units, C = M*."""
    found = equilibrium([PromptType(1, 1, 4)], 1, 0)
    assert found.per_stage == (4,)
    assert found.memory == 12 and found.iteration == 1
    assert found.throughput == 4
    assert wait_thresholds([PromptType(1, 1, 4)], 1, 0, 12) == (4,)


def test_worked_example_fcfs_cycle():
    """From (6 prefill, 3 decode) FCFS evicts for ever: 3 of 4 complete."""
    result = simulate_staged(worked_example(400), "staged-fcfs")
    steps = sizes(result)
    assert steps[1:7] == [
        (6, 3, 0),
        (0, 6, 0),
        (8, 0, 0),
        (0, 6, 2),
        (10, 0, 0),
        (0, 6, 4),
    ]
    # It fills the memory, and then evicts half of it, in turns.
    assert set(steps[20:400]) == {(12, 0, 0), (0, 6, 6)}
    assert result.throughput(400, 20) == 3
    wait = simulate_staged(worked_example(400), "wait:thresholds=1x1:4")
    assert wait.throughput(400, 20) == 4 and wait.evictions == 0
    assert set(sizes(wait)[1:400]) == {(4, 4, 0)}


def test_worked_example_as_the_paper_tells_it():
    """Newcomers that evict: 6+3, then 2 are evicted and 4+4 are left."""
    rows = [(t, 1, 1) for t, n in enumerate((3, 6, 4)) for _ in range(n)]
    result = simulate_staged(
        Instance.of(12, rows), "staged-fcfs:newcomers=evict"
    )
    assert sizes(result)[1:3] == [(6, 3, 0), (4, 4, 2)]


def test_published_memory_curve():
    """Two published values of M* give the other two, and the crossing.

    Between the rates, M* = a lam / (1 - b lam): 34,377 at 50 and 250,509 at
    80 queries a second determine a and b.
    """
    inverse = {50: Fraction(1, 34_377), 80: Fraction(1, 250_509)}
    a = (Fraction(1, 50) - Fraction(1, 80)) / (inverse[50] - inverse[80])
    b = a * (1 / (50 * a) - inverse[50])
    # One type of volume 3/2 (l = 0 and l' = 1 has w = 1) with these a, b.
    kind = PromptType(0, 1, 1)
    d0, d1 = a / kind.volume, b / kind.volume
    for rate, memory in ((60, 55_758), (70, 100_327)):
        found = equilibrium([PromptType(0, 1, rate)], d0, d1)
        assert float(found.memory) == pytest.approx(memory, rel=1e-4)
    crossing = largest_scale([kind], d0, d1, 137_000)
    assert float(crossing) == pytest.approx(74.1, abs=0.1)


def test_equilibrium_satisfies_its_equations():
    """Flow balance and memory, exactly, on random types."""
    rng = np.random.default_rng(0)
    for _ in range(100):
        types = [
            PromptType(
                int(rng.integers(0, 9)),
                int(rng.integers(1, 9)),
                Fraction(int(rng.integers(1, 9)), 7),
            )
            for _ in range(int(rng.integers(1, 4)))
        ]
        d0 = Fraction(int(rng.integers(1, 9)), 3)
        d1 = Fraction(1, int(rng.integers(50, 2000)))
        if fluid_load(types, d1) >= 1:
            with pytest.raises(InputError, match="unstable"):
                equilibrium(types, d0, d1)
            continue
        found = equilibrium(types, d0, d1)
        assert found.iteration == d0 + d1 * found.memory
        held = 0
        for kind, n in zip(types, found.per_stage, strict=True):
            assert n == kind.rate * found.iteration
            stages = range(kind.output + 1)
            held += n * sum(kind.prompt + s for s in stages)
        assert held == found.memory
        memory = math.ceil(found.memory) + 5
        scale = largest_scale(types, d0, d1, memory)
        scaled = [
            PromptType(t.prompt, t.output, t.rate * scale) for t in types
        ]
        assert equilibrium(scaled, d0, d1).memory == memory


@pytest.mark.parametrize("strict", [False, True])
def test_wait_thresholds_are_the_least(strict):
    """Brute force over all thresholds finds none that is smaller."""
    rng = np.random.default_rng(1)
    refused = 0
    for _ in range(60):
        types = [
            PromptType(int(p), int(o), Fraction(int(r), 4))
            for p, o, r in rng.integers((0, 1, 1), (4, 4, 7), (2, 3))
        ]
        d0, d1 = Fraction(1), Fraction(1, int(rng.integers(40, 300)))
        memory = int(rng.integers(15, 60))

        def holds(n, types=types, d0=d0, d1=d1, memory=memory):
            used = sum(k * t.volume for k, t in zip(n, types, strict=True))
            time = d0 + d1 * used
            if used > memory:
                return False
            pairs = [(time * t.rate, k) for k, t in zip(n, types, strict=True)]
            return all(a < k if strict else a <= k for a, k in pairs)

        good = [n for n in product(range(1, 20), repeat=2) if holds(n)]
        if not good:
            refused += 1
            with pytest.raises(InputError):
                wait_thresholds(types, d0, d1, memory, strict)
            continue
        found = wait_thresholds(types, d0, d1, memory, strict)
        assert found in good
        assert all(a <= b for n in good for a, b in zip(found, n, strict=True))
    assert 5 < refused < 55


def test_nested_thresholds_satisfy_the_conditions():
    """The two inequalities of Theorem 2, and the memory by hand."""
    assert survival([2, 1]) == (Fraction(1, 3),)
    assert survival([1, 1, 2]) == (Fraction(3, 4), Fraction(2, 3))
    ends, rates = (2, 5, 9), (Fraction(2), Fraction(1), Fraction(1, 2))
    d0, d1 = Fraction(1), Fraction(1, 500)
    found = nested_thresholds(3, ends, rates, d0, d1, 2000)
    by_hand = found[0] * (3 + 4 + 5)
    by_hand += found[1] * (6 + 7 + 8) + found[2] * (9 + 10 + 11 + 12)
    assert nested_memory(3, ends, found) == by_hand
    assert d0 + d1 * by_hand < found[0] / sum(rates)
    for k, p in enumerate(survival(rates), start=1):
        assert p < Fraction(found[k], found[k - 1]) < 1
    with pytest.raises(InputError, match="too little"):
        nested_thresholds(3, ends, rates, d0, d1, by_hand - 1)


def test_segments_group_lengths():
    """Each length counts in the segment in which it ends; none is lost."""
    ends, rates = equal_segments([1, 3, 4, 9, 10], [1, 2, 3, 4, 5], 2)
    assert (ends, rates) == ((5, 10), (6, 9))
    # Of five segments of two stages nothing ends in the third and fourth.
    ends, rates = equal_segments([1, 3, 4, 9, 10], [1, 2, 3, 4, 5], 5)
    assert (ends, rates) == ((2, 4, 10), (1, 5, 9))
    outputs = list(range(1, 30))
    for segments in (1, 2, 7, 29):
        ends, rates = equal_segments(outputs, outputs, segments)
        assert len(ends) == segments and ends[-1] == 29
        assert sum(rates) == sum(outputs)
        found = nested_thresholds(3, ends, rates, 1, 0, 10**9)
        assert len(found) == segments
    with pytest.raises(InputError, match="segments"):
        equal_segments([1], [1], 0)


def test_tail_exponent_is_the_root():
    """The root, above Hoeffding's bound; refused where there is none."""
    for before in range(3, 40, 4):
        for here in range(1, before):
            for share in (Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)):
                if not share * before < here:
                    with pytest.raises(InputError):
                        tail_exponent(before, here, share)
                    continue
                theta = tail_exponent(before, here, share)
                bound = 8 * float(here - before * share) / before
                assert theta >= bound * (1 - 1e-9)
                p = float(share)
                grown = theta + math.log(p + (1 - p) * math.exp(-theta))
                assert before * grown == pytest.approx(here * theta)


def test_bad_numbers():
    """One line with field and value."""
    for field, call in (
        ("rate", lambda: PromptType(1, 1, 0)),
        ("rate", lambda: PromptType(1, 1, math.nan)),
        ("output", lambda: PromptType(1, 0, 1)),
        ("d0", lambda: equilibrium([PromptType(1, 1, 1)], 0, 0)),
        ("d1", lambda: equilibrium([PromptType(1, 1, 1)], 1, -1)),
        ("types", lambda: equilibrium([], 1, 0)),
        (
            "delta",
            lambda: nested_required_memory(1, (1,), (1,), (1,), 1, 9, 0),
        ),
    ):
        with pytest.raises(InputError) as caught:
            call()
        assert caught.value.field == field


TYPES = (PromptType(3, 2, 4), PromptType(3, 5, 2))
D0, D1 = Fraction(1), Fraction(1, 400)


def test_equilibrium_is_the_mean_of_a_long_simulation():
    """With ample memory FCFS holds M* on average, within sampling error.

    The state is affine in the arrivals, so that the stationary mean of the
    memory is M* itself, as long as the worker is never idle.
    """
    means, times = [], []
    for seed in range(8):
        instance = arrivals(TYPES, 10**4, 1000, seed)
        result = simulate_staged(instance, "staged-fcfs", clock(D0, D1))
        steady = slice(20, -20)
        means.append(result.memory[steady].mean())
        span = result.iterations[-20].start - result.iterations[20].start
        times.append(span / (len(result.iterations) - 40) / UNIT)
        assert result.evictions == 0
    found = equilibrium(TYPES, D0, D1)
    for sample, exact in ((means, found.memory), (times, found.iteration)):
        error = np.std(sample, ddof=1) / math.sqrt(len(sample))
        assert error < 0.01 * exact
        assert abs(np.mean(sample) - float(exact)) < 4 * error


def test_wait_reaches_the_fluid_throughput():
    """Strict thresholds: Thr*, bounded delay, at most M^pi, no eviction."""
    numbers = wait_thresholds(TYPES, D0, D1, 2000, strict=True)
    thresholds = {
        (t.prompt, t.output): n for t, n in zip(TYPES, numbers, strict=True)
    }
    most = wait_memory(thresholds)
    delays = []
    for horizon in (300, 1200):
        instance = arrivals(TYPES, math.ceil(most), horizon, 1)
        result = simulate_staged(instance, Wait.of(thresholds), clock(D0, D1))
        assert check_staged(instance.document(), result.document()).ok
        assert result.evictions == 0 and result.memory.max() == most
        # Arrivals that the policy has not completed by the end are few.
        inside = result.throughput(horizon * UNIT) * horizon * UNIT
        offered = instance.output.sum()
        assert 0 <= offered - inside < 40 * sum(numbers)
        delays.append(result.records["latency"].mean())
    assert delays[1] < 2 * delays[0]


def test_overload_grows_at_the_rate_of_the_fluid_model():
    """Beyond its thresholds WAIT completes n a full iteration, no more."""
    kind = PromptType(2, 3, 10)
    policy = Wait.of({(2, 3): 4})
    full = D0 + D1 * 4 * kind.volume
    instance = arrivals([kind], 60, 400, 2)
    result = simulate_staged(instance, policy, clock(D0, D1))
    rate = result.throughput(400 * UNIT, 20 * UNIT) * UNIT
    assert rate == pytest.approx(float(4 * 3 / full), rel=0.01)
    assert fluid_load([PromptType(2, 3, 30)], D1) >= 1
    with pytest.raises(InputError, match="unstable"):
        wait_thresholds([PromptType(2, 3, 30)], D0, D1, 10**9)


def test_nested_wait_overflows_no_more_often_than_promised():
    """With the required memory, hardly any run evicts; lengths unknown."""
    ends = tuple(t.output for t in TYPES)
    rates = tuple(t.rate for t in TYPES)
    thresholds = nested_thresholds(3, ends, rates, D0, D1, 10**4)
    policy = NestedWait(
        "+".join(map(str, ends)), "+".join(map(str, thresholds))
    )
    overflows, gaps = 0, []
    for horizon in (200, 800):
        memory = nested_required_memory(
            3, ends, thresholds, rates, D0, horizon, delta=0.1
        )
        shares = []
        for seed in range(10):
            instance = arrivals(TYPES, math.ceil(memory), horizon, seed)
            result = simulate_staged(instance, policy, clock(D0, D1))
            overflows += bool(result.evictions)
            inside = result.throughput(horizon * UNIT) * horizon * UNIT
            shares.append(inside / instance.output.sum())
        gaps.append(1 - np.mean(shares))
    # Of 20 runs at most 0.1 * 20 on average, and the bound is generous.
    assert overflows <= 2
    # The throughput gap is O(1/T).
    assert 0 < gaps[1] < gaps[0] / 3
