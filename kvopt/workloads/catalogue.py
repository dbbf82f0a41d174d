"""Every generator that ``kvopt generate`` offers, with its parameters."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from kvopt.model import Instance, Trace, read_trace
from kvopt.workloads import families, library
from kvopt.workloads.parameters import (
    FLAG,
    INTEGER,
    INTEGERS,
    NUMBER,
    OPEN_RANGE,
    RANGE,
    REAL_RANGE,
    TEXT,
    Generator,
    Parameter,
)
from kvopt.workloads.random.calibrated import LMSYS_MEMORY, lmsys_like_lengths
from kvopt.workloads.random.few_types import FewTypes, few_types
from kvopt.workloads.random.random_models import (
    Model1,
    Model2,
    model_1,
    model_2,
)
from kvopt.workloads.traces.instances import instance_from_trace

__all__ = ["CATALOGUE"]


def _sizes(model: type[Model1 | Model2]) -> tuple[Parameter, ...]:
    return (
        Parameter("memory", RANGE, model.memory, "capacity M, units"),
        Parameter("prompt", RANGE, model.prompt, "prompt lengths, tokens"),
        Parameter(
            "output",
            OPEN_RANGE,
            model.output,
            "output lengths, tokens; always cut at M - prompt",
        ),
    )


def _lmsys_like(rng: np.random.Generator, values: dict[str, Any]) -> Instance:
    memory, rate = values["memory"], values["rate"]
    prompt, output = lmsys_like_lengths(rng, values["requests"], memory)
    return instance_from_trace(
        Trace(output, prompt, source="lmsys-like (synthetic)"),
        memory,
        arrivals="zero" if rate is None else "poisson",
        rate=rate,
        round_seconds=values["round_seconds"],
        rng=rng,
    )


def _trace(rng: np.random.Generator, values: dict[str, Any]) -> Instance:
    path = values.pop("path")
    trace = library.sample_trace() if path is None else read_trace(path)
    return instance_from_trace(trace, rng=rng, **values)


_RATE = Parameter(
    "rate",
    NUMBER,
    None,
    "Poisson arrivals a round, or a second when round_seconds is given",
)
_ROUND = Parameter("round_seconds", NUMBER, None, "length of a round, seconds")


def _families() -> Iterator[Generator]:
    """Yield the generator of every file in ``families/``."""
    for entry in pkgutil.iter_modules(families.__path__):
        name = f"{families.__name__}.{entry.name}"
        generator: Generator = importlib.import_module(name).GENERATOR
        yield generator


CATALOGUE = (
    Generator(
        "model-1",
        "random sizes, all requests at 0 (Arrival Model 1)",
        "P1, arXiv 2502.07115 v5, synthetic experiments",
        (
            *_sizes(Model1),
            Parameter("requests", RANGE, Model1.requests, "their number n"),
        ),
        lambda rng, values: model_1(rng, Model1(**values)),
    ),
    Generator(
        "model-2",
        "random sizes, Poisson arrivals (Arrival Model 2)",
        "P1, arXiv 2502.07115 v5, synthetic experiments",
        (
            *_sizes(Model2),
            Parameter(
                "horizon", RANGE, Model2.horizon, "rounds with arrivals"
            ),
            Parameter("rate", REAL_RANGE, Model2.rate, "arrivals a round"),
            Parameter(
                "requests",
                INTEGER,
                Model2.requests,
                "exactly so many; left out: all within the horizon",
            ),
        ),
        lambda rng, values: model_2(rng, Model2(**values)),
    ),
    Generator(
        "few-types",
        "requests of a few types, independent random arrivals a round",
        "P1 v1/v2, arXiv 2502.07115: stochastic arrivals; readings.md 1.6",
        (
            Parameter("memory", INTEGER, FewTypes.memory, "capacity, units"),
            Parameter(
                "prompt", INTEGERS, FewTypes.prompt, "of each type, tokens"
            ),
            Parameter(
                "output", INTEGERS, FewTypes.output, "of each type, tokens"
            ),
            Parameter(
                "weights",
                INTEGERS,
                FewTypes.weights,
                "share of each type, up to a factor",
            ),
            Parameter("rate", NUMBER, FewTypes.rate, "mean arrivals a round"),
            Parameter(
                "horizon", INTEGER, FewTypes.horizon, "rounds with arrivals"
            ),
            Parameter(
                "process", TEXT, FewTypes.process, "poisson or bernoulli"
            ),
        ),
        lambda rng, values: few_types(rng, FewTypes(**values)),
    ),
    *_families(),
    Generator(
        "lmsys-like",
        "synthetic lengths with four published statistics",
        "P1, arXiv 2502.07115; kvopt.workloads.random.calibrated",
        (
            Parameter("requests", INTEGER, 100, "their number n"),
            Parameter("memory", INTEGER, LMSYS_MEMORY, "capacity M, tokens"),
            replace(_RATE, help=_RATE.help + "; left out: all at 0"),
            _ROUND,
        ),
        _lmsys_like,
    ),
    Generator(
        "trace",
        "requests of a trace file",
        "the file",
        (
            Parameter("path", TEXT, None, "CSV; left out: packaged sample"),
            Parameter("memory", INTEGER, LMSYS_MEMORY, "capacity M, tokens"),
            Parameter(
                "sample", INTEGER, None, "how many to take; left out: all"
            ),
            Parameter("contiguous", FLAG, False, "take consecutive ones"),
            Parameter("arrivals", TEXT, "trace", "trace, poisson or zero"),
            _RATE,
            _ROUND,
            Parameter(
                "prompt",
                INTEGER,
                None,
                "prompt length for all; left out: the file's",
            ),
            Parameter(
                "drop_oversize",
                FLAG,
                False,
                "leave out what exceeds the memory",
            ),
        ),
        _trace,
    ),
    Generator(
        "example",
        "an instance that comes with kvopt",
        "kvopt.workloads.library",
        (
            Parameter(
                "name",
                TEXT,
                "online-6",
                "one of " + ", ".join(library.names()),
            ),
        ),
        lambda rng, values: library.load(values["name"]),
    ),
)
