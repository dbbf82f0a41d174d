"""The search finds witnesses, repeats itself, and says what it knows."""

import signal
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

from kvopt.adversary import (
    Evaluations,
    Finding,
    Limits,
    PolicyRatio,
    Seconds,
    minimise,
    parse_budget,
    search,
    settle,
    witness,
)
from kvopt.adversary.minimiser import _smaller
from kvopt.adversary.mutators import random_instance
from kvopt.check import check_witness
from kvopt.check.witness import Optimality
from kvopt.exact import solve
from kvopt.model import InputError, Instance, PolicyError
from kvopt.policies import parse_policy
from kvopt.policies.base import Arrivals
from kvopt.policies.sf import SF
from kvopt.simulation import simulate

MCSF = PolicyRatio(parse_policy("mc-sf"))


@pytest.fixture(scope="module")
def result():
    """One search against MC-SF."""
    return search(MCSF, Limits(), Evaluations(400), seed=1)


def test_witness_for_mcsf(result):
    """MC-SF loses 10 % or more, and the checker certifies it."""
    found = witness(result.best, MCSF)
    assert found.ratio >= 1.1
    assert found.reference_optimal
    verdict = check_witness(found.document())
    assert verdict.ok
    assert verdict.optimality is Optimality.CERTIFIED
    assert found.algorithm == "mc-sf, seed 0"


def test_the_witness_is_the_policys_own_schedule(result):
    """The algorithm's schedule is what the engine gives, cost included."""
    again = simulate(result.best.instance, "mc-sf", engine="reference")
    assert again.schedule == result.best.algorithm
    assert again.objective == result.best.algorithm_cost


def test_same_seed_same_search(result):
    """A budget of evaluations makes the search repeatable."""
    again = search(MCSF, Limits(), Evaluations(400), seed=1)
    assert again == result
    other = search(MCSF, Limits(), Evaluations(400), seed=2)
    assert other.best.instance != result.best.instance


def test_equal_prompts_and_arrivals():
    """Limits shape the witness: equal prompts, arrivals after 0."""
    limits = Limits(4, 10, latest_arrival=6, equal_prompts=True)
    best = search(MCSF, limits, Evaluations(400), seed=0).best
    assert best.ratio > 1
    assert len(set(best.instance.prompt.tolist())) == 1
    assert best.instance.arrival.max() <= 6


@pytest.mark.parametrize("seed", range(30))
def test_evaluation_against_the_oracle(seed):
    """Proved ratios are exact; below the threshold there is no finding."""
    rng = np.random.default_rng(seed)
    instance = random_instance(rng, Limits(5, 8, latest_arrival=4))
    cost = simulate(instance, "fcfs").objective
    optimum = solve(instance, "brute-force").objective
    objective = PolicyRatio(parse_policy("fcfs"))
    finding = objective.evaluate(instance)
    assert finding.optimal
    assert finding.reference_cost == optimum
    assert finding.ratio == cost / optimum
    assert objective.evaluate(instance, cost / optimum) == finding
    above = np.nextafter(cost / optimum, 9.0)
    assert objective.evaluate(instance, above) is None


def test_unproved_reference_is_a_lower_bound_on_the_ratio():
    """Out of nodes the ratio is below the true one and not called proved."""
    instance = Instance.of(6, [(0, 1, o) for o in (2, 2, 3, 3)])
    hasty = PolicyRatio(parse_policy("mc-sf"), nodes=0)
    finding = hasty.evaluate(instance)
    assert not finding.optimal
    assert finding.ratio == 1
    found = witness(finding, hasty)
    assert not found.reference_optimal
    assert "at least" in found.claim
    settled = settle(finding, time_limit=60)
    assert settled.optimal
    assert settled.ratio == 16 / 15
    verdict = check_witness(witness(settled, hasty).document())
    assert verdict.optimality is Optimality.CERTIFIED


def test_settle_leaves_what_is_proved(result):
    """A proved finding needs no solver."""
    assert settle(result.best, time_limit=1) is result.best


def test_certificate_is_a_bound_where_one_is_tight():
    """When the trivial bound is met, the witness carries its certificate."""
    instance = Instance.of(4, [(0, 3, 1), (1, 0, 1), (1, 0, 1)])
    finding = PolicyRatio(parse_policy("fcfs")).evaluate(instance)
    found = witness(finding, MCSF)
    assert '"kvopt-bound/1"' in found.certificate
    assert check_witness(found.document()).optimality is Optimality.CERTIFIED


