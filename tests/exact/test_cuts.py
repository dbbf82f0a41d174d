"""Inequalities: true of every schedule, and the false variant is not."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

from kvopt.exact.cuts import largest_prompt, spans
from kvopt.model import Instance, Request

LEVELS = (1, 2, 3, 4)

Run = tuple[Request, int]


def random_schedules(count: int, seed: int) -> list[tuple[int, list[Run]]]:
    """Return feasible schedules of up to 6 requests, packed at random.

    Each request, in random order, starts at a random one of the first
    rounds that have room for it after its arrival.
    """
    rng = np.random.default_rng(seed)
    schedules = []
    for _ in range(count):
        memory = int(rng.integers(2, 15))
        n = int(rng.integers(2, 7))
        largest = int(rng.integers(0, memory))
        usage = np.zeros(400, dtype=int)
        runs = []
        for _ in range(n):
            s = int(rng.integers(0, largest, endpoint=True))
            o = int(rng.integers(1, memory - s, endpoint=True))
            a = int(rng.integers(0, 6)) * int(rng.integers(0, 2))
            start, skip = a, int(rng.integers(0, 4)) // 2
            need = s + np.arange(1, o + 1)
            while True:
                if np.all(usage[start + 1 : start + o + 1] + need <= memory):
                    if not skip:
                        break
                    skip -= 1
                start += 1
            usage[start + 1 : start + o + 1] += need
            runs.append((Request(a, s, o), start))
        assert usage.max() <= memory
        schedules.append((memory, runs))
    return schedules


@pytest.fixture(scope="module")
def schedules() -> list[tuple[int, list[Run]]]:
    """6000 schedules; most requests of many are large."""
    return random_schedules(6000, 17)


def count(
    run: Run,
    t: int,
    memory: int,
    k: int,
    smax: int,
    *,
    started: bool = True,
    limited: bool = True,
) -> int:
    """Return the count of a request at ``t``, by the definition.

    ``started=False`` counts requests that have not started; ``limited=False``
    drops the limit on the time after a completion.
    """
    (_, s, o), p = run
    share = Fraction(memory, k + 1)
    d = t - (p + o)
    if d <= 0:
        if p >= t and started:
            return 0
        return sum(s + o + d > q * share for q in range(1, k + 1))
    if limited and d >= share - smax:
        return 0
    return sum(s + o > q * share + (k + 1 - q) * d for q in range(1, k + 1))


def prompt_limit(runs: list[Run], memory: int, k: int) -> int:
    """Return the largest prompt of those that can count at all."""
    return max(
        (s for (_, s, o), _ in runs if (k + 1) * (s + o) > memory), default=0
    )


def worst(
    memory: int, runs: list[Run], k: int, smax: int, **variant: bool
) -> int:
    """Return the greatest sum of counts of any round."""
    last = max(p + o for (_, _, o), p in runs)
    return max(
        sum(count(run, t, memory, k, smax, **variant) for run in runs)
        for t in range(1, last + memory)
    )


@pytest.mark.parametrize("k", LEVELS)
def test_spans_are_the_definition(k, schedules):
    """The spans of a request cover a round as often as it counts there."""
    for memory, runs in schedules[::20]:
        smax = prompt_limit(runs, memory, k)
        requests = [request for request, _ in runs]
        assert largest_prompt(requests, memory, k) == smax
        for request, p in runs:
            c = p + request.output
            covers = spans(request, memory, k, smax)
            for t in range(p - 2, c + memory + 2):
                expected = count((request, p), t, memory, k, smax)
                assert expected == sum(
                    c + span.first <= t <= c + span.last for span in covers
                )


@pytest.mark.parametrize("k", LEVELS)
def test_rows_of_level_k_hold_for_every_prompt(k, schedules):
    """No schedule of 6000 counts more than k; many count exactly k."""
    met = wide = 0
    for memory, runs in schedules:
        requests = [request for request, _ in runs]
        smax = largest_prompt(requests, memory, k)
        change = np.zeros(500, dtype=int)
        for request, p in runs:
            for first, last in spans(request, memory, k, smax):
                change[p + request.output + first] += 1
                change[p + request.output + last + 1] -= 1
        most = int(np.cumsum(change).max())
        assert most <= k, (memory, runs)
        met += most == k
        wide += smax * (k + 1) >= memory
    assert met > 1500
    assert wide > 500


def test_cliques_are_disjoint(schedules):
    """At level 1 the spans of large requests never meet, pair by pair."""
    pairs = 0
    for memory, runs in schedules[::4]:
        smax = largest_prompt([r for r, _ in runs], memory, 1)
        found = [
            (p + r.output + span.first, p + r.output + span.last)
            for r, p in runs
            for span in spans(r, memory, 1, smax)
        ]
        found.sort()
        for (_, last), (first, _) in itertools.pairwise(found):
            assert last < first
            pairs += 1
    assert pairs > 1000


def test_counting_before_the_start_is_false():
    """The known counterexample to the variant satisfies the true rows."""
    runs = [
        (Request(0, 0, 4), 0),
        (Request(0, 1, 3), 4),
        (Request(0, 2, 2), 7),
    ]
    assert worst(5, runs, 2, 2, started=False) == 3
    assert worst(5, runs, 2, 2) <= 2


def test_both_conditions_are_needed(schedules):
    """Each condition dropped alone is refuted by some random schedule."""
    for variant in ({"started": False}, {"limited": False}):
        assert any(
            worst(memory, runs, k, prompt_limit(runs, memory, k), **variant)
            > k
            for memory, runs in schedules[:400]
            for k in (1, 2)
        )


def test_instances_iterate_as_requests():
    """The rows take the requests of an instance as they are."""
    instance = Instance(10, [0, 0], [1, 2], [8, 3])
    assert largest_prompt(instance, 10, 1) == 1
    assert [len(spans(r, 10, 1, 1)) for r in instance] == [1, 0]
