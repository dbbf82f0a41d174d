"""Predictors by name are the functions, and refuse nonsense."""

from __future__ import annotations

import numpy as np
import pytest

from kvopt.model import InputError
from kvopt.workloads import (
    library,
    with_bucket_intervals,
    with_common_interval,
    with_interval_predictions,
    with_noisy_predictions,
    with_relative_bands,
)
from kvopt.workloads.predictions.by_name import PREDICTORS, parse_predictor
from kvopt.workloads.predictions.classes import with_class_predictions

INSTANCE = library.load("small-15")


@pytest.mark.parametrize(
    ("text", "function"),
    [
        (
            "common:lower=1,upper=30",
            lambda i, r: with_common_interval(i, 1, 30),
        ),
        ("buckets:width=4", lambda i, r: with_bucket_intervals(i, 4)),
        ("bands:x=0.5", lambda i, r: with_relative_bands(i, 0.5)),
        (
            "noisy-interval:epsilon=0.3",
            lambda i, r: with_interval_predictions(i, 0.3, r),
        ),
        (
            "noisy-point:epsilon=0.8",
            lambda i, r: with_noisy_predictions(i, 0.8, r),
        ),
        ("classes", with_class_predictions),
    ],
)
def test_names_are_the_functions(text, function):
    """The same predictions for the same seed, and intervals that hold."""
    predictor, add = parse_predictor(text)
    told = add(INSTANCE, np.random.default_rng(3))
    assert told == function(INSTANCE, np.random.default_rng(3))
    forecast = told.predictions
    if forecast.lower is not None and not predictor.errs:
        assert (forecast.lower <= INSTANCE.output).all()
        assert (INSTANCE.output <= forecast.upper).all()


def test_every_predictor_is_tested():
    """The list above is complete."""
    assert set(PREDICTORS) == {
        "common",
        "buckets",
        "bands",
        "noisy-interval",
        "noisy-point",
        "classes",
    }


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("magic", ["predictor", "magic", "common"]),
        ("common", ["lower", "needed"]),
        ("common:lower=1", ["upper", "needed"]),
        ("common:lower=5,upper=4", ["upper", "4"]),
        ("common:lower=1,upper=2", ["output", "[1, 2]"]),
        ("common:lower=0,upper=9", ["lower", "0"]),
        ("common:lower=x,upper=9", ["lower", "x", "integer"]),
        ("buckets:width=0", ["width", "0"]),
        ("bands:x=1.5", ["x", "1.5"]),
        ("bands:y=1", ["predictor.y", "1"]),
        ("noisy-point:epsilon=1", ["epsilon", "1"]),
        ("noisy-point:epsilon=-0.1", ["epsilon", "-0.1"]),
        ("classes:x=1", ["predictor.x", "none"]),
    ],
)
def test_nonsense_is_refused(text, parts):
    """One line that names the predictor's parameter and value."""
    with pytest.raises(InputError) as caught:
        parse_predictor(text)[1](INSTANCE, np.random.default_rng(0))
    for part in parts:
        assert part in str(caught.value)
