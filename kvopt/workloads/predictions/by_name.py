"""Predictors by name, from text such as ``common:lower=1,upper=1000``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kvopt.model import InputError, Instance
from kvopt.workloads.parameters import INTEGER, NUMBER, Parameter
from kvopt.workloads.predictions.classes import with_class_predictions
from kvopt.workloads.predictions.intervals import (
    with_bucket_intervals,
    with_common_interval,
    with_interval_predictions,
    with_noisy_predictions,
    with_relative_bands,
)

__all__ = ["PREDICTORS", "Predictor", "parse_predictor"]

_Build = Callable[[Instance, dict[str, Any], np.random.Generator], Instance]


@dataclass(frozen=True)
class Predictor:
    """A named way to predict output lengths.

    Parameters
    ----------
    name
        Name on the command line.
    summary
        What it predicts, in one line.
    source
        Where it is described.
    errs
        Whether its intervals may miss the true length.
    parameters
        Everything that has to be said.
    build
        Returns an instance with predictions.
    """

    name: str
    summary: str
    source: str
    errs: bool
    parameters: tuple[Parameter, ...]
    build: _Build


def _integer(name: str, help: str) -> Parameter:
    return Parameter(name, INTEGER, None, help)


def _number(name: str, help: str) -> Parameter:
    return Parameter(name, NUMBER, None, help)


PREDICTORS: Mapping[str, Predictor] = {
    p.name: p
    for p in (
        Predictor(
            "common",
            "one interval [lower, upper] for all",
            "P3, its model",
            False,
            (
                _integer("lower", "least length l, tokens"),
                _integer("upper", "greatest length u, tokens"),
            ),
            lambda i, values, rng: with_common_interval(i, **values),
        ),
        Predictor(
            "buckets",
            "the bucket of the true length: 1..width, width+1..2*width, ...",
            "P3, experiments [inferred]",
            False,
            (_integer("width", "of a bucket, tokens"),),
            lambda i, values, rng: with_bucket_intervals(i, **values),
        ),
        Predictor(
            "bands",
            "the relative band [(1-x) o, (1+x) o]",
            "P3, experiments [inferred]",
            False,
            (_number("x", "half the width over the length, 0..1"),),
            lambda i, values, rng: with_relative_bands(i, **values),
        ),
        Predictor(
            "noisy-interval",
            "the interval that a noisy guess allows for; not centred",
            "ours",
            False,
            (_number("epsilon", "relative error of the guess, below 1"),),
            lambda i, values, rng: with_interval_predictions(
                i, rng=rng, **values
            ),
        ),
        Predictor(
            "noisy-point",
            "a point, uniform in [(1-epsilon) o, (1+epsilon) o]",
            "P1, experiments [inferred]",
            False,
            (_number("epsilon", "relative error, below 1"),),
            lambda i, values, rng: with_noisy_predictions(
                i, rng=rng, **values
            ),
        ),
        Predictor(
            "classes",
            "5%..95% and median of one of five classes; misses a tenth",
            "published widths; law [inferred]",
            True,
            (),
            lambda i, values, rng: with_class_predictions(i, rng),
        ),
    )
}


def parse_predictor(
    text: str,
) -> tuple[Predictor, Callable[[Instance, np.random.Generator], Instance]]:
    """Return a predictor, and what adds its predictions to an instance.

    Parameters
    ----------
    text
        A name and its parameters: ``bands:x=0.5``.

    Raises
    ------
    InputError
        For an unknown name or parameter, one that is missing, and a value of
        the wrong kind. What a value means is checked when it is used.
    """
    name, _, rest = text.partition(":")
    if name not in PREDICTORS:
        raise InputError(
            f"unknown predictor; known are {', '.join(PREDICTORS)}",
            field="predictor",
            value=text,
        )
    chosen = PREDICTORS[name]
    known = {parameter.name: parameter for parameter in chosen.parameters}
    values: dict[str, Any] = {}
    for item in filter(None, rest.split(",")):
        key, _, value = item.partition("=")
        if key not in known or key in values:
            raise InputError(
                f"must be given once, of {', '.join(known) or 'none'}",
                field=f"predictor.{key}",
                value=value,
            )
        values[key] = known[key].read(value, name)
    for key, parameter in known.items():
        if key not in values:
            raise InputError(
                f"is needed: {parameter.help}",
                field=f"predictor.{key}",
                value=None,
                where=name,
            )

    def add(instance: Instance, rng: np.random.Generator) -> Instance:
        try:
            return chosen.build(instance, values, rng)
        except InputError as error:
            raise error.at(error.where or text) from None

    return chosen, add
