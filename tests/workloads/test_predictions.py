"""Predictions: laws, limits, what is kept."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvopt.model import InputError, Instance
from kvopt.workloads.predictions.intervals import (
    with_bucket_intervals,
    with_common_interval,
    with_interval_predictions,
    with_noisy_predictions,
    with_relative_bands,
)
from kvopt.workloads.random.random_models import model_1

SEEDS = st.integers(0, 2**32)
EPSILONS = st.floats(0, 0.999)
MAKERS = [with_noisy_predictions, with_interval_predictions]


def wide(output, n):
    """``n`` requests of one length with plenty of memory."""
    return Instance.of(10 * output + 10, [(0, 1, output)] * n)


@given(SEEDS, EPSILONS)
def test_noisy_point_stays_in_its_band(seed, epsilon):
    """Points lie in the rounded band, at least 1, at most M - s."""
    rng = np.random.default_rng(seed)
    instance = with_noisy_predictions(model_1(rng), epsilon, rng)
    point, o = instance.predictions.point, instance.output
    assert (point >= 1).all()
    assert (instance.prompt + point <= instance.memory).all()
    assert (np.abs(point - o) <= epsilon * o + 0.5 + 1e-9).all()


@given(SEEDS, EPSILONS)
def test_interval_holds_the_truth(seed, epsilon):
    """``1 <= l <= o <= u <= M - s``, and the ends are not too far."""
    rng = np.random.default_rng(seed)
    instance = with_interval_predictions(model_1(rng), epsilon, rng)
    lower, upper = instance.predictions.lower, instance.predictions.upper
    o = instance.output
    assert (lower >= 1).all()
    assert (lower <= o).all() and (o <= upper).all()
    assert (instance.prompt + upper <= instance.memory).all()
    band = (1 + epsilon) / (1 - epsilon)
    assert (upper <= o * band * (1 + 1e-9)).all()
    assert (lower >= o / band * (1 - 1e-9)).all()


@pytest.mark.parametrize("epsilon", [0.2, 0.5, 0.8])
def test_noisy_point_is_uniform(epsilon):
    """Mean and variance are those of the uniform law."""
    o, n = 1000, 20_000
    rng = np.random.default_rng(2)
    instance = with_noisy_predictions(wide(o, n), epsilon, rng)
    error = instance.predictions.point / o - 1
    assert abs(error.mean()) < 5 * epsilon / np.sqrt(3 * n)
    assert error.var() == pytest.approx(epsilon**2 / 3, rel=0.03)


def test_interval_does_not_give_the_truth_away():
    """The truth is spread over the interval, not in its middle."""
    rng = np.random.default_rng(2)
    instance = with_interval_predictions(wide(1000, 2000), 0.5, rng)
    lower, upper = instance.predictions.lower, instance.predictions.upper
    place = (1000 - lower) / (upper - lower)
    assert place.min() < 0.05 and place.max() > 0.95


@pytest.mark.parametrize("make", MAKERS)
def test_no_error_predicts_the_truth(make):
    """With epsilon 0 every prediction is the true length."""
    rng = np.random.default_rng(0)
    instance = make(model_1(rng), 0, rng)
    for kind in instance.predictions.kinds:
        values = getattr(instance.predictions, kind)
        np.testing.assert_array_equal(values, instance.output)


def test_both_kinds_can_be_had():
    """Each function keeps what the other made, and says so in ``source``."""
    rng = np.random.default_rng(0)
    start = wide(5, 3)
    both = with_interval_predictions(
        with_noisy_predictions(start, 0.2, rng), 0.5, rng
    )
    assert both.predictions.kinds == ("lower", "upper", "point")
    assert both.source == (
        "point predictions, epsilon=0.2; interval predictions, epsilon=0.5"
    )
    again = with_noisy_predictions(both, 0.2, rng)
    np.testing.assert_array_equal(
        again.predictions.lower, both.predictions.lower
    )
    assert start.predictions is None


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("epsilon", [-0.1, 1, 1.0, float("nan"), "0.2"])
def test_bad_epsilon_is_refused(make, epsilon):
    """Epsilon must lie in ``[0, 1)``."""
    with pytest.raises(InputError) as error:
        make(wide(5, 3), epsilon, np.random.default_rng(0))
    assert error.value.field == "epsilon"


@given(SEEDS, st.integers(1, 60), st.floats(0, 1))
def test_intervals_by_rule_hold_the_truth(seed, width, x):
    """Buckets, bands and a common interval hold ``o`` and end at M - s."""
    instance = model_1(np.random.default_rng(seed))
    o = instance.output
    for made in (
        with_bucket_intervals(instance, width),
        with_relative_bands(instance, x),
        with_common_interval(instance, 1, 10**6),
    ):
        lower, upper = made.predictions.lower, made.predictions.upper
        assert (lower >= 1).all()
        assert (lower <= o).all() and (o <= upper).all()
        assert (instance.prompt + upper <= instance.memory).all()


def test_intervals_by_rule_are_as_stated():
    """Ends worked out by hand."""
    instance = Instance.of(1000, [(0, 0, o) for o in (1, 100, 101, 250)])

    def ends(made):
        return list(
            zip(
                made.predictions.lower.tolist(),
                made.predictions.upper.tolist(),
                strict=True,
            )
        )

    assert ends(with_bucket_intervals(instance, 100)) == [
        (1, 100),
        (1, 100),
        (101, 200),
        (201, 300),
    ]
    assert ends(with_relative_bands(instance, 0.5)) == [
        (1, 1),
        (50, 150),
        (51, 151),
        (125, 375),
    ]
    assert ends(with_common_interval(instance, 1, 400)) == [(1, 400)] * 4


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda i: with_common_interval(i, 3, 2), "upper"),
        (lambda i: with_common_interval(i, 1, 4), "requests[0].output"),
        (lambda i: with_common_interval(i, 6, 9), "requests[0].output"),
        (lambda i: with_bucket_intervals(i, 0), "width"),
        (lambda i: with_relative_bands(i, 1.5), "x"),
    ],
)
def test_bad_intervals_are_refused(make, field):
    """An interval that is empty or misses a length is named."""
    with pytest.raises(InputError) as error:
        make(wide(5, 3))
    assert error.value.field == field
