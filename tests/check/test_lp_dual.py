"""The checker of multipliers of the linear program's rows."""

import random
from fractions import Fraction

import pytest

from kvopt.check import check_bound
from kvopt.check.budget import Budget
from kvopt.check.documents import read_instance
from kvopt.check.exhaustive import cheaper_schedule
from kvopt.check.methods import METHODS
from kvopt.model import InputError

NODES = 2_000_000


def lp_dual(problem, data, budget=1):
    """Return what the method derives."""
    return METHODS["lp-dual"](problem, data, Budget(budget))


def random_data(rng, problem, last, scale=12):
    """Return random multipliers, mostly of few rows."""
    size = rng.choice((1, 2, 4))
    memory = [
        [t, rng.randint(0, size)]
        for t in range(1, last + 1)
        if rng.random() < 0.7
    ]
    levels = [
        [k, t, rng.randint(0, scale * size // 2)]
        for k in range(1, min(4, problem.memory) + 1)
        for t in range(1, last + 1)
        if rng.random() < 0.15
    ]
    return {"scale": scale, "memory": memory, "levels": levels}


def count(problem, task, start, k, t):
    """Return the count of a run in the row of level k at round t."""
    share = Fraction(problem.memory, k + 1)
    smax = max(
        (x.prompt for x in problem.tasks if x.prompt + x.output > share),
        default=0,
    )
    late = t - start - task.output
    if late <= 0:
        usage = task.prompt + t - start if start < t else 0
        return sum(usage > q * share for q in range(1, k + 1))
    if late >= share - smax:
        return 0
    peak = task.prompt + task.output
    return sum(peak > q * share + (k + 1 - q) * late for q in range(1, k + 1))


def by_definition(problem, data, last):
    """Return the bound from the rows' terms, one by one."""
    scale = data["scale"]
    value = Fraction(0)
    for task in problem.tasks:
        choices = []
        for start in range(task.arrival, max(task.arrival, last) + 1):
            cost = Fraction(start + task.output - task.arrival)
            for t, y in data["memory"]:
                if start < t <= start + task.output:
                    cost += Fraction(y * (task.prompt + t - start), scale)
            for k, t, z in data["levels"]:
                cost += Fraction(z * count(problem, task, start, k, t), scale)
            choices.append(cost)
        value += min(choices)
    value -= sum(
        Fraction(problem.memory * y, scale) for _, y in data["memory"]
    )
    value -= sum(Fraction(k * z, scale) for k, _, z in data["levels"])
    return -(-value // 1)


def test_random_multipliers_never_exceed_an_optimum(random_instance):
    """Any multipliers give a bound: no schedule beats it, 5000 times."""
    rng = random.Random(99)
    positive = 0
    for _ in range(5000):
        instance = random_instance(
            rng, rng.randint(1, 5), rng.randint(1, 8), rng.choice((0, 0, 3, 6))
        )
        problem = read_instance(instance)
        data = random_data(rng, problem, rng.randint(1, 25))
        value = lp_dual(problem, data)
        assert cheaper_schedule(problem, value, NODES) is None
        positive += value > 0
    assert positive > 1000


def test_the_value_is_that_of_the_definition(random_instance):
    """The rows' terms are those of the definition, 150 times."""
    rng = random.Random(98)
    for _ in range(150):
        instance = random_instance(
            rng, rng.randint(1, 4), rng.randint(1, 14), rng.choice((0, 5))
        )
        problem = read_instance(instance)
        last = rng.randint(1, 20)
        data = random_data(rng, problem, last)
        assert lp_dual(problem, data) == by_definition(problem, data, last)


def test_rows_prove_what_the_trivial_bound_does_not(instance_of):
    """Two requests that cannot run together: the clique rows say so."""
    problem = read_instance(instance_of(6, [(0, 0, 6), (0, 0, 6)]))
    rows = {"scale": 1, "memory": [], "levels": []}
    assert lp_dual(problem, rows) == 12
    rows["levels"] = [[1, t, 1] for t in (6, 7, 8)]
    assert lp_dual(problem, rows) > 12


def test_stated_values_are_compared(instance_of):
    """The derived value is accepted, one more is not."""
    instance = instance_of(6, [(0, 0, 6), (0, 0, 6)])
    problem = read_instance(instance)
    data = {"scale": 1, "memory": [], "levels": [[1, 6, 1], [1, 7, 1]]}
    value = lp_dual(problem, data)
    document = {
        "format": "kvopt-bound/1",
        "instance": problem.hash,
        "method": "lp-dual",
        "value": value,
        "data": data,
    }
    assert check_bound(instance, document).ok
    assert not check_bound(instance, {**document, "value": value + 1}).ok


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"extra": 1}, "data.extra"),
        ({"scale": 0}, "data.scale"),
        ({"memory": None}, "data.memory"),
        ({"memory": [[1]]}, "data.memory[0]"),
        ({"memory": [[0, 1]]}, "data.memory[0][0]"),
        ({"memory": [[1, -1]]}, "data.memory[0][1]"),
        ({"memory": [[1, 0.5]]}, "data.memory[0][1]"),
        ({"memory": [[1, 1], [1, 1]]}, "data.memory[1]"),
        ({"levels": [[1, 1]]}, "data.levels[0]"),
        ({"levels": [[0, 1, 1]]}, "data.levels[0][0]"),
        ({"levels": [[7, 1, 1]]}, "data.levels[0][0]"),
        ({"levels": [[1, 0, 1]]}, "data.levels[0][1]"),
        ({"levels": [[1, 1, -1]]}, "data.levels[0][2]"),
        ({"levels": [[1, 1, 1], [1, 1, 2]]}, "data.levels[1]"),
        ({"levels": [[[], 2, 1]]}, "data.levels[0][0]"),
        ({"memory": [["1", 1]]}, "data.memory[0][0]"),
    ],
)
def test_malformed_data_names_the_field(changes, field, instance_of):
    """Each malformed certificate is bad input, said of the field at fault."""
    problem = read_instance(instance_of(6, [(0, 0, 6)]))
    data = {"scale": 1, "memory": [[3, 1]], "levels": [[1, 3, 1]]}
    lp_dual(problem, data)
    with pytest.raises(InputError) as caught:
        lp_dual(problem, {**data, **changes})
    assert caught.value.field == field


@pytest.mark.parametrize("key", ["scale", "memory", "levels"])
def test_missing_data_is_named(key, instance_of):
    """Nothing in the certificate has a default."""
    data = {"scale": 1, "memory": [], "levels": []}
    del data[key]
    with pytest.raises(InputError, match="missing"):
        lp_dual(read_instance(instance_of(6, [(0, 0, 6)])), data)


def test_rounds_that_no_run_reaches_cost_nothing(instance_of):
    """A row in round 10^12 is checked as quickly as one in round 3."""
    problem = read_instance(instance_of(6, [(0, 0, 6)]))
    data = {"scale": 1, "memory": [[3, 1], [10**12, 1]], "levels": []}
    assert lp_dual(problem, data) == 6 - 6 - 6 + 3


def test_work_beyond_the_budget_is_refused_before_it_begins(instance_of):
    """A request of 10^9 rounds in a far row is refused with a budget."""
    problem = read_instance(instance_of(10**9, [(0, 0, 10**9)]))
    for data in (
        {"scale": 1, "memory": [[10**8, 1]], "levels": []},
        {"scale": 1, "memory": [], "levels": [[5, 10**8, 1]]},
    ):
        with pytest.raises(InputError, match=r"a budget of \d+ allows it"):
            lp_dual(problem, data)
