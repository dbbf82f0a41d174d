"""The search finds witnesses, repeats itself, and says what it knows."""

import copy
import json
import signal
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

from kvopt.adversary import (
    Conditions,
    Evaluations,
    Finding,
    PolicyRatio,
    Seconds,
    minimise,
    parse_budget,
    parse_conditions,
    parse_reference,
    run_search,
    settle,
    witness,
)
from kvopt.adversary.minimiser import _smaller
from kvopt.adversary.search.mutators import random_recipe
from kvopt.adversary.search.recipe import Recipe
from kvopt.adversary.search.references import (
    ReferenceParams,
    quickly_bounded,
)
from kvopt.adversary.search.saving import (
    SearchSettings,
    load_search,
    save_search,
)
from kvopt.adversary.search.strategies import STRATEGIES
from kvopt.check import Optimality, check_witness
from kvopt.exact import solve
from kvopt.model import InputError, Instance, PolicyError
from kvopt.policies import parse_policy
from kvopt.policies.base import Arrivals
from kvopt.policies.sf import SF
from kvopt.simulation import simulate

SMALL = Conditions(6, 12, equal_prompts=True)
PLENTY = Evaluations(10**6)


def ratio_of(text, conditions=SMALL, reference="schedule", **kwargs):
    """Return the objective of a policy."""
    return PolicyRatio(
        parse_policy(text), conditions, parse_reference(reference), **kwargs
    )


def recipe_of(memory, rows):
    """Return the recipe of some ``(arrival, prompt, output)``."""
    groups = [[1, a, s, o, o] for a, s, o in rows]
    return Recipe.read([memory, [[1, 0, groups]]]).canonical()


MCSF = ratio_of("mc-sf")


@pytest.fixture(scope="module")
def result():
    """One search against MC-SF."""
    return run_search(MCSF, Evaluations(1500), seed=1)


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
    assert result.best.ratio == result.state.ratio


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_same_seed_same_search(strategy):
    """A budget of evaluations makes every strategy repeatable."""
    one, two, other = (
        run_search(ratio_of("mc-sf"), Evaluations(400), strategy, seed=seed)
        for seed in (1, 1, 2)
    )
    assert one.best == two.best
    assert [p[::2] for p in one.state.curve] == [
        p[::2] for p in two.state.curve
    ]
    assert one.state.strategy.document() == two.state.strategy.document()
    assert one.state.strategy.document() != other.state.strategy.document()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_resumed_search_is_the_uninterrupted_one(strategy, tmp_path):
    """Saved after any evaluation and gone on with, it ends as it would."""
    told = SearchSettings("mc-sf", "schedule", "", strategy, 6, 12, 1)
    path = tmp_path / "s.json"
    whole = run_search(ratio_of("mc-sf"), Evaluations(600), strategy, seed=1)
    part = run_search(ratio_of("mc-sf"), Evaluations(233), strategy, seed=1)
    save_search(path, told, part.state)
    state = load_search(path, told, SMALL)
    rest = run_search(
        ratio_of("mc-sf"), Evaluations(600), strategy, seed=1, state=state
    )
    assert rest.best == whole.best
    assert rest.state.evaluations == whole.state.evaluations
    assert rest.state.strategy.document() == whole.state.strategy.document()
    after = [s.rng.bit_generator.state for s in (rest.state, whole.state)]
    assert after[0] == after[1]
    with pytest.raises(InputError, match="seed = 2"):
        load_search(path, replace(told, seed=2), SMALL)


