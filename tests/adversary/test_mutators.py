"""Mutators stay within the limits, and reach all of them together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvopt.adversary import Limits
from kvopt.adversary.mutators import (
    MUTATORS,
    mutate,
    random_instance,
)
from kvopt.model import InputError, Instance

limits = st.builds(
    Limits,
    requests=st.integers(2, 8),
    memory=st.integers(2, 20),
    latest_arrival=st.integers(0, 9),
    equal_prompts=st.booleans(),
)


def within(instance: Instance, limit: Limits) -> bool:
    """Whether an instance keeps the limits."""
    equal = len(set(instance.prompt.tolist())) == 1
    return (
        2 <= len(instance) <= limit.requests
        and instance.memory <= limit.memory
        and instance.arrival.max() <= limit.latest_arrival
        and (equal or not limit.equal_prompts)
    )


@given(limits, st.integers(0, 10**6))
@settings(deadline=None)
def test_limits_are_kept(limit, seed):
    """Random instances and ten changes in a row stay within the limits."""
    rng = np.random.default_rng(seed)
    instance = random_instance(rng, limit)
    assert within(instance, limit)
    for _ in range(10):
        instance = mutate(instance, rng, limit)
        assert within(instance, limit)


@pytest.mark.parametrize("mutator", MUTATORS, ids=lambda m: m.__name__)
def test_each_mutator_changes_something(mutator):
    """Every mutator has an effect, the same one for the same generator."""
    limit = Limits(6, 12, latest_arrival=5)
    instance = Instance.of(10, [(0, 1, 3), (1, 2, 4), (2, 0, 9)])

    def results():
        return [
            mutator(instance, np.random.default_rng(seed), limit)
            for seed in range(20)
        ]

    assert any(changed != instance for changed in results())
    assert results() == results()


def test_all_small_instances_are_reached():
    """From one instance, changes lead to every instance of tiny limits."""
    limit = Limits(2, 3)
    rng = np.random.default_rng(0)
    instance = random_instance(rng, limit)
    seen = set()
    for _ in range(4000):
        instance = mutate(instance, rng, limit)
        seen.add(instance)
    sizes = {m: m * (m + 1) // 2 for m in (1, 2, 3)}
    # Pairs of (s, o) with s + o <= M. At M = 1 every change needs a larger
    # memory first, which change_memory gives.
    assert len(seen) >= sizes[2] ** 2 + sizes[3] ** 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("requests", 1),
        ("requests", 13),
        ("memory", 1),
        ("memory", 1001),
        ("latest_arrival", -1),
    ],
)
def test_limits_are_checked(field, value):
    """Limits that make no sense are refused by name and value."""
    with pytest.raises(InputError, match=f"{field} = {value}"):
        Limits(**{field: value})
