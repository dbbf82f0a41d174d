"""Predictions by class of length."""

import numpy as np
import pytest

from kvopt.model import InputError, Instance
from kvopt.workloads.predictions.classes import (
    LENGTH_CLASSES,
    LengthClass,
    with_class_predictions,
)


def of_class(chosen, n, rng):
    """Requests whose lengths follow the assumed law of one class."""
    z = rng.standard_normal(n)
    low, high = (
        np.log(chosen.median / chosen.low),
        np.log(chosen.high / chosen.median),
    )
    log = np.log(chosen.median) + z * np.where(z < 0, low, high) / 1.6449
    output = np.maximum(np.rint(np.exp(log)), 1).astype(int)
    return Instance(10**6, np.zeros(n, int), np.zeros(n, int), output)


def test_a_lone_class_has_its_published_numbers():
    """5% of the lengths lie below the interval, 5% above, half at most m."""
    rng = np.random.default_rng(1)
    chosen = LENGTH_CLASSES[2]
    instance = of_class(chosen, 20_000, rng)
    made = with_class_predictions(instance, rng, (chosen,))
    forecast, o = made.predictions, made.output
    assert set(forecast.point) == {221}
    assert np.mean(o < forecast.lower) == pytest.approx(0.05, abs=0.006)
    assert np.mean(o > forecast.upper) == pytest.approx(0.05, abs=0.006)
    assert np.mean(o <= 221) == pytest.approx(0.5, abs=0.012)


def test_classes_are_drawn_by_bayes():
    """With equal shares of all classes, each class gets its lengths back."""
    rng = np.random.default_rng(2)
    n = 8000
    parts = [of_class(c, n, rng).output for c in LENGTH_CLASSES]
    output = np.concatenate(parts)
    zero = np.zeros(output.size, int)
    instance = Instance(10**6, zero, zero, output)
    point = with_class_predictions(instance, rng).predictions.point
    for chosen in LENGTH_CLASSES:
        got = output[point == chosen.median]
        assert got.size == pytest.approx(n, rel=0.06)
        quantiles = np.quantile(got, [0.05, 0.5, 0.95])
        wanted = (chosen.low, chosen.median, chosen.high)
        np.testing.assert_allclose(quantiles, wanted, rtol=0.12, atol=1)


def test_predictions_end_at_the_memory():
    """All predictions are cut at M - s; extreme lengths get a class."""
    rng = np.random.default_rng(3)
    rows = [(0, 0, 1), (0, 15, 5), (0, 0, 20)]
    made = with_class_predictions(Instance.of(20, rows), rng)
    forecast = made.predictions
    assert forecast.kinds == ("lower", "upper", "point")
    for kind in forecast.kinds:
        assert (getattr(forecast, kind) + made.prompt <= 20).all()
    huge = Instance.of(10**9, [(0, 0, 10**9)])
    assert with_class_predictions(huge, rng).predictions.upper[0] <= 508


@pytest.mark.parametrize("classes", [(), (LengthClass(5, 5, 9),)])
def test_bad_classes_are_refused(classes):
    """There must be a class, and its numbers must increase."""
    instance = Instance.of(20, [(0, 0, 1)])
    with pytest.raises(InputError, match="classes"):
        with_class_predictions(instance, np.random.default_rng(0), classes)
