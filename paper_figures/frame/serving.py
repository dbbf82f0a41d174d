"""What figures of policies that serve a trace have in common."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from kvopt.analysis.bootstrap import Interval
from kvopt.analysis.paired import t_interval
from kvopt.experiments.serving import (
    PACKAGED,
    ServingRow,
    ServingTask,
    serving_sweep_task,
)
from kvopt.policies import parse_policy
from paper_figures.frame.work import Work

__all__ = [
    "CLOCK",
    "MEMORY",
    "accepted",
    "at_rates",
    "estimate",
    "failures",
    "interval",
    "label",
    "sample_of",
    "served",
    "serving_task",
    "values",
]

# P1's machines and its memory, in tokens.
MEMORY = 16_492
CLOCK = "llama-2-70b-2xa100"


class _Rates(Protocol):
    """Settings of a figure that serves one number of requests."""

    @property
    def trace(self) -> str: ...

    @property
    def requests(self) -> int: ...

    @property
    def rates(self) -> tuple[float, ...]: ...

    @property
    def seeds(self) -> int: ...

    @property
    def seed(self) -> int: ...


def serving_task(
    trace: str,
    policy: str,
    rate: float,
    seed: int,
    requests: int,
    sample: int,
    predictor: str = "",
) -> ServingTask:
    """Return the task of a policy on P1's machines.

    Parameters
    ----------
    trace, policy, rate, seed, requests, sample, predictor
        As for :class:`ServingTask`.
    """
    return ServingTask(
        trace=trace,
        policy=policy,
        requests=requests,
        sample=sample,
        memory=MEMORY,
        rate=rate,
        clock=CLOCK,
        predictor=predictor,
        seed=seed,
    )


def at_rates(
    settings: _Rates, lines: Sequence[tuple[str, str]]
) -> list[ServingTask]:
    """Return the tasks of each policy with its predictor at every rate."""
    given = product(
        settings.rates,
        range(settings.seed, settings.seed + settings.seeds),
        lines,
    )
    n = settings.requests
    return [
        serving_task(settings.trace, policy, rate, seed, n, n, predictor)
        for rate, seed, (policy, predictor) in given
    ]


def served(
    tasks: Sequence[ServingTask], work: Work, what: str
) -> list[ServingRow]:
    """Simulate; the rows are kept and computed once.

    Parameters
    ----------
    tasks
        What to simulate.
    work
        Where rows are kept.
    what
        What the line of progress says.
    """
    return work.run(serving_sweep_task, tasks, ServingRow, what)


def accepted(rows: Sequence[ServingRow]) -> str:
    """Say how many runs finished, with schedules that were checked."""
    return (
        f"{sum(row.verified for row in rows)} of {len(rows)} runs finished, "
        "with schedules that the checker accepts"
    )


def values(rows: Sequence[object], column: str, **where: Any) -> list[float]:
    """Return a number of the runs that finished, one a seed.

    Parameters
    ----------
    rows
        The runs.
    column
        A field of theirs, such as one of :class:`ServingRow`.
    where
        Values that other fields must have.
    """
    found = []
    for row in rows:
        value = getattr(row, column)
        same = all(getattr(row, key) == given for key, given in where.items())
        if same and value is not None:
            found.append(float(value))
    return found


def interval(numbers: Sequence[float]) -> Interval:
    """Return the 95 % interval of a mean; of one number, the number."""
    if len(numbers) == 1:
        return Interval(numbers[0], numbers[0])
    return t_interval(numbers)


def estimate(
    numbers: Sequence[float], least: float = -np.inf
) -> tuple[float, float, float]:
    """Return low end, mean and high end of the 95 % interval of a mean.

    Parameters
    ----------
    numbers
        At least one.
    least
        What the low end is not drawn below, as on a logarithmic axis.
    """
    low, high = interval(numbers)
    return max(low, least), float(np.mean(numbers)), high


def failures(rows: Sequence[ServingRow]) -> tuple[str, ...]:
    """Say which runs did not finish, a sentence each."""
    return tuple(
        f"{label(row.policy)} did not finish {row.requests} requests at "
        f"{row.rate:g} a second, seed {row.seed}: {row.error}"
        for row in rows
        if row.status == "FAILED"
    )


def sample_of(trace: str) -> str:
    """Say what the requests are, of which a figure is made."""
    if trace == PACKAGED:
        return (
            "the lmsys-like sample, synthetic, made to have the published "
            "means and medians"
        )
    return f"requests of {Path(trace).name}"


def label(policy: str) -> str:
    """Return what a policy is called in legends and tables."""
    title = parse_policy(policy).info.title.replace("-protection", "")
    parameters = policy.partition(":")[2].replace(",", ", ")
    for name, letter in (("alpha", "α"), ("beta", "β")):
        title = title.replace(f"{name} ", f"{letter}-")
        title = title.replace(f"{name}-", f"{letter}-")
        parameters = parameters.replace(f"{name}=", f"{letter}=")
    return f"{title}, {parameters}" if parameters else title
