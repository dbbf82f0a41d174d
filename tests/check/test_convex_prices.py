"""The checker of memory rows at convex prices, with room to grow."""

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


def convex_prices(problem, data, budget=1):
    """Return what the method derives."""
    return METHODS["convex-prices"](problem, data, Budget(budget))


def random_data(rng, last, scale=24):
    """Return random prices that may matter, and random shares."""
    prices = [
        [t, rng.randint(0, rng.choice((3, 12)))]
        for t in range(1, last + 1)
        if rng.random() < 0.4
    ]
    shares = sorted(rng.randint(0, 30) for _ in range(rng.randint(1, 4)))
    firsts = [1, *sorted(rng.sample(range(2, last + 9), len(shares) - 1))]
    gaps = [list(pair) for pair in zip(firsts, shares, strict=True)]
    return {
        "scale": scale,
        "prices": prices,
        "parts": rng.choice((10, 40)),
        "gaps": gaps,
        "reach": rng.randint(0, 4),
    }


def share_of(data, t):
    """Return the share of a round, as a whole number of parts."""
    return max(share for first, share in data["gaps"] if first <= t)


def growth(data, usage, share):
    """Return the least cost of growth, in whole parts."""
    least = min(
        Fraction(data["parts"] * (g - 1), 2) + Fraction(share * usage, g)
        for g in range(1, 20)
    )
    return min(data["reach"] * data["parts"], least // 1)


def cost(problem, data, task, start):
    """Return what a request costs at a start, round by round."""
    scale, parts = data["scale"], data["parts"]

    def price(t):
        sums = (w * (at - t) for at, w in data["prices"] if at > t)
        return Fraction(sum(sums), scale)

    completion = start + task.output
    total = Fraction(completion - task.arrival)
    refund = Fraction(share_of(data, completion) * problem.memory, parts)
    for t in range(completion, start, -1):
        paid = min(refund, task.prompt + t - start)
        refund -= paid
        total += price(t) * (task.prompt + t - start - paid)
    # Only differs from the price at the completion if the volume is paid.
    first, at_start, at_end = start, *shares(data, task, start)
    while first > task.arrival and (at_start, at_end) == shares(
        data, task, first - 1
    ):
        first -= 1
    total -= refund * price(first + task.output)
    quarter = ceil(task.output / 4)
    for begin, end in ((1, quarter), (quarter + 1, task.output)):
        for k in range(begin, end + 1) if at_start else ():
            left = growth(data, task.prompt + begin, at_start)
            right = growth(data, task.prompt + end, at_start)
            slope = (right - left) // max(1, end - begin)
            line = Fraction(left + slope * (k - begin), parts)
            total += price(start + k + data["reach"]) * line
    return total


def shares(data, task, start):
    """Return the shares of the first round and of the completion."""
    return share_of(data, start + 1), share_of(data, start + task.output)


def by_definition(problem, data):
    """Return the bound from every start of every request."""
    last = max((at for at, _ in data["prices"]), default=0)
    last = max(last, max(first for first, _ in data["gaps"]))
    value = Fraction(0)
    for task in problem.tasks:
        starts = range(task.arrival, max(task.arrival, last) + 1)
        value += min(cost(problem, data, task, start) for start in starts)
    for at, weight in data["prices"]:
        rounds = Fraction(weight * at * (at - 1), 2 * data["scale"])
        value -= problem.memory * rounds
    return ceil(value)


def test_random_prices_never_exceed_an_optimum(random_instance):
    """Any prices and shares give a bound: no schedule beats it."""
    rng = random.Random(16)
    positive = 0
    for _ in range(4000):
        instance = random_instance(
            rng, rng.randint(1, 5), rng.randint(1, 8), rng.choice((0, 0, 3, 6))
        )
        problem = read_instance(instance)
        data = random_data(rng, rng.randint(1, 25), rng.choice((24, 96)))
        value = convex_prices(problem, data)
        assert cheaper_schedule(problem, value, NODES) is None
        positive += value > 0
    assert positive > 1000


def test_the_value_is_that_of_the_definition(random_instance):
    """Closed forms and bisection give the least cost of every start."""
    rng = random.Random(17)
    for _ in range(120):
        instance = random_instance(
            rng, rng.randint(1, 4), rng.randint(1, 14), rng.choice((0, 5))
        )
        problem = read_instance(instance)
        data = random_data(rng, rng.randint(1, 30), 96)
        assert convex_prices(problem, data) == by_definition(problem, data)


def test_growth_proves_more_than_memory_alone(instance_of):
    """With a share of the price at completions the bound is greater."""
    problem = read_instance(instance_of(40, [(0, 0, 20)] * 30))
    data = {
        "scale": 1000,
        "prices": [[t, 5] for t in range(15, 160, 5)],
        "parts": 100,
        "gaps": [[1, 0]],
        "reach": 6,
    }
    without = convex_prices(problem, data)
    assert convex_prices(problem, {**data, "gaps": [[1, 40]]}) > without


def test_without_prices_it_is_the_trivial_bound(instance_of):
    """No row has a price: every request runs at once."""
    problem = read_instance(instance_of(6, [(0, 0, 6), (3, 1, 2)]))
    data = {"scale": 1, "prices": [], "parts": 1, "gaps": [[1, 0]], "reach": 0}
    assert convex_prices(problem, data) == 8


GOOD = {
    "scale": 24,
    "prices": [[3, 1], [7, 2]],
    "parts": 10,
    "gaps": [[1, 0], [4, 3]],
    "reach": 2,
}


def test_stated_values_are_compared(instance_of):
    """The derived value is accepted, one more is not."""
    instance = instance_of(6, [(0, 0, 6), (0, 0, 6)])
    problem = read_instance(instance)
    value = convex_prices(problem, GOOD)
    document = {
        "format": "kvopt-bound/1",
        "instance": problem.hash,
        "method": "convex-prices",
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
        ({"prices": [[1]]}, "data.prices[0]"),
        ({"prices": [[0, 1]]}, "data.prices[0][0]"),
        ({"prices": [[1, -1]]}, "data.prices[0][1]"),
        ({"prices": [[5, 1], [5, 1]]}, "data.prices[1][0]"),
        ({"parts": 0}, "data.parts"),
        ({"gaps": []}, "data.gaps"),
        ({"gaps": [[2, 1]]}, "data.gaps"),
        ({"gaps": [[1, 5], [3, 4]]}, "data.gaps[1][1]"),
        ({"gaps": [[1, 0.5]]}, "data.gaps[0][1]"),
        ({"gaps": [[1, 1], [1, 2]]}, "data.gaps[1][0]"),
        ({"reach": -1}, "data.reach"),
        ({"reach": None}, "data.reach"),
    ],
)
def test_bad_data_names_field_and_value(changes, field, instance_of):
    """A field that is missing a stage or makes no sense is named."""
    problem = read_instance(instance_of(6, [(0, 1, 2)]))
    with pytest.raises(InputError) as caught:
        convex_prices(problem, {**GOOD, **changes})
    assert caught.value.field == field


@pytest.mark.parametrize("key", sorted(GOOD))
def test_a_missing_field_is_named(key, instance_of):
    """No field has a default."""
    problem = read_instance(instance_of(6, [(0, 1, 2)]))
    data = {name: value for name, value in GOOD.items() if name != key}
    with pytest.raises(InputError, match=key):
        convex_prices(problem, data)


def test_too_much_work_is_refused_first(instance_of):
    """Thousands of segments for thousands of requests exceed the budget."""
    rows = [(0, s, o) for s in range(40) for o in range(1, 41)]
    problem = read_instance(instance_of(100, rows))
    gaps = [[t, 0] for t in range(1, 3000)]
    with pytest.raises(InputError, match="a budget of"):
        convex_prices(problem, {**GOOD, "gaps": gaps})