def test_minimised_is_minimal():
    """Shrinking keeps the ratio, and no single step more keeps it."""
    objective = PolicyRatio(parse_policy("fcfs"))
    rows = [(0, 10, 2), (0, 9, 1), (0, 1, 2), (0, 1, 2), (2, 1, 3)]
    finding = objective.evaluate(Instance.of(12, rows))
    assert finding.ratio > 1
    small = minimise(finding, objective, Limits())
    assert small.ratio >= finding.ratio
    assert small.instance.volume.sum() < finding.instance.volume.sum()
    for smaller in _smaller(small.instance, Limits()):
        assert objective.evaluate(smaller, small.ratio) is None


def test_equal_prompts_are_lowered_together():
    """Under equal prompts no shrinking step makes them unequal."""
    instance = Instance.of(9, [(0, 2, 3), (1, 2, 4), (1, 2, 2)])
    limits = Limits(equal_prompts=True, latest_arrival=1)
    for smaller in _smaller(instance, limits):
        assert len(set(smaller.prompt.tolist())) == 1


def test_failures_are_counted():
    """A policy in a livelock is counted and its instance kept."""
    objective = PolicyRatio(parse_policy("alpha-greedy:alpha=0"))
    result = search(objective, Limits(), Evaluations(200), seed=0)
    assert result.failures > 0
    with pytest.raises(PolicyError):
        simulate(result.failed, "alpha-greedy:alpha=0")
    assert check_witness(witness(result.best, objective).document()).ok


def test_interrupted_search_keeps_the_best():
    """KeyboardInterrupt ends the search with what was found by then."""

    def interrupt(state):
        if state.ratio > 1:
            raise KeyboardInterrupt

    result = search(
        MCSF, Limits(), Evaluations(10**6), seed=1, progress=interrupt
    )
    assert result.interrupted
    assert isinstance(result.best, Finding)
    assert result.best.ratio > 1


@pytest.mark.parametrize("budget", [10**6, 30])
def test_sigint_is_noted_and_read_between_evaluations(budget, monkeypatch):
    """Code that swallows exceptions cannot swallow an interruption."""
    evaluate = PolicyRatio.evaluate
    seen = []

    def interrupted(self, *arguments):
        seen.append(arguments)
        if len(seen) == 30:
            with suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        return evaluate(self, *arguments)

    monkeypatch.setattr(PolicyRatio, "evaluate", interrupted)
    # With 30 evaluations the next one would be of the shrinking.
    result = search(MCSF, Limits(), Evaluations(budget), seed=1)
    assert result.interrupted
    assert result.evaluations == len(seen) == 30


def test_progress_is_monotone():
    """Progress counts up, its ratio never falls, and it ends at 1."""
    states = []
    search(MCSF, Limits(), Evaluations(50), seed=0, progress=states.append)
    assert [s.evaluations for s in states] == list(range(1, 51))
    ratios = [s.ratio for s in states]
    assert ratios == sorted(ratios)
    assert states[-1].share == 1


def test_predictions_are_refused():
    """The search makes no predictions: policies that need them are out."""
    with pytest.raises(InputError, match="mc-sf:lengths=point"):
        PolicyRatio(parse_policy("mc-sf:lengths=point"))


def test_batch_policies_refuse_arrivals():
    """A policy for requests at 0 is not searched with later arrivals."""

    class Batch(SF):
        info = replace(SF.info, arrivals=Arrivals.BATCH)

    objective = PolicyRatio(Batch())
    search(objective, Limits(), Evaluations(1))
    with pytest.raises(InputError, match="latest_arrival = 3"):
        search(objective, Limits(latest_arrival=3), Evaluations(1))


@pytest.mark.parametrize("text", ["", "0", "-1", "0s", "nan s", "1.5", "xs"])
def test_bad_budgets(text):
    """A budget that is none is refused with its value."""
    with pytest.raises(InputError, match="budget = "):
        parse_budget(text)


def test_budgets():
    """Plain numbers are evaluations, those with an s are seconds."""
    assert parse_budget("5000") == Evaluations(5000)
    assert Evaluations(4).share(3) == 0.75
    seconds = parse_budget("2.5s")
    assert isinstance(seconds, Seconds)
    assert seconds.most == 2.5
    assert Seconds(10.0, began=0.0).share(1) > Seconds(1e9, began=0.0).share(1)
