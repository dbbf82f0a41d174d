"""The checker of Lagrangian certificates."""

import copy
import random
import re

import jsonschema
import pytest

from kvopt.check import check_bound
from kvopt.check.budget import Budget
from kvopt.check.documents import read_instance
from kvopt.check.exhaustive import cheaper_schedule
from kvopt.check.methods import METHODS
from kvopt.model import InputError, schema

SCALE = 16
NODES = 2_000_000


def lagrangian(problem, data, budget=1):
    """Return what the method derives."""
    return METHODS["lagrangian"](problem, data, Budget(budget))


def triples(instance):
    """Return (arrival, prompt, output) of each request."""
    return [tuple(row.values()) for row in instance["requests"]]


def end_prompts(instance, threshold):
    """Return the effective prompts of the tracked requests, and h."""
    return sorted({threshold, *(max(s, threshold) for s in prompts(instance))})


def prompts(instance):
    """Return the prompt of every request."""
    return [s for _, s, _ in triples(instance)]


def random_data(rng, instance, threshold, width, spread=6):
    """Return random multipliers that meet the horizon condition."""
    rows = triples(instance)
    horizon = max(a for a, _, _ in rows) + sum(o for _, _, o in rows)
    horizon = max(1, horizon - rng.choice((0, 0, 3)))
    multipliers = [
        min(
            rng.randint(-2 * SCALE, 3 * spread * SCALE),
            SCALE * (horizon + 1 - a),
        )
        if s + o > threshold
        else 0
        for a, s, o in rows
    ]
    prices = [
        [bucket, prompt, rng.randint(-spread * SCALE, spread * SCALE)]
        for bucket in range((horizon - 1) // width + 1)
        for prompt in end_prompts(instance, threshold)
        if rng.random() < 0.8
    ]
    return {
        "scale": SCALE,
        "threshold": threshold,
        "horizon": horizon,
        "width": width,
        "multipliers": multipliers,
        "prices": prices,
    }


def by_definition(instance, data):
    """Return the bound by plain search over the paths of the definition."""
    memory, low = instance["memory"], data["threshold"]
    rows = triples(instance)
    nu = {(b, c): price for b, c, price in data["prices"]}
    width, scale = data["width"], data["scale"]
    ends = end_prompts(instance, low)
    layer = {(): 0}
    for t in range(data["horizon"], 0, -1):
        moves = []
        for (a, s, o), lam in zip(rows, data["multipliers"], strict=True):
            effective = max(s, low)
            if s + o > low and t >= a + o:
                link = (t - (s + o - effective)) // width
                price = scale * (t - a) - lam + nu.get((link, effective), 0)
                moves.append((s + o, price))
        after = dict(layer)
        agenda = list(layer)
        while agenda:
            state = agenda.pop()
            for peak, price in moves:
                if sum(state) + peak <= memory:
                    more = tuple(sorted((*state, peak)))
                    cost = after[state] + price
                    if cost < after.get(more, cost + 1):
                        after[more] = cost
                        agenda.append(more)
        agenda = list(after)
        while agenda:
            state = agenda.pop()
            for c in ends:
                if c + 1 in state:
                    rest = list(state)
                    rest.remove(c + 1)
                    cost = after[state] - nu.get(((t - 1) // width, c), 0)
                    if cost < after.get(tuple(rest), cost + 1):
                        after[tuple(rest)] = cost
                        agenda.append(tuple(rest))
        layer = {
            tuple(u - 1 for u in state): cost
            for state, cost in after.items()
            if low + 1 not in state
        }
    value = layer[()] + sum(
        lam if s + o > low else scale * o
        for (_, s, o), lam in zip(rows, data["multipliers"], strict=True)
    )
    return -(-value // scale)


def cases(rng, random_instance, count):
    """Yield tiny instances, half of them with arrivals, and thresholds."""
    for _ in range(count):
        instance = random_instance(
            rng, rng.randint(1, 5), rng.randint(1, 8), rng.choice((0, 0, 3, 6))
        )
        yield instance, rng.randint(0, 3), rng.choice((1, 1, 2, 5))


def test_random_certificates_never_exceed_an_optimum(random_instance):
    """Any multipliers give a bound: no schedule beats it, 5000 times."""
    rng = random.Random(2024)
    met = arrivals = 0
    for instance, threshold, width in cases(rng, random_instance, 5000):
        problem = read_instance(instance)
        arrivals += problem.tasks[-1].arrival > 0
        spread = rng.choice((0, 1, 2, 6))
        data = random_data(rng, instance, threshold, width, spread)
        value = lagrangian(problem, data)
        assert cheaper_schedule(problem, value, NODES) is None, (
            instance,
            data,
        )
        met += value > sum(task.output for task in problem.tasks) // 2
    assert met > 700
    assert arrivals > 1400


def test_the_value_is_that_of_the_definition(random_instance):
    """Leaving useless additions out never changes the value, 600 times."""
    rng = random.Random(7)
    for instance, threshold, width in cases(rng, random_instance, 600):
        data = random_data(rng, instance, threshold, width, rng.randint(0, 6))
        value = lagrangian(read_instance(instance), data)
        assert value == by_definition(instance, data), (instance, data)


def test_a_schedule_is_a_path_that_costs_its_latency(random_instance):
    """Link prices and multipliers cancel along every real schedule."""
    rng = random.Random(11)
    checked = 0
    for instance, low, width in cases(rng, random_instance, 400):
        problem = read_instance(instance)
        starts = cheaper_schedule(problem, 10**6, NODES)
        data = random_data(rng, instance, low, width)
        rows = triples(instance)
        if (
            max(p + o for p, (_, _, o) in zip(starts, rows, strict=True))
            > data["horizon"]
        ):
            continue
        nu = {(b, c): price for b, c, price in data["prices"]}
        cost = tiny = 0
        for p, (a, s, o), lam in zip(
            starts, rows, data["multipliers"], strict=True
        ):
            if s + o <= low:
                tiny += p - a
                cost += SCALE * o
                continue
            effective = max(s, low)
            link = p + o - (s + o - effective)
            cost += lam + SCALE * (p + o - a) - lam
            cost += nu.get((link // width, effective), 0)
            # The round in which the usage is effective + 1 starts at link.
            last = p + 1 + effective - s
            assert s + (last - p) == effective + 1
            cost -= nu.get(((last - 1) // width, effective), 0)
        latency = sum(
            p + o - a for p, (a, _, o) in zip(starts, rows, strict=True)
        )
        assert cost == SCALE * (latency - tiny)
        checked += 1
    assert checked > 200


def ascended(rng, instance, problem, threshold):
    """Return a certificate that a random ascent has made good."""
    best = random_data(rng, instance, threshold, 1, 1)
    best["multipliers"] = [0] * len(problem.tasks)
    best["prices"] = []
    value = lagrangian(problem, best)
    cells = [
        [t, c, 0]
        for t in range(best["horizon"])
        for c in end_prompts(instance, threshold)
    ]
    best["prices"] = cells
    for _ in range(100):
        other = copy.deepcopy(best)
        if rng.random() < 0.5:
            i = rng.randrange(len(problem.tasks))
            task = problem.tasks[i]
            if task.prompt + task.output > threshold:
                other["multipliers"][i] = min(
                    other["multipliers"][i] + rng.randint(-16, 48),
                    SCALE * (best["horizon"] + 1 - task.arrival),
                )
        else:
            rng.choice(other["prices"])[2] += rng.randint(-16, 16)
        found = lagrangian(problem, other)
        if found >= value:
            best, value = other, found
    return best, value


@pytest.fixture(scope="module")
def good(random_instance):
    """Return 8 instances, each with a good certificate."""
    rng = random.Random(3)
    found = []
    while len(found) < 8:
        instance = random_instance(rng, 5, 7, rng.choice((0, 4)))
        problem = read_instance(instance)
        data, value = ascended(rng, instance, problem, 1)
        if value > sum(task.output for task in problem.tasks):
            found.append((instance, problem, data, value))
    return found


def document(problem, data, value):
    """Return a bound document."""
    return {
        "format": "kvopt-bound/1",
        "instance": problem.hash,
        "method": "lagrangian",
        "value": value,
        "data": data,
    }


def test_a_good_certificate_beats_the_trivial_bound(good):
    """What the ascent claims is accepted; one more is not."""
    for instance, problem, data, value in good:
        assert check_bound(instance, document(problem, data, value)).ok
        verdict = check_bound(instance, document(problem, data, value + 1))
        assert not verdict.ok
        assert "REJECTED" in str(verdict)
        assert cheaper_schedule(problem, value, NODES) is None


def test_a_lower_multiplier_costs_the_certificate_its_value(good):
    """A multiplier far too low derives less; one too high is refused."""
    for _, problem, data, value in good:
        for i, task in enumerate(problem.tasks):
            if task.prompt + task.output <= data["threshold"]:
                continue
            other = copy.deepcopy(data)
            other["multipliers"][i] -= SCALE * 500
            assert lagrangian(problem, other) < value
            most = SCALE * (data["horizon"] + 1 - task.arrival)
            other["multipliers"][i] = most
            assert (
                cheaper_schedule(problem, lagrangian(problem, other), NODES)
                is None
            )
            other["multipliers"][i] = most + 1
            with pytest.raises(InputError, match="longer schedules"):
                lagrangian(problem, other)


def test_small_corruptions_are_still_true(good):
    """A certificate with any one number changed proves no falsehood."""
    rng = random.Random(6)
    for _, problem, data, _ in good:
        for _ in range(25):
            other = copy.deepcopy(data)
            key = rng.choice(
                ("multipliers", "prices", "horizon", "threshold", "width")
            )
            if key == "multipliers":
                i = rng.randrange(len(problem.tasks))
                other[key][i] += rng.randint(-64, 64)
            elif key == "prices":
                row = rng.choice(other[key])
                row[rng.randrange(3)] += rng.choice((-999, -9, 1, 9, 999))
            else:
                other[key] += rng.randint(-2, 2)
            try:
                value = lagrangian(problem, other)
            except InputError:
                continue
            assert cheaper_schedule(problem, value, NODES) is None


def test_another_instance_is_refused(good):
    """A certificate names its instance and cannot be moved."""
    (first, problem, data, value), (second, *_) = good[:2]
    with pytest.raises(InputError, match="another instance"):
        check_bound(second, document(problem, data, value))
    assert first != second


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"extra": 1}, "data.extra"),
        ({"scale": 0}, "data.scale"),
        ({"scale": 1.0}, "data.scale"),
        ({"threshold": -1}, "data.threshold"),
        ({"threshold": "1"}, "data.threshold"),
        ({"horizon": 0}, "data.horizon"),
        ({"horizon": True}, "data.horizon"),
        ({"width": 0}, "data.width"),
        ({"multipliers": {}}, "data.multipliers"),
        ({"multipliers": [0, 0]}, "data.multipliers"),
        ({"multipliers": [0, 0, 0, 0]}, "data.multipliers"),
        ({"multipliers": [0, 0, 0.5]}, "data.multipliers[2]"),
        ({"multipliers": [0, 0, 10**19]}, "data.multipliers[2]"),
        ({"prices": None}, "data.prices"),
        ({"prices": [3]}, "data.prices[0]"),
        ({"prices": [[0, 1]]}, "data.prices[0]"),
        ({"prices": [[0, 2, 5, 5]]}, "data.prices[0]"),
        ({"prices": [[11, 2, 5]]}, "data.prices[0][0]"),
        ({"prices": [[-1, 2, 5]]}, "data.prices[0][0]"),
        ({"prices": [[0, 1, 5]]}, "data.prices[0][1]"),
        ({"prices": [[0, 10, 5]]}, "data.prices[0][1]"),
        ({"prices": [[0, 2, 5.0]]}, "data.prices[0][2]"),
        ({"prices": [[0, 2, 5], [0, 2, 6]]}, "data.prices[1]"),
    ],
)
def test_malformed_data_names_the_field(changes, field, instance_of):
    """Each malformed certificate is bad input, said of the field at fault."""
    # The first request, of peak 2, is not above the threshold.
    problem = read_instance(instance_of(9, [(0, 1, 1), (0, 2, 3), (0, 3, 4)]))
    data = {
        "scale": 4,
        "threshold": 2,
        "horizon": 10,
        "width": 1,
        "multipliers": [0, 12, 12],
        "prices": [[0, 2, 1], [9, 3, -1]],
    }
    lagrangian(problem, data)
    with pytest.raises(InputError) as caught:
        lagrangian(problem, {**data, **changes})
    assert caught.value.field == field


def test_what_no_path_meets_plays_no_part(instance_of):
    """Multipliers of untracked requests and prices without ends are idle."""
    problem = read_instance(instance_of(9, [(0, 1, 1), (0, 2, 3), (0, 3, 4)]))
    data = {
        "scale": 4,
        "threshold": 2,
        "horizon": 10,
        "width": 1,
        "multipliers": [0, 40, 40],
        "prices": [[0, 2, 1], [9, 3, -1]],
    }
    idle = {
        "multipliers": [10**6, 40, 40],
        "prices": [*data["prices"], [10, 2, -99], [4, 5, 99]],
    }
    value = lagrangian(problem, data)
    assert lagrangian(problem, {**data, **idle}) == value


@pytest.mark.parametrize(
    "key",
    ["scale", "threshold", "horizon", "width", "multipliers", "prices"],
)
def test_missing_data_is_named(key, instance_of):
    """Nothing in the certificate has a default."""
    problem = read_instance(instance_of(9, [(0, 2, 3)]))
    data = random_data(random.Random(0), instance_of(9, [(0, 2, 3)]), 2, 1)
    del data[key]
    with pytest.raises(InputError, match="missing") as caught:
        lagrangian(problem, data)
    assert caught.value.field == f"data.{key}"


@pytest.mark.parametrize(
    ("memory", "output", "horizon"),
    [(10**9, 10**9, 5), (120, 100, 200), (12, 8, 10**10)],
)
def test_a_program_too_large_is_refused_at_once(
    memory, output, horizon, instance_of
):
    """The checker says that it cannot, instead of hanging."""
    problem = read_instance(instance_of(memory, [(0, 0, output)]))
    data = {
        "scale": 1,
        "threshold": 0,
        "horizon": horizon,
        "width": 1,
        "multipliers": [1],
        "prices": [],
    }
    with pytest.raises(InputError, match="too large to check"):
        lagrangian(problem, data)


def test_the_refusal_says_which_budget_would_do(instance_of):
    """What is refused names the rounds and a budget, which is enough."""
    problem = read_instance(instance_of(9, [(0, 2, 3)]))
    data = random_data(random.Random(0), instance_of(9, [(0, 2, 3)]), 2, 1)
    data["horizon"] = 20_000_000
    words = r"20,000,000 rounds of .* budget of (\d+) allows it"
    with pytest.raises(InputError, match=words) as caught:
        lagrangian(problem, data)
    needed = int(re.search(words, str(caught.value)).group(1))
    assert needed > 1
    with pytest.raises(InputError, match="too large to check"):
        lagrangian(problem, data, needed - 1)
    lagrangian(problem, {**data, "horizon": 1000})


def test_the_schema_knows_the_data(good):
    """Data of a method satisfy its schema; those of another do not."""
    validator = jsonschema.Draft202012Validator(schema("bound"))
    _, problem, data, value = good[0]
    accepted = document(problem, data, value)
    assert validator.is_valid(accepted)
    for other in ({**data, "extra": 1}, {**data, "prices": [[1, 2]]}, {}):
        assert not validator.is_valid({**accepted, "data": other})
    assert not validator.is_valid({**accepted, "method": "lp-dual"})
    rows = {"scale": 4, "memory": [[6, 1]], "levels": [[1, 7, 2]]}
    moved = {**accepted, "method": "lp-dual", "data": rows}
    assert validator.is_valid(moved)
