"""The exact tools of the ledger, against enumeration and kvopt's own."""

import itertools
import random

import pytest

from kvopt.check.budget import Budget
from kvopt.check.documents import Problem, Task
from kvopt.check.exhaustive import cheaper_schedule
from kvopt.check.methods import METHODS
from proofs_check.claims.p2_fcfs_sf_unbounded import escaped, trap
from proofs_check.claims.p2_np_hard import partitionable
from proofs_check.claims.p6_prop_3_1 import area
from proofs_check.tools.instance import (
    Instance,
    Request,
    at_zero,
    cost,
    overload,
)
from proofs_check.tools.optimum import optimum
from proofs_check.tools.policies import fcfs, mc_sf, shortest_first


def random_instance(rng, n, memory, last):
    """Return a random instance with ``n`` requests."""
    requests = []
    for _ in range(n):
        output = rng.randint(1, memory)
        arrival, prompt = rng.randint(0, last), rng.randint(0, memory - output)
        requests.append(Request(arrival, prompt, output))
    return Instance(memory, tuple(sorted(requests)))


def as_problem(instance):
    """Return the same instance as kvopt's checker sees it."""
    tasks = tuple(Task(*request) for request in instance.requests)
    return Problem(instance.memory, tasks, "")


def test_optimum_equals_enumeration_of_all_starts():
    """A* finds the best of all feasible start vectors within sum(o)."""
    rng = random.Random(1)
    for _ in range(150):
        instance = random_instance(rng, 3, rng.randint(2, 5), 2)
        horizon = 2 + sum(r.output for r in instance.requests)
        every = itertools.product(
            *(range(r.arrival, horizon) for r in instance.requests)
        )
        best = min(
            cost(instance, starts)
            for starts in every
            if not overload(instance, starts)
        )
        assert optimum(instance) == best, instance


def test_optimum_agrees_with_the_search_of_the_checker():
    """Two exact methods with nothing in common find the same optimum."""
    rng = random.Random(2)
    for _ in range(150):
        instance = random_instance(rng, rng.randint(2, 5), 7, 3)
        best = optimum(instance)
        problem = as_problem(instance)
        assert cheaper_schedule(problem, best, 10**6) is None
        starts = cheaper_schedule(problem, best + 1, 10**6)
        assert cost(instance, starts) == best
        assert overload(instance, starts) == 0


def test_area_bound_equals_that_of_the_checker():
    """The ledger's area bound, rounded up, is the checker's."""
    rng = random.Random(3)
    for _ in range(500):
        instance = random_instance(rng, rng.randint(1, 8), 20, 30)
        bound = area(instance)
        rounded_up = -(-bound.numerator // bound.denominator)
        assert (
            METHODS["area"](as_problem(instance), {}, Budget()) == rounded_up
        )


@pytest.mark.parametrize("policy", [fcfs, mc_sf, shortest_first])
def test_policies_are_feasible_and_not_better_than_the_optimum(policy):
    """Every policy keeps within the memory and costs at least the optimum."""
    rng = random.Random(4)
    for _ in range(150):
        instance = random_instance(rng, rng.randint(1, 5), 8, 3)
        starts = policy(instance)
        assert overload(instance, starts) == 0
        assert cost(instance, starts) >= optimum(instance)


def test_overload_counts_the_worst_round():
    """Two requests of peak 3 in memory 4 are two units over, or none apart."""
    instance = at_zero(4, [(1, 2), (1, 2)])
    assert overload(instance, [0, 0]) == 2
    assert overload(instance, [0, 1]) == 1
    assert overload(instance, [0, 2]) == 0
    with pytest.raises(ValueError, match="before"):
        overload(Instance(4, (Request(1, 1, 1),)), [0])


def test_published_oracles():
    """Known costs of the counterexamples and the trap, to the unit."""
    equal = at_zero(6, [(0, 3)] * 5)
    assert mc_sf(equal) == [0, 0, 3, 3, 6]
    assert (cost(equal, mc_sf(equal)), optimum(equal)) == (27, 25)
    staggered = at_zero(9, [(1, 3)] * 7)
    assert mc_sf(staggered) == [0, 0, 3, 3, 6, 6, 9]
    sixty = trap(60, 9)
    assert cost(sixty, fcfs(sixty)) == 265
    assert cost(sixty, shortest_first(sixty)) == 265
    assert optimum(sixty) == escaped(20, 9) == 103


def test_partition_is_recognised():
    """A yes input and a no input of 3-Partition are told apart."""
    assert partitionable((5, 5, 5, 5, 6, 6), 16)
    assert not partitionable((5, 5, 5, 5, 5, 7), 16)


def test_closed_form_of_three_requests():
    """MC-SF on three requests starts where the ledger's proof says."""
    rng = random.Random(5)
    for _ in range(3000):
        memory = rng.randint(1, 30)
        prompt = rng.randint(0, memory - 1)
        a, b, c = sorted(rng.randint(1, memory - prompt) for _ in range(3))
        first, second = prompt + a, prompt + b
        p = max(0, min(a, 2 * first - memory))
        q = max(
            p,
            p + min(b, 2 * second - memory),
            min(a, 3 * first - p - memory),
        )
        instance = at_zero(memory, [(prompt, o) for o in (a, b, c)])
        assert mc_sf(instance) == [0, p, q]
