"""The reference engine polices policies and keeps exact books."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest

from kvopt.model import InputError, Instance, PolicyError, Run
from kvopt.policies import make_policy
from kvopt.policies.base import Decision
from kvopt.simulation import simulate


class Scripted:
    """A policy that reads its decisions off a table."""

    def __init__(self, table, *, idles=True, livelock="none"):
        self.info = make_policy("fcfs").info
        self.information = self.info.information
        self.idles, self.livelock = idles, livelock
        self.table = table

    __dataclass_fields__: ClassVar[dict] = {}

    def session(self, setup):
        return lambda view: self.table.get(view.round, Decision([]))


PAIR = Instance.of(10, [(0, 2, 3), (1, 4, 2)])


def test_cancelled_runs_come_first():
    """A cancelled run is recorded with the rounds it was active in."""
    table = {
        0: Decision([0]),
        2: Decision([1], cancel=[0]),
        4: Decision([0]),
    }
    result = simulate(PAIR, Scripted(table))
    assert result.schedule.runs == (
        Run(0, 0, 2, False),
        Run(1, 2, 4, True),
        Run(0, 4, 7, True),
    )
    assert result.objective == 7 + 3
    rows = result.records
    assert rows["cancellations"].tolist() == [1, 0]
    assert rows["wasted_rounds"].tolist() == [2, 0]
    kinds = [(e.round, e.kind, e.request) for e in result.events]
    assert kinds == [
        (0, "arrive", 0),
        (0, "start", 0),
        (1, "arrive", 1),
        (2, "cancel", 0),
        (2, "start", 1),
        (4, "complete", 1),
        (4, "start", 0),
        (7, "complete", 0),
    ]


def test_cancel_and_restart_in_one_decision():
    """A request may be cancelled and started again at the same round."""
    table = {0: Decision([0]), 1: Decision([0, 1], cancel=[0])}
    result = simulate(PAIR, Scripted(table))
    assert result.schedule.runs == (
        Run(0, 0, 1, False),
        Run(0, 1, 4, True),
        Run(1, 1, 3, True),
    )


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({0: Decision([1])}, "starts request 1, which does not wait"),
        ({0: Decision([0, 0])}, "starts request 0, which does not wait"),
        ({0: Decision([], cancel=[0])}, "cancels request 0"),
        ({0: Decision([0]), 2: Decision([1])}, "uses 11 of 10 units"),
    ],
)
def test_rules_are_enforced(table, message):
    """A policy that breaks a rule is stopped with the round and request."""
    instance = Instance.of(10, [(0, 2, 4), (1, 5, 2)])
    with pytest.raises(PolicyError, match=message):
        simulate(instance, Scripted(table))


def test_stuck_policy_is_reported():
    """A policy that starts nothing, ever, is stuck; it does not hang."""
    with pytest.raises(PolicyError, match=r"stuck.*requests 0, 1"):
        simulate(PAIR, Scripted({}, idles=False))


def test_recurring_state_is_a_livelock():
    """Cancelling into a state seen before is reported with the requests."""

    class Restless(Scripted):
        def session(self, setup):
            def decide(view):
                if view.round == 0:
                    return Decision([0])
                return Decision([0], cancel=[0])

            return decide

    policy = Restless({}, livelock="state")
    with pytest.raises(PolicyError, match=r"livelock.*requests 0"):
        simulate(Instance.of(10, [(0, 2, 3)]), policy)


def test_idle_time_is_passed_over():
    """A million empty rounds between arrivals cost no time."""
    far = Instance.of(10, [(0, 1, 2), (10**11, 1, 2)])
    result = simulate(far, "mc-sf")
    assert result.records["latency"].tolist() == [2, 2]


def test_missing_predictions_are_named():
    """A policy that needs predictions says so when there are none."""
    with pytest.raises(InputError, match=r"predictions = None.*mc-sf"):
        simulate(PAIR, "mc-sf:lengths=point")
    with pytest.raises(InputError, match="engine = 'warp'"):
        simulate(PAIR, "mc-sf", engine="warp")


def test_progress_counts_completions():
    """Progress is told every number of completed requests that occurs."""
    told = []
    simulate(PAIR, "mc-sf", progress=told.append)
    assert told == [2] or told == [1, 2]


def test_mc_sf_against_its_definition():
    """MC-SF starts, each round, the longest feasible prefix by length."""
    rng = np.random.default_rng(5)
    for _ in range(200):
        memory = int(rng.integers(6, 20))
        n = int(rng.integers(1, 9))
        prompt = rng.integers(0, 4, n)
        output = rng.integers(1, memory - prompt + 1)
        arrival = np.sort(rng.integers(0, 10, n))
        instance = Instance(memory, arrival, prompt, output)
        p = [None] * n
        t = 0
        while None in p:
            queue = [i for i in range(n) if p[i] is None and arrival[i] <= t]
            for i in sorted(queue, key=lambda i: (output[i], i)):
                p[i] = t
                if not _fits(instance, p):
                    p[i] = None
                    break
            t += 1
        starts = simulate(instance, "mc-sf").records["start"]
        assert starts.tolist() == p


def _fits(instance, starts):
    begun = [i for i, p in enumerate(starts) if p is not None]
    ends = {i: starts[i] + int(instance.output[i]) for i in begun}
    return all(
        sum(
            int(instance.prompt[i]) + t - starts[i]
            for i in begun
            if starts[i] < t <= ends[i]
        )
        <= instance.memory
        for t in range(max(ends.values()) + 1)
    )
