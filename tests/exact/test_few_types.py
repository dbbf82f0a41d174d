"""The exact dynamic program for few types equals the oracles."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from kvopt.exact import solve
from kvopt.exact.control.feasibility import fault
from kvopt.exact.few_types.batch import few_types
from kvopt.exact.few_types.label_kernels import least_waiting
from kvopt.exact.few_types.labels import LabelSearch
from kvopt.exact.few_types.types import TypedBatch
from kvopt.model import InputError, Instance


def draw(rng, most_types, most_requests, most_memory):
    """Draw an instance of few types."""
    memory = int(rng.integers(3, most_memory + 1))
    kinds = int(rng.integers(1, most_types + 1))
    requests = int(rng.integers(kinds, most_requests + 1))
    sizes = []
    for _ in range(kinds):
        prompt = int(rng.integers(0, memory))
        sizes.append((0, prompt, int(rng.integers(1, memory - prompt + 1))))
    rows = [sizes[int(rng.integers(kinds))] for _ in range(requests)]
    return Instance.of(memory, rows)


def same(instance, solver):
    """Check the dynamic program against a solver that proves optima."""
    found = few_types(instance)
    assert found.proved, found.reason
    assert not fault(instance, found.starts)
    assert sum(found.starts) + instance.output.sum() == found.objective
    assert found.objective == solve(instance, solver, workers=1).objective


@pytest.mark.parametrize("seed", range(4))
def test_equals_brute_force(seed):
    """On tiny instances of one to three types, prompts of all sizes."""
    rng = np.random.default_rng(seed)
    for _ in range(25):
        same(draw(rng, 3, 7, 10), "brute-force")


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 140))
def test_equals_brute_force_long(seed):
    """The same on a thousand."""
    rng = np.random.default_rng(seed)
    for _ in range(25):
        same(draw(rng, 3, 8, 12), "brute-force")


@pytest.mark.parametrize("seed", range(2))
def test_equals_cpsat(seed):
    """On instances with more requests."""
    rng = np.random.default_rng(200 + seed)
    for _ in range(3):
        same(draw(rng, 3, 12, 12), "cpsat")


@pytest.mark.long
@pytest.mark.parametrize("seed", range(300, 330))
def test_equals_cpsat_long(seed):
    """The same on three hundred."""
    rng = np.random.default_rng(seed)
    for _ in range(10):
        same(draw(rng, 3, 14, 14), "cpsat")


def test_counterexamples_of_the_readings():
    """Readings 1.6 and 4.2: optima that shortest-first misses."""
    cases = [
        (6, [(1, 2), (1, 2), (1, 3), (1, 3)], 15),
        (4, [(1, 1), (1, 1), (1, 2), (1, 2), (1, 3)], 17),
        (10, [(3, 1), (3, 1), (3, 3), (3, 3), (3, 4)], 19),
        (9, [(1, 3)] * 7, 42),
        (6, [(0, 3)] * 5, 25),
        (15, [(0, 5)] * 7, 55),
    ]
    for memory, sizes, optimum in cases:
        instance = Instance.of(memory, [(0, *size) for size in sizes])
        assert few_types(instance).objective == optimum


def test_one_type_has_a_schedule_of_its_own_length():
    """A hundred thousand equal requests: one start a round is optimal."""
    n = 100_000
    found = few_types(Instance.of(9, [(0, 1, 3)] * n))
    assert found.objective == n * (n - 1) // 2 + 3 * n
    assert sorted(found.starts) == list(range(n))


def test_gives_up_before_it_needs_the_memory():
    """A table that is too large is refused before it is made."""
    rows = [(0, 1, 3)] * 20 + [(0, 2, 5)] * 20
    for limit in (
        {"memory": 1000},
        {"states": 1000},
        {"memory": 100_000},
    ):
        found = few_types(Instance.of(20, rows), **limit)
        assert "optimal by the dynamic program" not in found.reason
        assert found.lower_bound <= found.objective


@pytest.mark.parametrize("seed", range(3))
def test_label_search_equals_the_table(seed):
    """Narrow passes bound the optimum; a wide one, with dominance, is it."""
    rng = np.random.default_rng(400 + seed)
    for _ in range(60):
        instance = draw(rng, 3, 9, 14)
        optimum = few_types(instance).objective
        search = LabelSearch(TypedBatch(instance))
        for width in (1, 3, 10**6):
            search.run(width)
            assert search.lower_bound + search.batch.work <= optimum
            if search.starts is not None:
                assert not fault(instance, search.starts)
                assert sum(search.starts) == search.waiting
        assert search.proved
        assert search.waiting + search.batch.work == optimum


def test_area_bound_of_labels_is_below_the_table():
    """The bound of a label never exceeds the cost to go, from any state."""
    rng = np.random.default_rng(11)
    for _ in range(150):
        instance = draw(rng, 3, 8, 12)
        batch = TypedBatch(instance)
        types = batch.types
        nothing = np.zeros(int(types.output.max()), dtype=np.int32)
        bound = least_waiting(
            types.memory, types.output, types.volume, batch.counts, nothing
        )
        assert bound + batch.work <= few_types(instance).objective


def completions(memory, sizes):
    """Return a function: least waiting by enumeration, from any state."""

    @cache
    def waiting(left, used):
        if not any(left):
            return 0
        found = []
        if any(used):
            found.append(sum(left) + waiting(left, (*used[1:], 0)))
        for k, (s, o) in enumerate(sizes):
            added = [s + t + 1 if t < o else 0 for t in range(len(used))]
            usage = tuple(u + x for u, x in zip(used, added, strict=True))
            if left[k] and max(usage) <= memory:
                fewer = (*left[:k], left[k] - 1, *left[k + 1 :])
                found.append(waiting(fewer, usage))
        return min(found)

    return waiting


def test_dominance_and_bound_against_enumeration():
    """Less held in every round never waits longer; the bound is below."""
    rng = np.random.default_rng(12)
    pairs = 0
    for _ in range(150):
        instance = draw(rng, 2, 5, 8)
        batch = TypedBatch(instance)
        types = batch.types
        sizes = list(
            zip(types.prompt.tolist(), types.output.tolist(), strict=True)
        )
        rounds = int(types.output.max())
        waiting = completions(types.memory, sizes)
        left = tuple(batch.counts.tolist())
        runs = [
            tuple(s + age + t + 1 if age + t < o else 0 for t in range(rounds))
            for s, o in sizes
            for age in range(o)
        ]
        states = [(0,) * rounds]
        for _ in range(8):
            chosen = rng.choice(len(runs), size=rng.integers(1, 4))
            used = tuple(np.array([runs[i] for i in chosen]).sum(axis=0))
            if max(used) <= types.memory:
                states.append(tuple(map(int, used)))
        for a in states:
            cost = waiting(left, a)
            held = np.array(a, dtype=np.int32)
            bound = least_waiting(
                types.memory, types.output, types.volume, batch.counts, held
            )
            assert bound <= cost
            for b in states:
                if all(x <= y for x, y in zip(a, b, strict=True)):
                    pairs += a != b
                    assert cost <= waiting(left, b)
    assert pairs > 300


def test_without_a_table_labels_give_schedule_and_bound():
    """The fallback brackets the optimum."""
    rows = [(0, 1, 4)] * 30 + [(0, 1, 7)] * 30
    instance = Instance.of(20, rows)
    exact = few_types(instance)
    assert exact.objective == 1857 + 330
    found = few_types(instance, states=1000)
    assert found.reason.startswith("gave up: more than")
    assert found.lower_bound <= exact.objective <= found.objective
    assert not fault(instance, found.starts)


def test_arrivals_are_refused():
    """The first request that arrives after 0 is named."""
    instance = Instance.of(6, [(0, 1, 2), (3, 1, 2), (3, 1, 2)])
    with pytest.raises(InputError, match=r"requests\[1\]\.arrival = 3"):
        few_types(instance)
