"""The primal side: feasible, never worse, deterministic, complete."""

from __future__ import annotations

import numpy as np
import pytest

from kvopt.exact.feasibility import fault
from kvopt.exact.heuristics.annealing import Annealing
from kvopt.exact.warm_start import one_by_one
from kvopt.model import Instance
from kvopt.workloads.random_models import model_1, model_2


def anneal(instance: Instance, moves: int, seed: int):
    """Anneal from the serial schedule; return what was reported."""
    found: list[tuple[list[int], int]] = []
    annealing = Annealing(instance, np.random.default_rng(seed))
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
