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
from kvopt.plots import Curve
from kvopt.policies.staged import parse_staged
from paper_figures.frame.curves import curve_of
from paper_figures.frame.serving import values
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
    rows: Sequence[StagedRow], policy: str, column: str, turn: int
) -> Curve:
    """Return a column against the rate: mean, and its 95 % interval.

    Parameters
    ----------
    rows
        The runs.
    policy
        Specification of the policy; some of the runs are its.
    column
        A field of :class:`StagedRow` that is never negative.
    turn
        As for :class:`kvopt.plots.Curve`.
    """
    rates = sorted(set(values(rows, "rate", policy=policy)))
    found = {
        rate: values(rows, column, policy=policy, rate=rate) for rate in rates
    }
    curve = curve_of(title_of(policy), found, turn, 0.0)
    assert curve is not None
    return curve
