"""The regret, split over decisions: exact to the last unit."""

import numpy as np
import pytest

from kvopt.check.gate import verified
from kvopt.exact import solve
from kvopt.exact.few_types.online import hindsight
from kvopt.experiments.regret.coupling import (
    by_round,
    couple,
    disagreements,
    wilson,
)
from kvopt.experiments.regret.runs import (
    RegretTask,
    Setting,
    policy_called,
    regret_instance,
)
from kvopt.model import InputError, Instance, Run, Schedule
from kvopt.simulation import simulate
from kvopt.workloads import library

POLICIES = ("mc-sf", "mc-benchmark", "re-solving", "gba-d")
BUSY = Setting(rate=0.5)


def coupled(policy, runs, horizon=40, rate=0.5):
    """Return couplings of a policy on runs of the default worker."""
    found = []
    for index in range(runs):
        task = RegretTask(rate=rate, horizon=horizon, index=index)
        instance = regret_instance(task)
        schedule = simulate(instance, policy_called(policy), seed=1).schedule
        found.append(
            (instance, schedule, couple(instance, schedule, BUSY.types))
        )
    return found


@pytest.mark.parametrize("policy", POLICIES)
def test_compensations_add_up_to_the_regret(policy):
    """Each is at least 0, and their sum is cost minus optimum, exactly."""
    lost = 0
    for instance, schedule, coupling in coupled(policy, 40):
        terms = [step.compensation for step in coupling.steps]
        assert min(terms) >= 0
        assert coupling.cost == verified(instance, schedule).total_latency
        assert coupling.optimum == hindsight(instance)[0].high
        assert sum(terms) == coupling.regret
        assert sum(s.compensation for s in coupling.disagreements) == sum(
            terms
        )
        lost += coupling.regret
    assert lost > 0


def test_compensations_against_brute_force():
    """Every term is the rise of the optimum with the history held fixed.

    The optimum after some decisions: the least total latency of all start
    vectors that agree with the schedule before a round.
    """
    rng = np.random.default_rng(2)
    tried = 0
    while tried < 6:
        rows = sorted(
            (int(rng.integers(0, 3)), 0, int(rng.integers(1, 5)))
            for _ in range(5)
        )
        instance = Instance.of(4, rows)
        schedule = simulate(instance, "mc-sf").schedule
        coupling = couple(instance, schedule)
        if not coupling.regret:
            continue
        tried += 1
        starts = schedule.starts(instance)
        for step in coupling.steps:
            before = least(instance, starts, step.round)
            after = least(instance, starts, step.round + 1)
            assert after - before == step.compensation


def least(instance, starts, round_):
    """Return the least cost of schedules that start alike before a round."""
    last = int(instance.arrival[-1] + instance.output.sum())
    choices = [
        [int(p)] if p < round_ else range(max(int(a), round_), last)
        for p, a in zip(starts, instance.arrival, strict=True)
    ]
    best = None
    chosen: list[int] = []

    def extend(i, cost):
        nonlocal best
        if best is not None and cost >= best:
            return
        if i == len(choices):
            vector = Schedule.from_starts(instance, chosen)
            if not feasible(instance, chosen):
                return
            best = vector.total_latency(instance)
            return
        for p in choices[i]:
            chosen.append(p)
            extend(
                i + 1,
                cost + p + int(instance.output[i]) - int(instance.arrival[i]),
            )
            chosen.pop()

    extend(0, 0)
    return best


def feasible(instance, starts):
    """Add up the memory of every round."""
    rows = list(zip(starts, instance.prompt, instance.output, strict=True))
    last = max(p + o for p, _, o in rows)
    return all(
        sum(s + t - p for p, s, o in rows if p < t <= p + o) <= instance.memory
        for t in range(1, last + 1)
    )


def test_an_optimal_schedule_loses_nothing():
    """Without regret there is no disagreement."""
    for index in range(20):
        instance = regret_instance(RegretTask(rate=0.5, index=index))
        coupling = couple(instance, hindsight(instance)[1])
        assert coupling.regret == 0
        assert coupling.disagreements == ()


def test_the_known_counterexample_is_lost_in_one_decision():
    """MC-SF on s=1, M=6, o=(2,2,3,3): 16 for 15, lost in round 0."""
    instance = library.load("mcsf-16-15")
    coupling = couple(instance, simulate(instance, "mc-sf").schedule)
    assert (coupling.cost, coupling.optimum) == (16, 15)
    assert solve(instance, solver="brute-force").objective == 15
    [step] = coupling.disagreements
    assert step.round == 0
    assert step.started == (2, 0)
    assert step.compensation == 1


def test_counts_by_state_and_by_round():
    """Both counts are of all decisions that lost something."""
    found = [c for _, _, c in coupled("mc-sf", 60)]
    rows = disagreements(found)
    times = sum(len(c.disagreements) for c in found)
    assert sum(row.times for row in rows) == times
    assert sum(row.lost for row in rows) == sum(c.regret for c in found)
    assert [row.lost for row in rows] == sorted(
        (row.lost for row in rows), reverse=True
    )
    for row in rows:
        assert row.interval.low <= row.probability <= row.interval.high
    windows = by_round(found, 80, 4)
    assert [w.first for w in windows] == [0, 20, 40, 60]
    assert sum(w.frequency for w in windows) * 20 * 60 == pytest.approx(times)


def test_refusals():
    """Cancelled runs, unknown types and empty counts name their field."""
    instance = Instance.of(6, [(0, 1, 2)])
    cancelled = Schedule([Run(0, 0, 1, False), Run(0, 1, 3, True)])
    with pytest.raises(InputError, match=r"runs\.request = 0: was cancelled"):
        couple(instance, cancelled)
    schedule = Schedule.from_starts(instance, [0])
    with pytest.raises(InputError, match="is not among the types"):
        couple(instance, schedule, BUSY.types)
    with pytest.raises(InputError, match="couplings"):
        by_round([], 10, 2)
    with pytest.raises(InputError, match="windows = 0"):
        by_round([couple(instance, schedule)], 10, 0)
    with pytest.raises(InputError, match="times"):
        wilson(3, 2)
