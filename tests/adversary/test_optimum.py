"""The enumeration finds the optimum, and nothing where there is none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvopt.adversary import Conditions
from kvopt.adversary.optimum import cheapest
from kvopt.adversary.search.mutators import random_recipe
from kvopt.check import verify
from kvopt.exact import solve
from kvopt.model import Instance, Schedule

PLENTY = 10**6


def tiny(seed: int) -> Instance:
    """Draw an instance of at most 5 requests, half of them with arrivals."""
    rng = np.random.default_rng(seed)
    conditions = Conditions(5, 9, latest_arrival=seed % 2 * 6)
    return random_recipe(rng, conditions).instance()


def cost(instance, starts):
    """Return the total latency of starts that the checker accepts."""
    verdict = verify(instance, Schedule.from_starts(instance, starts))
    assert verdict.ok, verdict
    return verdict.total_latency


def test_equal_to_the_oracle():
    """On 3,000 instances the optimum is that of brute force."""
    for seed in range(3000):
        instance = tiny(seed)
        found = cheapest(instance, 10**6, PLENTY)
        oracle = solve(instance, "brute-force")
        assert found.proved
        assert cost(instance, found.starts) == oracle.objective, instance


@given(st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_nothing_below_the_optimum(seed):
    """With the optimum as the limit nothing is found; one above, it is."""
    instance = tiny(seed)
    optimum = cost(instance, cheapest(instance, 10**6, PLENTY).starts)
    assert cheapest(instance, optimum, PLENTY) == (None, True)
    found = cheapest(instance, optimum + 1, PLENTY)
    assert cost(instance, found.starts) == optimum


@pytest.mark.parametrize(
    ("prompt", "memory", "outputs", "optimum"),
    [
        (1, 6, (2, 2, 3, 3), 15),
        (1, 4, (1, 1, 2, 2, 3), 17),
        (3, 10, (1, 1, 3, 3, 4), 19),
        (1, 9, (3,) * 7, 42),
        (0, 6, (3,) * 5, 25),
    ],
)
def test_golden_optima(prompt, memory, outputs, optimum):
    """The optima of papers.md, section 7."""
    instance = Instance.of(memory, [(0, prompt, o) for o in outputs])
    found = cheapest(instance, 10**6, PLENTY)
    assert found.proved
    assert cost(instance, found.starts) == optimum


def test_too_many_requests():
    """Beyond 60 requests nothing is searched, and nothing claimed."""
    instance = Instance.of(2, [(0, 1, 1)] * 61)
    assert cheapest(instance, 10**6, PLENTY) == (None, False)


def test_out_of_nodes():
    """Too few nodes prove nothing; more of them never cost more."""
    instance = Instance.of(9, [(0, 1, 3)] * 7)
    before = 10**6
    for nodes in range(0, 200, 5):
        found = cheapest(instance, 10**6, nodes)
        now = cost(instance, found.starts) if found.starts else 10**6
        assert now <= before
        assert not found.proved or now == 42
        before = now
    assert cheapest(instance, 10**6, 0) == (None, False)
    assert before == 42


def test_late_arrivals_and_long_gaps():
    """Starts wait for arrivals, whatever the gap between them."""
    instance = Instance.of(4, [(0, 1, 3), (0, 1, 3), (50, 2, 2)])
    found = cheapest(instance, 10**6, PLENTY)
    assert found == ((0, 3, 50), True) or found == ((3, 0, 50), True)
