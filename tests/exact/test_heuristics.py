"""The primal side: feasible, never worse, deterministic, complete."""

from __future__ import annotations

import numpy as np
import pytest

from kvopt.exact import solve
from kvopt.exact.control.feasibility import fault
from kvopt.exact.heuristics import annealing_kernels as kernels
from kvopt.exact.heuristics.annealing import Annealing
from kvopt.exact.heuristics.population import Population
from kvopt.exact.warm_start import one_by_one
from kvopt.model import Instance, SearchParams
from kvopt.workloads.random.random_models import model_1, model_2

PARAMS = SearchParams()
STALE = PARAMS.stale * PARAMS.population


def anneal(instance: Instance, moves: int, seed: int):
    """Anneal from the serial schedule; return what was reported."""
    found: list[tuple[list[int], int]] = []
    annealing = Annealing(instance, np.random.default_rng(seed), PARAMS)
    reached = annealing.run(
        one_by_one(instance),
        moves,
        5.0,
        lambda starts, latency: found.append((starts.tolist(), latency)),
    )
    return reached, found


@pytest.mark.parametrize("model", [model_1, model_2])
def test_schedules_are_feasible_and_never_worse(model):
    """Each report is feasible, has its latency, and improves."""
    instance = model(np.random.default_rng(3))
    start = one_by_one(instance)
    fixed = int((instance.output - instance.arrival).sum())
    reached, found = anneal(instance, 3000, 0)
    latencies = [sum(start) + fixed]
    for starts, latency in found:
        assert fault(instance, starts) == ""
        assert sum(starts) + fixed == latency < latencies[-1]
        latencies.append(latency)
    assert reached == latencies[-1]


def test_a_seed_gives_one_sequence_of_schedules():
    """How moves are cut into blocks of time does not change the best."""
    instance = model_2(np.random.default_rng(4))
    first, found = anneal(instance, 2000, 7)
    second, again = anneal(instance, 2000, 7)
    assert first == second
    assert found[-1] == again[-1]


def test_delays_reach_what_no_order_reaches():
    """The optimum of 11 needs starts 1, 0, 3; every order alone gives 12."""
    rows = [(0, 1, 5), (0, 1, 3), (2, 3, 1)]
    reached, found = anneal(Instance.of(8, rows), 2000, 0)
    assert reached == 11
    assert found[-1][0] == [1, 0, 3]


def random_instance(rng: np.random.Generator, most: int) -> Instance:
    """Return an instance of up to ``most`` requests with arrivals."""
    memory = int(rng.integers(4, 16))
    rows = []
    for _ in range(int(rng.integers(1, most + 1))):
        prompt = int(rng.integers(0, memory // 2))
        output = int(rng.integers(1, memory - prompt + 1))
        rows.append((int(rng.integers(0, 12)), prompt, output))
    return Instance.of(memory, sorted(rows))


def test_any_schedule_is_an_order_of_starts_with_delays():
    """Starts become delays and the same starts again."""
    rng = np.random.default_rng(0)
    tried = 0
    while tried < 2000:
        instance = random_instance(rng, 6)
        start = instance.arrival + rng.integers(0, 15, len(instance))
        if fault(instance, start.tolist()):
            continue
        annealing = Annealing(instance, rng, PARAMS)
        order, delay = annealing.encoded(start)
        assert annealing.decoded(order, delay).tolist() == start.tolist()
        tried += 1


def test_placing_stops_only_where_the_rest_is_as_before():
    """After many moves the schedule is still that of its order."""
    rng = np.random.default_rng(1)
    for _ in range(400):
        instance = random_instance(rng, 25)
        annealing = Annealing(instance, rng, PARAMS)
        start = annealing.shortest_first(0.5)
        order, delay = annealing.encoded(start)
        values = np.full(2, annealing.latency(start))
        best = start.copy()
        now, work = annealing.solution(order, delay, start), annealing.work()
        new = annealing.solution(order.copy(), delay.copy(), start.copy())
        for begin in range(0, 200, 20):
            kernels.anneal(
                rng,
                kernels.Iterations(
                    begin, begin + 20, 200, 5.0, 0.2, annealing.changes
                ),
                annealing.sizes,
                now,
                new,
                best,
                values,
                work,
            )
            again = annealing.decoded(order, delay)
            assert start.tolist() == again.tolist()
            assert values[0] == annealing.latency(start)
            assert values[1] == annealing.latency(best) <= values[0]
            assert fault(instance, best.tolist()) == ""


def bred(instance: Instance, children: int, seed: int):
    """Breed a population; return it and what it reported."""
    found: list[tuple[list[int], int]] = []
    annealing = Annealing(instance, np.random.default_rng(seed), PARAMS)
    population = Population(annealing)
    for _ in range(children):
        population.breed(
            lambda starts, latency: found.append((starts.tolist(), latency))
        )
    return population, found


def test_a_population_reports_what_it_has():
    """Schedules are feasible, members differ, a seed gives the same."""
    instance = model_2(np.random.default_rng(5))
    fixed = int((instance.output - instance.arrival).sum())
    population, found = bred(instance, 40, 3)
    for starts, latency in found:
        assert fault(instance, starts) == ""
        assert sum(starts) + fixed == latency
    latencies = [latency for latency, _ in population.members]
    assert len(set(latencies)) == len(latencies) <= PARAMS.population
    assert min(latencies) == min(latency for _, latency in found)
    again, _ = bred(instance, 40, 3)
    assert [m[0] for m in again.members] == latencies


def test_a_population_that_stands_still_begins_anew():
    """The best of the one before joins the next where that stands still."""
    instance = Instance.of(8, [(0, 1, 5), (0, 1, 3), (2, 3, 1)])
    population, found = bred(instance, STALE + PARAMS.population, 0)
    assert len(population.elite) == 1
    assert population.elite[0][0] == 11
    population, _ = bred(instance, 5 * STALE, 0)
    assert len(population.elite) == 2
    assert min(latency for _, latency in found) == 11


def test_a_population_reaches_the_optimum_of_tiny_instances():
    """Never below it, and on it in all of a few hundred."""
    rng = np.random.default_rng(2)
    for _ in range(300):
        instance = random_instance(rng, 4)
        population, _ = bred(instance, 25, 0)
        reached = min(latency for latency, _ in population.members)
        assert reached == solve(instance, "brute-force").objective
