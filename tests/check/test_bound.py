"""The checker of bounds: never above an optimum, never fooled."""

import itertools
import random

import pytest

from kvopt.check import check_bound
from kvopt.check.budget import Budget
from kvopt.check.documents import read_instance
from kvopt.check.methods import METHODS
from kvopt.model import InputError

WITHOUT_DATA = ("area", "mean-busy-time", "trivial")


def brute_force(instance):
    """Return the optimum over all start vectors within the safe horizon."""
    memory = instance["memory"]
    rows = [tuple(row.values()) for row in instance["requests"]]
    horizon = max(a for a, _, _ in rows) + sum(o for _, _, o in rows)
    usage = [0] * (horizon + max(o for _, _, o in rows) + 1)
    best = sum(horizon + o for _, _, o in rows)

    def place(i, spent):
        nonlocal best
        if spent + sum(o for _, _, o in rows[i:]) >= best:
            return
        if i == len(rows):
            best = spent
            return
        arrival, prompt, output = rows[i]
        for start in range(arrival, horizon + 1):
            held = range(1, output + 1)
            if all(usage[start + k] + prompt + k <= memory for k in held):
                for k in held:
                    usage[start + k] += prompt + k
                place(i + 1, spent + start + output - arrival)
                for k in held:
                    usage[start + k] -= prompt + k

    place(0, 0)
    return best


def bound(instance, method, value, data=None):
    """Return a bound document."""
    return {
        "format": "kvopt-bound/1",
        "instance": read_instance(instance).hash,
        "method": method,
        "value": value,
        "data": {} if data is None else data,
    }


def test_no_method_exceeds_the_optimum(random_instance):
    """All bounds are at most the optimum, with arrivals, 3000 times."""
    rng = random.Random(5)
    tight = dict.fromkeys(WITHOUT_DATA, 0)
    for _ in range(3000):
        instance = random_instance(
            rng, rng.randint(1, 4), rng.randint(1, 6), rng.choice((0, 2, 5))
        )
        best = brute_force(instance)
        for name in WITHOUT_DATA:
            value = METHODS[name](read_instance(instance), {}, Budget())
            assert value <= best, (name, instance)
            tight[name] += value == best
    assert min(tight.values()) > 100


def test_area_without_arrivals_is_the_published_sum(random_instance):
    """With all arrivals at 0 it is (1/M) times the sum of prefix volumes."""
    rng = random.Random(6)
    for _ in range(300):
        instance = random_instance(rng, rng.randint(1, 12), 30, 0)
        volumes = sorted(
            row["prompt"] * row["output"]
            + row["output"] * (row["output"] + 1) // 2
            for row in instance["requests"]
        )
        area = sum(itertools.accumulate(volumes))
        value = METHODS["area"](read_instance(instance), {}, Budget())
        assert 0 <= value * 30 - area < 30


@pytest.mark.parametrize("method", WITHOUT_DATA)
def test_value_above_the_derived_one_is_rejected(method, instance_of):
    """The derived value and smaller ones pass, one more does not."""
    instance = instance_of(6, [(0, 1, 2), (1, 1, 3), (9, 0, 6)])
    derived = METHODS[method](read_instance(instance), {}, Budget())
    for value in (derived, derived - 1, -5):
        verdict = check_bound(instance, bound(instance, method, value))
        assert verdict.ok
        assert verdict.document()["derived"] == derived
    verdict = check_bound(instance, bound(instance, method, derived + 1))
    assert not verdict.ok
    assert "REJECTED" in str(verdict)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"method": "magic"}, "method"),
        ({"method": 1}, "method"),
        ({"value": 3.0}, "value"),
        ({"value": True}, "value"),
        ({"data": []}, "data"),
        ({"data": {"x": 1}}, "data.x"),
        ({"instance": "sha256:0"}, "instance"),
        ({"format": "kvopt-bound/2"}, "format"),
        ({"extra": 1}, "extra"),
    ],
)
def test_malformed_bound_names_field_and_value(changes, field, instance_of):
    """Each malformed bound is bad input, said of the field at fault."""
    instance = instance_of(6, [(0, 1, 2)])
    document = {**bound(instance, "area", 1), **changes}
    with pytest.raises(InputError) as caught:
        check_bound(instance, document)
    assert caught.value.field == field
