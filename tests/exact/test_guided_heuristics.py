"""Heuristics that learn from the relaxation: repair, neighbourhoods."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from kvopt.exact import solve
from kvopt.exact.control.feasibility import fault
from kvopt.exact.heuristics.annealing import Annealing
from kvopt.exact.heuristics.population import Population
from kvopt.exact.relaxation.groups import Groups
from kvopt.exact.search.dual import Dual
from kvopt.exact.search.labels import Ended, LabelQuota, Labels
from kvopt.exact.search.neighbourhoods import Neighbourhoods
from kvopt.exact.search.repair import Repair
from kvopt.exact.warm_start import best_starts, one_by_one
from kvopt.model import Instance, SearchParams
from kvopt.workloads.random.random_models import model_1, model_2
from tests.exact.test_relaxation import draw

PARAMS = SearchParams()


def ascended(instance: Instance, evaluations: int, threshold: int) -> Dual:
    """Return multipliers of one relaxation, from the best policy's."""
    starts = np.array(best_starts(instance, 0))
    completion = starts + instance.output
    dual = Dual(
        Groups(instance), int(completion.max()) + 5, completion, PARAMS
    )
    dual.enter(threshold, 1)
    dual.ascend(dual.rounds * len(instance), evaluations, lambda: None)
    return dual


def test_the_path_of_a_schedule_is_mended_into_the_schedule():
    """Nothing is moved where nothing is missing; equal requests may swap."""
    rng = np.random.default_rng(0)
    for seed in range(30):
        model = model_1 if seed % 2 else model_2
        instance = model(np.random.default_rng(seed))
        starts = np.array(one_by_one(instance))
        groups = Groups(instance)
        path = [
            (g, starts[i] + instance.output[i])
            for g, members in enumerate(groups.members)
            for i in members
        ]
        found = Repair(groups, rng, 20.0).starts(np.array(path))
        for members in groups.members:
            assert sorted(found[members]) == sorted(starts[members])


def test_every_path_gives_every_request_a_start_it_may_have():
    """Also empty paths, and those with one request many times."""
    rng = np.random.default_rng(1)
    for seed in range(20):
        instance = model_2(np.random.default_rng(seed))
        groups = Groups(instance)
        repair = Repair(groups, rng, 20.0)
        paths = [np.zeros((0, 2), np.int64), np.full((5, 2), (0, 99))]
        size = int(rng.integers(1, 80))
        drawn = rng.integers(0, (len(groups), 400), (size, 2))
        for path in [*paths, drawn]:
            found = repair.starts(path)
            assert found.shape == (len(instance),)
            assert (found >= instance.arrival).all()


def test_places_that_are_taken_twice_go_to_the_nearest_peak():
    """Of two places of peak 9, one is for peak 8, not for peak 3."""
    instance = Instance.of(12, [(0, 1, 2), (0, 1, 7), (0, 1, 8)])
    repair = Repair(Groups(instance), np.random.default_rng(0), 20.0)
    peaks = repair.groups.peak
    long = int(np.flatnonzero(peaks == 9)[0])
    found = repair.starts(np.array([(long, 20), (long, 40)]))
    assert {found[1] + 7, found[2] + 8} == {20, 40}


def test_a_population_with_models_is_feasible_and_repeatable():
    """Mended paths give feasible schedules; a seed gives the same ones."""
    instance = model_1(np.random.default_rng(2))
    fixed = int((instance.output - instance.arrival).sum())
    dual = ascended(instance, 60, 5)
    assert 0 < len(dual.paths) <= PARAMS.remembered_paths
    runs = []
    for _ in range(2):
        rng = np.random.default_rng(3)
        repair = Repair(dual.groups, rng, 20.0)
        population = Population(Annealing(instance, rng, PARAMS))

        def model(rng=rng, repair=repair):
            number = int(rng.integers(len(dual.paths)))
            return repair.starts(dual.paths[number])

        def report(starts, latency):
            assert fault(instance, starts.tolist()) == ""
            assert int(starts.sum()) + fixed == latency

        fitted = PARAMS.fitted * PARAMS.population
        for _ in range(fitted + 30):
            population.breed(report, model=model)
        assert population.fitted == fitted
        runs.append([latency for latency, _ in population.members])
    assert runs[0] == runs[1]


