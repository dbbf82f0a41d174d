"""Reasons: why each request started, waited or was cancelled."""

from dataclasses import dataclass

import numpy as np
import pytest

from kvopt.model import InputError, Instance, PolicyError
from kvopt.policies import make_policy
from kvopt.policies.base import Decision
from kvopt.policies.choices import (
    Active,
    LookAhead,
    PeakReservation,
    UsageThreshold,
    Watermark,
)
from kvopt.policies.demand import demand
from kvopt.policies.registry import names
from kvopt.simulation import simulate
from kvopt.workloads import generate
from kvopt.workloads.predictions.by_name import parse_predictor

TESTS = (
    LookAhead(),
    LookAhead(0.3),
    PeakReservation(),
    UsageThreshold(0.25),
    Watermark(0.1),
)


def random_active(rng, now, count):
    """Return requests that run and are believed to end later than now."""
    return [
        Active(
            int(rng.integers(max(0, now - 5), now + 1)),
            int(rng.integers(0, 5)),
            int(rng.integers(now + 1, now + 8)),
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize("admission", TESTS, ids=str)
def test_the_numbers_of_a_reason_agree_with_the_test(admission):
    """A request fits exactly if its units are at most the limit."""
    rng = np.random.default_rng(0)
    answers = set()
    for _ in range(3000):
        now = int(rng.integers(0, 9))
        active = random_active(rng, now, int(rng.integers(0, 4)))
        chosen, new = [], []
        for part, count in ((chosen, int(rng.integers(0, 3))), (new, 1)):
            part += [
                a._replace(start=now) for a in random_active(rng, now, count)
            ]
        memory = int(rng.integers(3, 40))
        parts = (active, chosen, new[0], now, memory)
        found = demand(admission, *parts)
        fits = admission.fits(*parts)
        assert (found.units <= found.limit) == fits
        assert ("does not" in str(found)) == (not fits)
        answers.add(fits)
    assert answers == {True, False}


@pytest.mark.parametrize("name", names())
def test_reasons_change_nothing_and_cover_every_decision(name):
    """Starts and cancellations are those of the schedule, each explained."""
    instance = generate(
        "model-1", {"requests": "9", "memory": "24", "output": "2..9"}, 3
    )
    predictors = ("noisy-point:epsilon=0.3", "common:lower=2,upper=9")
    for k, text in enumerate(predictors):
        _, add = parse_predictor(text)
        instance = add(instance, np.random.default_rng(k))
    plain = simulate(instance, name, "reference")
    told = simulate(instance, name, explain=True)
    assert told.engine == "reference"
    assert told.schedule == plain.schedule
    assert plain.reasons is None
    said = {action: [] for action in ("start", "wait", "cancel")}
    for reason in told.reasons:
        assert reason.text
        said[reason.action].append((reason.round, reason.request))
    runs = told.schedule.runs
    assert sorted(said["start"]) == [(r.start, r.request) for r in runs]
    assert sorted(said["cancel"]) == sorted(
        (r.stop, r.request) for r in runs if not r.completed
    )
    # Whoever waits for a round or more has a reason from the first on.
    first = {}
    for time, i in said["wait"]:
        first.setdefault(i, time)
    starts = {}
    for run in runs:
        starts.setdefault(run.request, run.start)
    for i, start in starts.items():
        arrival = int(instance.arrival[i])
        if start > arrival:
            assert first[i] == arrival


def test_the_reason_names_units_and_round():
    """Two of three requests fit; the third says what it would take."""
    instance = Instance.of(6, [(0, 1, 2), (0, 1, 2), (0, 1, 3), (0, 1, 3)])
    reasons = simulate(instance, "mc-sf", explain=True).reasons
    assert [(r.request, r.action, r.belief) for r in reasons[:4]] == [
        (0, "start", 2),
        (1, "start", 2),
        (2, "wait", 3),
        (3, "wait", 3),
    ]
    assert reasons[0].text == "fits: at most 3 of 6 units in round 2"
    assert reasons[2].text == (
        "does not fit: would take 9 of 6 units in round 2"
    )
    assert reasons[3].text == "stands behind one that does not fit"


def test_cancelled_requests_say_which_rule_did_it():
    """A cancellation is explained by the overflow rule."""
    instance = Instance.of(6, [(0, 1, 4), (0, 1, 4)])
    reasons = simulate(instance, "vllm-like", explain=True).reasons
    cancelled = {r.text for r in reasons if r.action == "cancel"}
    assert cancelled == {
        "the next round would exceed the memory: the last admitted are "
        "cancelled"
    }


def test_a_policy_that_says_nothing_is_described_from_outside():
    """The engine says whether there would be room."""

    @dataclass(frozen=True)
    class Lazy:
        info = make_policy("mc-sf").info
        information = make_policy("fcfs").information
        idles = True
        livelock = "none"

        def session(self, setup):
            return lambda view: Decision(
                list(view.waiting)[:1] if not view.running else []
            )

    instance = Instance.of(6, [(0, 1, 2), (0, 1, 2), (0, 4, 2)])
    reasons = simulate(instance, Lazy(), explain=True).reasons
    assert [r.text for r in reasons[:3]] == [
        "the policy starts it",
        "the policy lets it wait, though there is room",
        "the next round has no room for it",
    ]


def test_the_fast_engine_refuses_to_explain():
    """It says which engines do."""
    instance = Instance.of(6, [(0, 1, 2)])
    with pytest.raises(InputError, match="auto and reference do"):
        simulate(instance, "mc-sf", "fast", explain=True)


def test_a_policy_that_stalls_says_why():
    """The error of a livelock ends with the last reason, if it is asked."""
    instance = Instance.of(8, [(0, 1, 6), (0, 1, 6), (0, 1, 6)])
    policy = "alpha-greedy:alpha=0.1"
    with pytest.raises(PolicyError, match=r"livelock.*\(round \d+\)$"):
        simulate(instance, policy, "reference")
    with pytest.raises(
        PolicyError, match=r"livelock.*; request \d is cancelled: the next "
    ):
        simulate(instance, policy, explain=True)
