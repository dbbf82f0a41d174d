"""Every generator that ``kvopt generate`` offers, with its parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kvopt.model import Instance, Trace, read_trace
from kvopt.workloads import library
from kvopt.workloads.families.deterministic_lower_bound import (
    deterministic_lower_bound,
)
from kvopt.workloads.families.randomized_lower_bound import (
    draw_release,
    randomized_lower_bound,
)
from kvopt.workloads.families.three_partition import three_partition
from kvopt.workloads.families.trap import trap
from kvopt.workloads.families.two_point import TwoPoint, two_point
from kvopt.workloads.parameters import (
    FLAG,
    INTEGER,
    INTEGERS,
    NUMBER,
    OPEN_RANGE,
    RANGE,
    REAL_RANGE,
    TEXT,
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

__all__ = ["CATALOGUE", "Generator"]


@dataclass(frozen=True)
class Generator:
    """A named way to make an instance.

    Parameters
    ----------
    name
        Name on the command line.
    summary
        What it makes, in one line.
    source
        Where it is described.
    parameters
        Everything that can be set.
    build
        Makes the instance from a random generator and a value for each
        parameter.
    """

    name: str
    summary: str
    source: str
    parameters: tuple[Parameter, ...]
    build: Callable[[np.random.Generator, dict[str, Any]], Instance]


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


def _trap(rng: np.random.Generator, values: dict[str, Any]) -> Instance:
    return trap(**values)


def _lower_bound(rng: np.random.Generator, values: dict[str, Any]) -> Instance:
    return deterministic_lower_bound(**values)


def _yao(rng: np.random.Generator, values: dict[str, Any]) -> Instance:
    if values["release"] is None:
        values["release"] = draw_release(rng, values["size"])
    return randomized_lower_bound(**values)


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
    Generator(
        "trap",
        "FCFS and shortest-first serve the big requests first",
        "P2, arXiv 2508.06133; readings.md 2.3, reconstructed",
        (
            Parameter("memory", INTEGER, 60, "capacity M, units"),
            Parameter(
                "heavy",
                INTEGER,
                None,
                "number of heavy requests; left out: the worst number",
            ),
        ),
        _trap,
    ),
    Generator(
        "two-point",
        "a few long requests and many short ones, all at 0",
        "P4, arXiv 2601.22996, experiments",
        (
            Parameter("memory", INTEGER, TwoPoint.memory, "capacity, units"),
            Parameter(
                "prompt", INTEGER, TwoPoint.prompt, "every prompt, tokens"
            ),
            Parameter("long", INTEGER, TwoPoint.long, "number of long ones"),
            Parameter("long_output", INTEGER, TwoPoint.long_output, "tokens"),
            Parameter(
                "short", INTEGER, TwoPoint.short, "number of short ones"
            ),
            Parameter(
                "short_output", INTEGER, TwoPoint.short_output, "tokens"
            ),
            Parameter(
                "long_first",
                FLAG,
                TwoPoint.long_first,
                "list the long ones first",
            ),
        ),
        lambda rng, values: two_point(TwoPoint(**values)),
    ),
    Generator(
        "deterministic-lower-bound",
        "one long request, then shorts at the worst moment",
        "P1, arXiv 2502.07115, Theorem 4.1; readings.md 1.7(a), reconstructed",
        (
            Parameter("memory", INTEGER, 256, "capacity M, units"),
            Parameter(
                "start", INTEGER, 0, "round in which the long one starts"
            ),
        ),
        _lower_bound,
    ),
    Generator(
        "randomized-lower-bound",
        "one long request, then never or at a random round all shorts",
        "P1, arXiv 2502.07115; readings.md 1.7(b), reconstructed",
        (
            Parameter("size", INTEGER, 16, "number of shorts N"),
            Parameter(
                "release",
                INTEGER,
                None,
                "round of their arrival; left out: drawn, may be never",
            ),
        ),
        _yao,
    ),
    Generator(
        "three-partition",
        "3-Partition: total latency 3m(m+1)/2 iff the answer is yes",
        "P2, arXiv 2508.06133; readings.md 2.2, reconstructed",
        (
            Parameter(
                "numbers",
                INTEGERS,
                (6, 6, 8, 6, 7, 7),
                "3m numbers, each between B/4 and B/2, of sum m*B",
            ),
        ),
        lambda rng, values: three_partition(values["numbers"]),
    ),
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
