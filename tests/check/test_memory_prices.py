"""The checker of memory rows at a price for each bucket of rounds."""

import random
from fractions import Fraction
from math import ceil

import pytest

from kvopt.check import check_bound
from kvopt.check.budget import Budget
from kvopt.check.documents import read_instance
from kvopt.check.exhaustive import cheaper_schedule
from kvopt.check.methods import METHODS
from kvopt.model import InputError

NODES = 2_000_000
GOOD = {"scale": 24, "prices": [[1, 3], [4, 7], [9, 0]]}


def memory_prices(problem, data, budget=1):
    """Return what the method derives."""
    return METHODS["memory-prices"](problem, data, Budget(budget))


def random_data(rng, last, scale):
    """Return random prices, rising and falling."""
    firsts = [t for t in range(2, last + 1) if rng.random() < 0.4]
    prices = [[t, rng.randint(0, 12)] for t in (1, *firsts)]
    return {"scale": scale, "prices": [*prices, [last + 1, 0]]}


def by_definition(problem, data):
    """Return the bound from every start and round of every request."""
    last = data["prices"][-1][0]

    def price(t):
        return [y for first, y in data["prices"] if first <= t][-1]

    value = -problem.memory * sum(price(t) for t in range(1, last))
    for arrival, prompt, output in problem.tasks:
        value += min(
            data["scale"] * (start + output - arrival)
            + sum(
                price(start + k) * (prompt + k) for k in range(1, output + 1)
            )
            for start in range(arrival, max(arrival, last) + 1)
        )
    return ceil(Fraction(value, data["scale"]))


def test_random_prices_never_exceed_an_optimum(random_instance):
    """Any prices give a bound: no schedule beats it, 4000 times."""
    rng = random.Random(160)
    positive = 0
    for _ in range(4000):
        instance = random_instance(
            rng, rng.randint(1, 5), rng.randint(1, 8), rng.choice((0, 0, 3, 6))
        )
        problem = read_instance(instance)
        data = random_data(rng, rng.randint(1, 25), rng.choice((24, 96)))
        value = memory_prices(problem, data)
        assert cheaper_schedule(problem, value, NODES) is None
        positive += value > 0
    assert positive > 1000


def test_the_value_is_that_of_the_definition(random_instance):
    """Buckets and polynomials give the least cost of every start."""
    rng = random.Random(170)
    for _ in range(500):
        instance = random_instance(
            rng, rng.randint(1, 4), rng.randint(1, 14), rng.choice((0, 5, 40))
        )
        problem = read_instance(instance)
        data = random_data(rng, rng.randint(1, 30), 96)
        assert memory_prices(problem, data) == by_definition(problem, data)


def test_stated_values_are_compared(instance_of):
    """The derived value is accepted, one more is not."""
    instance = instance_of(6, [(0, 0, 6), (0, 0, 6)])
    problem = read_instance(instance)
    value = memory_prices(problem, GOOD)
    document = {
        "format": "kvopt-bound/1",
        "instance": problem.hash,
        "method": "memory-prices",
        "value": value,
        "data": GOOD,
    }
    assert check_bound(instance, document).ok
    assert not check_bound(instance, {**document, "value": value + 1}).ok


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"extra": 1}, "data.extra"),
        ({"scale": 0}, "data.scale"),
        ({"prices": None}, "data.prices"),
        ({"prices": []}, "data.prices"),
        ({"prices": [[1]]}, "data.prices[0]"),
        ({"prices": [[2, 0]]}, "data.prices"),
        ({"prices": [[1, -1], [2, 0]]}, "data.prices[0][1]"),
        ({"prices": [[1, 1], [1, 0]]}, "data.prices[1][0]"),
        ({"prices": [[1, 1], [5, 2]]}, "data.prices[1][1]"),
        ({"prices": [[1, 0.5], [5, 0]]}, "data.prices[0][1]"),
    ],
)
def test_bad_data_names_field_and_value(changes, field, instance_of):
    """A price that is missing or makes no sense is named."""
    problem = read_instance(instance_of(6, [(0, 1, 2)]))
    with pytest.raises(InputError) as caught:
        memory_prices(problem, {**GOOD, **changes})
    assert caught.value.field == field


@pytest.mark.parametrize("key", sorted(GOOD))
def test_a_missing_field_is_named(key, instance_of):
    """No field has a default."""
    problem = read_instance(instance_of(6, [(0, 1, 2)]))
    data = {name: value for name, value in GOOD.items() if name != key}
    with pytest.raises(InputError, match=key):
        memory_prices(problem, data)


def test_too_much_work_is_refused_first(instance_of):
    """Thousands of prices for thousands of requests exceed the budget."""
    rows = [(0, s, o) for s in range(40) for o in range(1, 41)]
    problem = read_instance(instance_of(100, rows))
    prices = [[t, t % 3] for t in range(1, 9001)]
    with pytest.raises(InputError, match="a budget of"):
        memory_prices(problem, {"scale": 1, "prices": [*prices, [9001, 0]]})