def _places(document, above=()):
    """Yield where each field of an object within a document stands."""
    items = document.items() if isinstance(document, dict) else ()
    if isinstance(document, list):
        items = enumerate(document)
    for key, value in items:
        if isinstance(document, dict):
            yield (*above, key)
        yield from _places(value, (*above, key))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_saved_search_without_a_field_is_refused(strategy, tmp_path):
    """Whatever is missing, one line names the file and the field."""
    told = SearchSettings("mc-sf", "schedule", "", strategy, 6, 12, 1)
    path = tmp_path / "s.json"
    part = run_search(ratio_of("mc-sf"), Evaluations(150), strategy, seed=1)
    save_search(path, told, part.state)
    whole = json.loads(path.read_text())
    for *above, key in _places(whole):
        document = copy.deepcopy(whole)
        place = document
        for step in above:
            place = place[step]
        del place[key]
        path.write_text(json.dumps(document))
        with pytest.raises(InputError) as refused:
            load_search(path, told, SMALL)
        message = str(refused.value)
        assert message.startswith(str(path))
        # Numpy does not say what its own generator lacks.
        assert key in message or above == ["rng"]
        assert "\n" not in message


def test_a_stalled_portfolio_begins_anew(tmp_path):
    """When the leader stalls, short climbs of both kinds begin elsewhere."""
    told = SearchSettings("mc-sf", "schedule", "", "portfolio", 6, 12, 1)
    path = tmp_path / "s.json"
    whole = run_search(ratio_of("mc-sf"), Evaluations(3000), seed=1)
    members = whole.state.strategy.document()["members"]
    assert members[-1]["climbs"] >= 2
    part = run_search(ratio_of("mc-sf"), Evaluations(2000), seed=1)
    assert part.state.strategy.document()["members"][-1]["climbs"] >= 1
    save_search(path, told, part.state)
    state = load_search(path, told, SMALL)
    rest = run_search(
        ratio_of("mc-sf"), Evaluations(3000), seed=1, state=state
    )
    assert rest.best == whole.best
    assert rest.state.strategy.document() == whole.state.strategy.document()


@pytest.mark.parametrize("name", ["members", "work", "tops"])
def test_a_portfolio_of_other_members_is_refused(name, tmp_path):
    """A saved portfolio with fewer members is not gone on with."""
    told = SearchSettings("mc-sf", "schedule", "", "portfolio", 6, 12, 1)
    path = tmp_path / "s.json"
    part = run_search(ratio_of("mc-sf"), Evaluations(50), seed=1)
    save_search(path, told, part.state)
    document = json.loads(path.read_text())
    document["strategy"][name].pop()
    path.write_text(json.dumps(document))
    with pytest.raises(InputError, match="damaged"):
        load_search(path, told, SMALL)


@pytest.mark.parametrize("seed", range(60))
def test_scores_against_the_oracle(seed):
    """Proved ratios are exact; below the threshold there is no score."""
    rng = np.random.default_rng(seed)
    conditions = Conditions(5, 8, latest_arrival=4)
    recipe = random_recipe(rng, conditions)
    instance = recipe.instance()
    cost = simulate(instance, "fcfs").objective
    optimum = solve(instance, "brute-force").objective
    assert quickly_bounded(instance) <= optimum
    above = float(np.nextafter(cost / optimum, 9.0))
    for first, then in ((1.0, above), (above, 1.0)):
        # Whatever was asked before and is remembered, answers are the same.
        objective = ratio_of("fcfs", conditions)
        for least in (first, then, cost / optimum):
            score = objective.score(recipe, least)
            if least > cost / optimum:
                assert score is None
            else:
                assert score == (cost, optimum, True)
    finding = objective.finding(recipe, score)
    assert (finding.algorithm_cost, finding.reference_cost) == (cost, optimum)


def test_references():
    """A bound is at most the optimum, which is at most what is found."""
    recipe = recipe_of(6, [(0, 1, o) for o in (2, 2, 3, 3)])
    for reference, cost in (
        ("schedule", 15),
        ("optimum", 15),
        ("bound", 13),
        ("h-sf", 16),
    ):
        objective = ratio_of("mc-sf", reference=reference)
        assert objective.score(recipe).reference == cost
    hasty = ReferenceParams(requests=1)
    assert ratio_of("mc-sf", params=hasty).score(recipe).reference == 16
    exact = ratio_of("mc-sf", reference="optimum", params=hasty)
    assert exact.score(recipe) is None