def check_neighbourhoods(instance: Instance) -> tuple[int, int, int]:
    """Search around a schedule that fixing forbids in part.

    Returns how many requests had to leave their rounds, whether a search in
    which nothing else moves nevertheless had labels, and whether a better
    schedule was found.
    """
    best = solve(instance, "brute-force").objective
    labels = Labels(Groups(instance), PARAMS)
    starts = np.array(one_by_one(instance))
    latency = int((starts + instance.output - instance.arrival).sum())
    completion = starts + instance.output
    # An optimal schedule may end after this one.
    rounds = int(instance.arrival.max() + instance.output.sum())
    dual = Dual(labels.groups, rounds, completion, PARAMS)
    dual.enter(int(instance.prompt.min()), 1)
    dual.ascend(best + 1, 25, lambda: None)
    if best == latency:
        return 0, 0, 0
    # The second guide is priced with the windows that the first one left.
    assert dual.prune(best) is not None
    guide = dual.prune(best)
    assert guide is not None
    assert dual.allowed is not None
    group = labels.request_group
    kept = dual.allowed[group, completion[labels.number]]
    away = abs(np.arange(guide.rounds + 1) - completion[:, None])
    limits = (latency - 1, LabelQuota(10**6, 10**6))
    found = labels.run(guide, *limits, near=(away, guide.rounds))
    assert found.ended is Ended.PARTIAL
    assert found.latency == best
    reported: list[int] = []

    def report(better, value):
        assert fault(instance, better.tolist()) == ""
        total = int((better + instance.output - instance.arrival).sum())
        assert total == value
        reported.append(value)

    near = Neighbourhoods(labels, np.random.default_rng(latency))
    (reached, last), made = near.search_near(
        lambda: guide, (latency, starts), 10**6, report
    )
    assert best <= reached <= latency
    assert reported == sorted(set(reported), reverse=True)
    assert reached == min([latency, *reported])
    assert (last + instance.output - instance.arrival).sum() == reached
    assert made >= len(reported)
    narrow = labels.run(guide, *limits, near=(away, 0))
    assert narrow.latency is None or best <= narrow.latency < latency
    moved = int((~kept.astype(bool)).sum())
    return moved, int(moved and narrow.labels > 0), int(reached < latency)


def test_walks_stay_between_the_optimum_and_the_schedule():
    """With windows that forbid some of the schedule's own completions."""
    rng = np.random.default_rng(4)
    moved, entered, better = np.sum(
        [check_neighbourhoods(draw(rng)) for _ in range(150)], axis=0
    )
    assert moved > 100
    # Around the completions themselves there would be no round left.
    assert entered > 50
    assert better > 50


@pytest.mark.long
def test_walks_on_two_thousand_instances():
    """The same on 2,000 instances."""
    rng = np.random.default_rng(5)
    for _ in range(2000):
        check_neighbourhoods(draw(rng))


def test_walks_do_not_mind_which_of_equal_requests_is_which():
    """Labels take them in one order; a schedule may have any other."""
    limits = LabelQuota(10**6, 10**6)
    instance = Instance.of(10, [(0, 1, 4)] * 3 + [(0, 2, 7), (2, 1, 4)])
    labels = Labels(Groups(instance), PARAMS)
    starts = np.array(one_by_one(instance))
    latency = int((starts + instance.output - instance.arrival).sum())
    completion = starts + instance.output
    dual = Dual(labels.groups, int(completion.max()) + 1, completion, PARAMS)
    dual.enter(1, 1)
    dual.ascend(latency, 20, lambda: None)
    guide = dual.prune(latency)
    assert guide is not None
    rounds = np.arange(guide.rounds + 1)
    for order in itertools.permutations(range(3)):
        mixed = starts.copy()
        mixed[:3] = starts[list(order)]
        ordered = labels.in_order(mixed)
        assert fault(instance, ordered.tolist()) == ""
        assert sorted(ordered) == sorted(starts)
        away = abs(rounds - (ordered + instance.output)[:, None])
        same = labels.run(guide, latency, limits, near=(away, 0))
        assert same.starts is not None
        assert same.starts.tolist() == ordered.tolist()
        assert same.end == 0


def test_the_few_are_alike_and_complete_where_labels_ended():
    """One of them completes no earlier, if any request does."""
    rng = np.random.default_rng(6)
    instance = model_2(rng)
    near = Neighbourhoods(Labels(Groups(instance), PARAMS), rng)
    completion = np.array(one_by_one(instance)) + instance.output
    last = int(completion.max())
    for end in (0, last // 2, last, last + 1):
        for few in (1, 2, 5):
            away = near.away(completion, few, end, last + 9)
            assert away.shape == (len(instance), last + 10)
            assert (away[np.arange(len(instance)), completion] == 0).all()
            places = (away == 0).sum(axis=1)
            free = np.flatnonzero(places > 1)
            assert set(places[free]) <= {few}
            assert free.size == (few if few > 1 else 0)
            if free.size and end <= last:
                assert completion[free].max() >= end
