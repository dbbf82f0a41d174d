"""What figures of the staged model have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kvopt.experiments.staged_serving import (
    StagedRow,
    StagedTask,
    staged_sweep_task,
)
from kvopt.plots import RateCurve
from kvopt.policies.staged import parse_staged
from paper_figures.frame.serving import estimate, values
from paper_figures.frame.work import Work

__all__ = ["accepted", "means", "rate_curve", "staged_runs", "title_of"]


def staged_runs(tasks: Sequence[StagedTask], work: Work) -> list[StagedRow]:
    """Simulate; the rows are kept and computed once."""
    return work.run(
        staged_sweep_task, tasks, StagedRow, "runs of the staged model"
    )


def accepted(rows: Sequence[StagedRow]) -> str:
    """Say how many logs the checker accepts."""
    return (
        f"{sum(row.verified for row in rows)} of {len(rows)} logs of the "
        "staged model accepted by the checker"
    )


def title_of(policy: str) -> str:
    """Return what a staged policy is called in legends and tables."""
    return parse_staged(policy).info.title


def means(
    rows: Sequence[StagedRow], columns: Iterable[str], **where: Any
) -> tuple[float, ...]:
    """Return the mean of each column over the runs with these values."""
    return tuple(
        float(np.mean(values(rows, column, **where))) for column in columns
    )


def rate_curve(
    rows: Sequence[StagedRow], label: str, column: str, **where: Any
) -> RateCurve:
    """Return a column against the rate: mean, and its 95 % interval.

    Parameters
    ----------
    rows
        The runs.
    label
        What the curve is called.
    column
        A field of :class:`StagedRow` that is never negative.
    where
        Values that other fields must have, such as the policy.
    """
    rates = sorted(set(values(rows, "rate", **where)))
    bands = [
        estimate(values(rows, column, rate=rate, **where), 0.0)
        for rate in rates
    ]
    low, mean, high = np.array(bands).T
    return RateCurve(label, np.array(rates), mean, band=np.array([low, high]))