def test_unproved_reference_is_a_lower_bound_on_the_ratio():
    """Without a proof the ratio is not called proved; a solver settles it."""
    recipe = recipe_of(6, [(0, 1, o) for o in (2, 2, 3, 3)])
    hasty = ratio_of("mc-sf", params=ReferenceParams(requests=1))
    finding = hasty.finding(recipe, hasty.score(recipe))
    assert not finding.optimal
    found = witness(finding, hasty)
    assert not found.reference_optimal
    assert "at least" in found.claim
    settled = settle(finding, time_limit=60)
    assert settled.optimal
    assert settled.ratio == 16 / 15
    assert settle(settled, time_limit=1) is settled
    verdict = check_witness(witness(settled, hasty).document())
    assert verdict.optimality is Optimality.CERTIFIED


def test_certificate_is_a_bound_where_one_is_tight():
    """When the trivial bound is met, the witness carries its certificate."""
    recipe = recipe_of(4, [(0, 3, 1), (1, 0, 1), (1, 0, 1)])
    objective = ratio_of("fcfs", Conditions(9, 9, latest_arrival=3))
    finding = objective.finding(recipe, objective.score(recipe))
    found = witness(finding, objective)
    assert '"kvopt-bound/1"' in found.certificate
    assert check_witness(found.document()).optimality is Optimality.CERTIFIED


def test_minimised_is_minimal():
    """Shrinking keeps the ratio, and no single step more keeps it."""
    objective = ratio_of("fcfs", Conditions(9, 12, latest_arrival=3))
    rows = [(0, 10, 2), (0, 9, 1), (0, 1, 2), (0, 1, 2), (2, 1, 3)]
    recipe = recipe_of(12, rows)
    score = objective.score(recipe)
    small = minimise(recipe, score, objective, PLENTY)
    assert small.minimal
    assert small.score.ratio >= score.ratio > 1
    assert small.recipe.requests < 5 and small.taken <= small.tried
    for smaller in _smaller(small.recipe, objective):
        assert objective.score(smaller, score.ratio) is None
    hasty = minimise(recipe, score, objective, Evaluations(1))
    assert not hasty.minimal and hasty.tried == 1
    less = minimise(recipe, score, objective, PLENTY, keep=0.9)
    assert less.score.ratio >= 0.9 * score.ratio


@pytest.mark.parametrize("seed", range(10))
def test_shrinking_keeps_the_conditions(seed):
    """What is one step smaller keeps the conditions, and is smaller."""
    conditions = parse_conditions("theorem-4.3", 40, 40)
    objective = ratio_of("mc-sf", conditions)
    recipe = random_recipe(np.random.default_rng(seed), conditions)
    for smaller in _smaller(recipe, objective):
        assert conditions.fit(smaller) == smaller != recipe


def test_failures_are_counted():
    """A policy in a livelock is counted and its instance kept."""
    objective = ratio_of("alpha-greedy:alpha=0", Conditions(6, 12))
    result = run_search(objective, Evaluations(300), seed=0)
    assert result.state.failures > 0
    with pytest.raises(PolicyError):
        simulate(result.failed, "alpha-greedy:alpha=0")
    assert check_witness(witness(result.best, objective).document()).ok


def test_interrupted_search_keeps_the_best():
    """KeyboardInterrupt ends the search with what was found by then."""

    def interrupt(state, share):
        if state.ratio > 1:
            raise KeyboardInterrupt

    result = run_search(MCSF, PLENTY, seed=1, progress=interrupt)
    assert result.interrupted
    assert isinstance(result.best, Finding)
    assert result.best.ratio > 1


def test_sigint_is_noted_and_read_between_evaluations(monkeypatch):
    """Code that swallows exceptions cannot swallow an interruption."""
    score = PolicyRatio.score
    seen = []

    def interrupted(self, *arguments):
        seen.append(arguments)
        if len(seen) == 30:
            with suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        return score(self, *arguments)

    monkeypatch.setattr(PolicyRatio, "score", interrupted)
    result = run_search(ratio_of("mc-sf"), PLENTY, seed=1)
    assert result.interrupted
    assert result.state.evaluations == len(seen) == 30


