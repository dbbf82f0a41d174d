"""Arrival Models 1 and 2: ranges, moments, readings, refusals."""

import numpy as np
import pytest

from kvopt.model import InputError
from kvopt.workloads.random.random_models import (
    Model1,
    Model2,
    model_1,
    model_2,
)

SMALL_2 = Model2(memory=(30, 30), output=(2, 8), requests=20)


def draws(model, count, params=None):
    rng = np.random.default_rng(7)
    args = () if params is None else (params,)
    return [model(rng, *args) for _ in range(count)]


@pytest.mark.parametrize("model", [model_1, model_2])
def test_published_sizes_stay_in_range(model):
    """M in 30..50, s in 1..5 and o in 1..M-s, and every end is reached."""
    instances = draws(model, 1500)
    memory = np.array([i.memory for i in instances])
    assert (memory.min(), memory.max()) == (30, 50)
    prompt = np.concatenate([i.prompt for i in instances])
    assert (prompt.min(), prompt.max()) == (1, 5)
    slack = np.concatenate([i.memory - i.peak for i in instances])
    output = np.concatenate([i.output for i in instances])
    assert output.min() == 1
    assert slack.min() == 0


def test_model_1_counts_and_arrivals():
    """Model 1 has 40..60 requests, both ends reached, all at 0."""
    instances = draws(model_1, 1500)
    counts = [len(i) for i in instances]
    assert (min(counts), max(counts)) == (40, 60)
    assert not any(i.arrival.any() for i in instances)


@pytest.mark.parametrize("model", [model_1, model_2])
def test_published_moments(model):
    """Means are those of the uniform laws, within five standard errors."""
    instances = draws(model, 2000)
    memory = np.array([i.memory for i in instances])
    prompt = np.concatenate([i.prompt for i in instances])
    # Given M and s, o is uniform on 1..M-s.
    middle = [(i.memory - i.prompt + 1) / 2 - i.output for i in instances]
    sizes = [len(i) for i in instances]
    expected = {"prompt": 3, "memory": 40, "middle": 0, "n": 50}
    for name, values in (
        ("memory", memory),
        ("prompt", prompt),
        ("middle", np.concatenate(middle)),
        ("n", np.array(sizes)),
    ):
        error = values.std() / np.sqrt(values.size)
        # Model 2 has E[n] = E[T] E[rate] = 50 as well.
        assert abs(values.mean() - expected[name]) < 5 * error, name


def test_model_2_arrivals_are_poisson():
    """Arrivals lie in 0..59; n has the mixed Poisson law's variance."""
    instances = draws(model_2, 4000)
    last = max(int(i.arrival.max()) for i in instances)
    assert last == 59
    assert min(int(i.arrival.min()) for i in instances) == 0
    n = np.array([len(i) for i in instances])
    # Var n = E[T r] + Var(T r), T uniform on 40..60, r on [0.5, 1.5].
    square = (50**2 + (21**2 - 1) / 12) * (1 + 1 / 12)
    assert n.var() == pytest.approx(50 + square - 50**2, rel=0.08)


def test_fixed_number_in_model_2():
    """``requests=20`` gives 20 requests, small outputs, sorted arrivals."""
    for instance in draws(model_2, 300, SMALL_2):
        assert len(instance) == 20
        assert instance.memory == 30
        assert instance.output.min() >= 2 and instance.output.max() <= 8
        assert (np.diff(instance.arrival) >= 0).all()


def test_arrivals_do_not_depend_on_the_number_kept():
    """Keeping the first 20 keeps the first 20 arrivals of the process."""
    whole = draws(model_2, 1, Model2(horizon=(60, 60), rate=(1.0, 1.0)))[0]
    params = Model2(horizon=(60, 60), rate=(1.0, 1.0), requests=20)
    first = draws(model_2, 1, params)[0]
    np.testing.assert_array_equal(first.arrival, whole.arrival[:20])


def test_no_arrivals_extends_the_horizon():
    """A rate so low that nobody comes still gives an instance."""
    params = Model2(horizon=(1, 1), rate=(0.001, 0.001))
    instances = draws(model_2, 20, params)
    assert all(len(i) >= 1 for i in instances)
    assert max(int(i.arrival[0]) for i in instances) > 100


@pytest.mark.parametrize("model", [model_1, model_2])
def test_same_seed_same_instance(model):
    """The generator's state decides everything."""
    one, two = (model(np.random.default_rng(3)) for _ in range(2))
    assert one == two
    assert one != model(np.random.default_rng(4))


@pytest.mark.parametrize(
    ("model", "options", "field"),
    [
        (Model1, {"memory": (50, 30)}, "memory"),
        (Model1, {"memory": (0, 30)}, "memory.low"),
        (Model1, {"memory": 30}, "memory"),
        (Model1, {"prompt": (-1, 5)}, "prompt.low"),
        (Model1, {"prompt": (1, 30)}, "prompt.high + output.low"),
        (Model1, {"output": (0, None)}, "output.low"),
        (Model1, {"output": (9, 8)}, "output"),
        (Model1, {"requests": (0, 5)}, "requests.low"),
        (Model1, {"requests": (1, 2.5)}, "requests.high"),
        (Model2, {"rate": (0.0, 1.0)}, "rate.low"),
        (Model2, {"rate": (0.5, float("nan"))}, "rate.high"),
        (Model2, {"rate": (1.5, 0.5)}, "rate"),
        (Model2, {"horizon": (0, 5)}, "horizon.low"),
        (Model2, {"requests": 0}, "requests.low"),
    ],
)
def test_bad_ranges_are_refused(model, options, field):
    """A range that means nothing is refused by name."""
    with pytest.raises(InputError) as error:
        model(**options)
    assert error.value.field == field
