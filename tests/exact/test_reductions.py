"""Horizon, symmetry and the brute force, against plain enumeration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from kvopt.exact import solve
from kvopt.exact.control.feasibility import fault
from kvopt.exact.presolve.horizon import latest_starts
from kvopt.exact.presolve.idle import without_idle_rounds
from kvopt.exact.presolve.reduce import reduced
from kvopt.exact.presolve.symmetry import in_order, twins
from kvopt.exact.warm_start import one_by_one
from kvopt.model import Instance, Schedule


def draw(rng: np.random.Generator) -> Instance:
    n = int(rng.integers(1, 4, endpoint=True))
    memory = int(rng.integers(2, 7, endpoint=True))
    arrival = rng.integers(0, 5, n) * rng.integers(0, 2)
    prompt = rng.integers(0, min(2, memory - 1), n, endpoint=True)
    output = rng.integers(1, np.minimum(memory - prompt, 3), endpoint=True)
    return Instance(memory, np.sort(arrival), prompt, output)


def latency(instance: Instance, starts: Sequence[int]) -> int:
    rows = zip(instance, starts, strict=True)
    return sum(p + r.output - r.arrival for r, p in rows)


def schedules(instance: Instance, most: int) -> Iterator[tuple[int, ...]]:
    """Yield all feasible starts of total latency at most ``most``."""
    requests = list(instance)
    slack = most - sum(r.output for r in requests)
    end = max(r.arrival + slack + r.output for r in requests)
    usage = [0] * (end + 1)

    def extend(i: int, chosen: tuple[int, ...], left: int):
        if i == len(requests):
            yield chosen
            return
        a, s, o = requests[i]
        for p in range(a, a + left + 1):
            for age in range(1, o + 1):
                usage[p + age] += s + age
            if max(usage[p + 1 : p + o + 1]) <= instance.memory:
                yield from extend(i + 1, (*chosen, p), left - (p - a))
            for age in range(1, o + 1):
                usage[p + age] -= s + age

    return extend(0, (), slack)


def optimal_schedules(instance: Instance) -> list[tuple[int, ...]]:
    """Return every optimal tuple of starts."""
    most = int(instance.output.sum())
    while not (found := list(schedules(instance, most))):
        most += 1
    return found


@pytest.fixture(scope="module")
def enumerated() -> list[tuple[Instance, list[tuple[int, ...]]]]:
    rng = np.random.default_rng(7)
    drawn = [draw(rng) for _ in range(3000)]
    return [(instance, optimal_schedules(instance)) for instance in drawn]


def test_windows_keep_every_optimal_schedule(enumerated):
    """No optimal schedule starts a request after its window, even if U=OPT."""
    cut = 0
    for instance, optimal in enumerated:
        least = latency(instance, optimal[0])
        for upper in (least, latency(instance, one_by_one(instance))):
            latest = latest_starts(instance, upper).tolist()
            for starts in optimal:
                pairs = zip(starts, latest, strict=True)
                assert all(p <= late for p, late in pairs), (instance, starts)
        everything = instance.arrival.max() + instance.output.sum()
        cut += latest_starts(instance, least).sum() < (
            len(instance) * everything - instance.output.sum()
        )
    assert cut > 1000, "the reductions of this test never cut anything off"


def test_sorting_twins_keeps_feasibility_and_latency(enumerated):
    """Sorted starts of equal requests are feasible and cost the same."""
    moved = 0
    for instance, optimal in enumerated:
        for starts in optimal:
            ordered = in_order(instance, starts)
            assert fault(instance, ordered) == ""
            assert latency(instance, ordered) == latency(instance, starts)
            assert all(ordered[i] <= ordered[j] for i, j in twins(instance))
            moved += ordered != list(starts)
    assert moved > 1000, "nothing was ever out of order"


def test_some_optimal_schedule_survives_all_reductions_at_once(enumerated):
    """Windows from U=OPT and twin order together keep an optimal schedule."""
    for instance, optimal in enumerated:
        task = reduced(instance, optimal[0], workers=1, seed=0)
        assert any(
            all(p <= k for p, k in zip(starts, task.latest, strict=True))
            and all(starts[i] <= starts[j] for i, j in task.twins)
            for starts in optimal
        )


def test_incumbent_respects_the_reductions(enumerated):
    """The task's incumbent is feasible, and inside horizon and twin order."""
    for instance, _ in enumerated[:1000]:
        late = [p + 3 for p in one_by_one(instance)]
        task = reduced(instance, late, workers=1, seed=0)
        assert fault(instance, task.incumbent) == ""
        assert (task.latest >= np.array(task.incumbent)).all()
        assert all(
            task.incumbent[i] <= task.incumbent[j] for i, j in task.twins
        )


def test_idle_rounds_are_taken_out():
    """Only the idle rounds after the last arrival go; overlaps stay."""
    instance = Instance.of(9, [(0, 1, 2), (3, 1, 2), (3, 1, 2), (3, 1, 1)])
    starts = [1, 6, 7, 20]
    assert without_idle_rounds(instance, starts) == [1, 3, 4, 6]


def test_brute_force_equals_enumeration(enumerated):
    """The A* oracle finds the optimum that enumeration finds."""
    for instance, optimal in enumerated[:600]:
        start = Schedule.from_starts(instance, one_by_one(instance))
        result = solve(instance, "brute-force", warm_start=start)
        assert result.objective == latency(instance, optimal[0])
        assert result.lower_bound == result.objective


def test_fault_names_what_enumeration_forbids():
    """The sweep accepts exactly the starts whose memory adds up."""
    rng = np.random.default_rng(3)
    seen = set()
    for _ in range(3000):
        instance = draw(rng)
        starts = (
            instance.arrival + rng.integers(-1, 4, len(instance))
        ).tolist()
        usage: dict[int, int] = {}
        for request, p in zip(instance, starts, strict=True):
            for age in range(1, request.output + 1):
                usage[p + age] = usage.get(p + age, 0) + request.prompt + age
        early = (np.array(starts) < instance.arrival).any()
        wrong = early or max(usage.values()) > instance.memory
        assert bool(fault(instance, starts)) == bool(wrong)
        seen.add(bool(wrong))
    assert seen == {True, False}