def test_a_search_ended_by_sigint_goes_on_as_if_it_had_not(
    monkeypatch, tmp_path
):
    """SIGINT in an evaluation, saved, resumed: the uninterrupted search."""
    whole = run_search(ratio_of("mc-sf"), Evaluations(300), seed=1)
    score = PolicyRatio.score
    seen = []

    def interrupted(self, *arguments):
        seen.append(arguments)
        if len(seen) in (47, 160):
            signal.raise_signal(signal.SIGINT)
        return score(self, *arguments)

    monkeypatch.setattr(PolicyRatio, "score", interrupted)
    told = SearchSettings("mc-sf", "schedule", "", "portfolio", 6, 12, 1)
    path = tmp_path / "s.json"
    state = None
    for ends in (47, 160, 300):
        part = run_search(
            ratio_of("mc-sf"), Evaluations(300), seed=1, state=state
        )
        assert part.interrupted == (ends < 300)
        assert part.state.evaluations == ends
        assert part.best is not None
        save_search(path, told, part.state)
        state = load_search(path, told, SMALL)
    assert part.best == whole.best
    assert state.strategy.document() == whole.state.strategy.document()
    after = [s.rng.bit_generator.state for s in (state, whole.state)]
    assert after[0] == after[1]


def test_progress_is_monotone():
    """Progress counts up, its ratio never falls, and it ends at 1."""
    seen = []
    run_search(
        ratio_of("mc-sf"),
        Evaluations(50),
        progress=lambda s, share: seen.append((s.evaluations, s.ratio, share)),
    )
    assert [row[0] for row in seen] == list(range(1, 51))
    assert seen == sorted(seen)
    assert seen[-1][2] == 1


@pytest.mark.parametrize(
    "policy", ["mc-sf:lengths=point", "a-max", "a-min", "a-l"]
)
def test_predictions_are_made(policy):
    """Policies that are told points or intervals are searched, too."""
    conditions = parse_conditions("equal-prompts,points<=2", 30, 40)
    objective = ratio_of(policy, conditions)
    best = run_search(objective, Evaluations(400), seed=0).best
    assert best.ratio > 1
    assert check_witness(witness(best, objective).document()).ok


def test_batch_policies_refuse_arrivals():
    """A policy for requests at 0 is not searched with later arrivals."""

    class Batch(SF):
        info = replace(SF.info, arrivals=Arrivals.BATCH)

    PolicyRatio(Batch(), SMALL)
    with pytest.raises(InputError, match="arrivals<=3"):
        PolicyRatio(Batch(), Conditions(latest_arrival=3))


def test_many_requests_are_few_numbers():
    """Identical requests give a ratio that six requests cannot give."""
    conditions = parse_conditions("theorem-4.3", 300, 200)
    objective = ratio_of("mc-sf", conditions)
    found = run_search(objective, Evaluations(3000), seed=0)
    assert found.best.ratio > 1.5
    assert int(found.best.instance.peak.max()) * 2 <= found.best.recipe.memory
    assert check_witness(witness(found.best, objective).document()).ok


@pytest.mark.parametrize("text", ["", "0", "-1", "0s", "nan s", "1.5", "xs"])
def test_bad_budgets(text):
    """A budget that is none is refused with its value."""
    with pytest.raises(InputError, match="budget = "):
        parse_budget(text)


def test_budgets():
    """Plain numbers are evaluations, those with an s are seconds."""
    assert parse_budget("5000") == Evaluations(5000)
    assert Evaluations(4).share(3, 99.0) == 0.75
    assert parse_budget("2.5s") == Seconds(2.5)
    assert Seconds(10.0).share(10**9, 5.0) == 0.5


def test_unfit_instance_is_refused():
    """A recipe whose request does not fit has no instance."""
    with pytest.raises(InputError, match="memory"):
        Recipe.read([3, [[1, 0, [[1, 0, 3, 1, 1]]]]]).instance()
    assert isinstance(recipe_of(4, [(0, 3, 1)]).instance(), Instance)
