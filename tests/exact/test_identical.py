"""Identical requests: the cases of the readings, rates, and the theorem."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from kvopt.exact.control.feasibility import fault
from kvopt.exact.few_types.batch import few_types
from kvopt.exact.few_types.identical import best_pattern, greedy_pattern
from kvopt.exact.few_types.table import Phases
from kvopt.exact.few_types.types import Types
from kvopt.model import Instance
from kvopt.simulation import simulate


def equal(memory, prompt, output, n):
    """Return ``n`` equal requests."""
    return Instance.of(memory, [(0, prompt, output)] * n)


def grid(most):
    """Yield all ``(M, s, o)`` up to a memory."""
    for memory in range(1, most + 1):
        for output in range(1, memory + 1):
            for prompt in range(memory - output + 1):
                yield memory, prompt, output


def test_staggering_beats_both_rules():
    """``s=0, o=5, M=15, n=7``: OPT 55, SPS 56, MC-SF 60."""
    seven = equal(15, 0, 5, 7)
    assert few_types(seven).objective == 55
    assert simulate(seven, "sps").objective == 56
    assert simulate(seven, "mc-sf").objective == 60


def test_sps_does_not_tend_to_the_optimum():
    """``s=2, o=4, M=17``: MC-SF has the best rate, SPS two thirds of it."""
    assert best_pattern(17, 2, 4).rate == Fraction(3, 4)
    assert greedy_pattern(17, 2, 4).rate == Fraction(3, 4)
    many = equal(17, 2, 4, 300)
    starts = simulate(many, "sps").schedule.starts(many)
    assert starts.max() == 2 * 299
    optimum = few_types(many).objective
    assert simulate(many, "mc-sf").objective == optimum
    assert simulate(many, "sps").objective / optimum > 1.48


@pytest.mark.parametrize("q", [2, 5, 20])
def test_sps_family(q):
    """``s=0, o=2q, M=3q-1``: SPS runs one at a time, a gap of q+1 fits."""
    n = 30
    instance = equal(3 * q - 1, 0, 2 * q, n)
    starts = [(q + 1) * j for j in range(n)]
    assert not fault(instance, starts)
    sps = simulate(instance, "sps").schedule.starts(instance)
    assert sorted(sps.tolist()) == [2 * q * j for j in range(n)]


@pytest.mark.parametrize("o", [3, 5, 9])
def test_mc_sf_family(o):
    """``s=0, M=o(o+1)/2``, o odd: (o+1)/2 starts every o rounds, not o."""
    memory = o * (o + 1) // 2
    assert greedy_pattern(memory, 0, o).rate == Fraction(o + 1, 2 * o)
    assert not fault(equal(memory, 0, o, 5 * o), list(range(5 * o)))


def test_patterns_fit_and_are_the_best():
    """Repeated, a pattern is a schedule; no walk has a greater rate."""
    rounds = 200
    for memory, s, o in grid(9):
        best = best_pattern(memory, s, o)
        starts = [
            t
            for t in range(4 * o + 2 * len(best.starts))
            for _ in range(best.starts[t % len(best.starts)])
        ]
        assert not fault(equal(memory, s, o, len(starts)), starts)
        after = Phases(Types(memory, ((s, o),)), 10**6).after
        most = np.zeros(len(after), dtype=np.int64)
        for _ in range(rounds):
            most = most[after[:, 0]]
            for q in range(len(after) - 1, -1, -1):
                if after[q, 1] >= 0:
                    most[q] = max(most[q], most[after[q, 1]] + 1)
        limit = best.rate * rounds
        assert limit - 1 <= most[0] <= limit + memory
        assert greedy_pattern(memory, s, o).rate <= best.rate


def bounded(memory, s, o, sizes):
    """Check every step of the theorem of docs/identical-requests.md."""
    peak = s + o
    volume = s * o + o * (o + 1) // 2
    b, rest = divmod(memory, peak)
    rate = min(
        Fraction(b if w <= peak - rest else b + 1, w) for w in range(1, o + 1)
    )
    assert rate <= greedy_pattern(memory, s, o).rate
    assert best_pattern(memory, s, o).rate <= Fraction(memory, volume)
    for n in sizes:
        instance = equal(memory, s, o, n)
        rule = simulate(instance, "mc-sf").schedule.starts(instance).tolist()
        best = sorted(few_types(instance).starts)
        for j, (p, q) in enumerate(zip(sorted(rule), best, strict=True), 1):
            assert p * rate <= j - 1
            assert q >= j * Fraction(volume, memory) - Fraction(volume, peak)
            assert p + o <= 2 * (q + o)


def test_mc_sf_is_within_two():
    """Completion by completion, at most twice as late as the optimum."""
    for memory, s, o in grid(9):
        bounded(memory, s, o, (2, 5, 13))


@pytest.mark.long
def test_mc_sf_is_within_two_long():
    """The same up to a memory of 22."""
    for memory, s, o in grid(22):
        bounded(memory, s, o, (2, 3, 5, 8, 13, 21, 34))
