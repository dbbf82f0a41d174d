"""Engines that go round by round can be stopped between completions."""

from __future__ import annotations

import pytest

from kvopt.exact import warm_start
from kvopt.model import Instance
from kvopt.simulation import pulse, simulate
from kvopt.simulation.staged import simulate_staged

# One request at a time, a million rounds each.
LONG = Instance.of(10**6, [(0, 0, 10**6)] * 3)


class Enough(Exception):
    """Raised by a hook that was called often enough."""


class Hook:
    """Counts its calls, and raises at a given one."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.told: list[int] = []

    def __call__(self, completed: int) -> None:
        self.told.append(completed)
        if len(self.told) == self.most:
            raise Enough


@pytest.mark.parametrize("policy", ["mc-sf", "fcfs", "h-sf"])
def test_reference_engine_stops_before_the_first_completion(policy):
    """The hook is called before anything completes, and ends the run."""
    hook = Hook(3)
    with pytest.raises(Enough):
        simulate(LONG, policy, "reference", progress=hook)
    assert hook.told == [0, 0, 0]


def test_staged_engine_stops_before_the_first_completion():
    """The same holds where requests can pause."""
    hook = Hook(3)
    with pytest.raises(Enough):
        simulate_staged(LONG, "staged-fcfs", progress=hook)
    assert hook.told == [0, 0, 0]


def test_policies_of_a_solver_stop_within_a_run(monkeypatch):
    """A solver's checkpoint is called inside a run of the reference engine."""
    monkeypatch.setattr(warm_start, "MOST_ROUNDS", 10**9)
    hook = Hook(3)
    with pytest.raises(Enough):
        list(warm_start.policy_starts(LONG, 0, lambda: hook(0)))


@pytest.mark.parametrize("staged", [False, True])
def test_hook_is_cheap(staged):
    """The calls are bounded by completions and the work between them."""
    instance = Instance.of(400, [(0, 1, 300)] * 4)
    hook = Hook(10**9)
    if staged:
        result = simulate_staged(instance, "staged-fcfs", progress=hook)
        rounds = len(result.iterations)
    else:
        made = simulate(instance, "mc-sf", "reference", progress=hook)
        rounds = made.schedule.makespan
    most = rounds * (1 + len(instance)) // pulse.STEPS
    assert 3 <= len(hook.told) <= most + len(instance)
    assert hook.told == sorted(hook.told)
    assert {1, 2, 3, 4} & set(hook.told) == set(hook.told) - {0}
    assert hook.told[-1] == 4
