"""What figures of policies that serve a trace have in common."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kvopt.analysis.bootstrap import Interval
from kvopt.analysis.paired import t_interval
from kvopt.experiments.serving import PACKAGED, ServingRow
from kvopt.policies import parse_policy

__all__ = ["failures", "interval", "label", "sample_of", "values"]


def values(
    rows: Sequence[ServingRow], column: str, **where: Any
) -> list[float]:
    """Return a number of the runs that finished, one a seed.

    Parameters
    ----------
    rows
        The runs.
    column
        A field of :class:`ServingRow`.
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
