"""What figures of policies on a backlog have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kvopt.experiments.backlog import (
    BacklogRow,
    BacklogTask,
    backlog_sweep_task,
)
from kvopt.plots import Curve, LatencyCurve, plot_latency_curves
from paper_figures.frame.curves import curve_of
from paper_figures.frame.serving import label
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "accepted",
    "against",
    "backlogs",
    "draw_ratios",
    "ratio_curves",
    "ratio_table",
    "ratios",
    "unfinished",
]


def backlogs(tasks: Sequence[BacklogTask], work: Work) -> list[BacklogRow]:
    """Simulate; the rows are kept and computed once."""
    return work.run(backlog_sweep_task, tasks, BacklogRow, "backlogs")


def accepted(rows: Sequence[BacklogRow]) -> str:
    """Say how many schedules and bounds the checker accepts."""
    return (
        f"{sum(row.verified for row in rows)} of {len(rows)} schedules and "
        "as many lower bounds accepted by the checker"
    )


def ratios(rows: Sequence[BacklogRow], **where: Any) -> list[float]:
    """Return total latency over lower bound, one a run that finished.

    Parameters
    ----------
    rows
        The runs.
    where
        Values that fields of :class:`BacklogRow` must have.
    """
    return [
        row.total / row.bound
        for row in rows
        if row.total is not None
        and all(getattr(row, key) == value for key, value in where.items())
    ]


def ratio_curves(
    rows: Sequence[BacklogRow], policies: Sequence[str]
) -> list[Curve]:
    """Return the ratio against the number of requests, a curve a policy.

    Points where a run did not finish are left out.
    """
    curves = []
    for turn, policy in enumerate(policies):
        points: dict[float, list[float]] = {}
        for size in sorted({row.requests for row in rows}):
            found = ratios(rows, policy=policy, requests=size)
            runs = sum(
                row.policy == policy and row.requests == size for row in rows
            )
            if len(found) == runs:
                points[float(size)] = found
        # No run is below its bound.
        curve = curve_of(label(policy), points, turn, least=1.0)
        curves += [] if curve is None else [curve]
    return curves


def draw_ratios(
    rows: Sequence[BacklogRow], policies: Sequence[str], ax: Axes
) -> None:
    """Draw the curves of :func:`ratio_curves`."""
    plot_latency_curves(
        [
            LatencyCurve(
                curve.label,
                curve.x.astype(int),
                curve.value,
                curve.low,
                curve.high,
            )
            for curve in ratio_curves(rows, policies)
        ],
        ax,
    )
    ax.set_ylabel("total latency / lower bound")
    ax.set_ylim(bottom=1)


def against(
    rows: Sequence[BacklogRow], reference: str, **where: Any
) -> list[float]:
    """Return total latency over that of a reference, one a seed.

    Seeds are left out where either did not finish.

    Parameters
    ----------
    rows
        The runs.
    reference
        The policy to compare with; it needs no predictions, so that its row
        may be any of the same requests.
    where
        Values that fields of :class:`BacklogRow` must have.
    """
    known = {
        (row.requests, row.memory, row.longest, row.prompt, row.seed): row
        for row in rows
        if row.policy == reference
    }
    found = []
    for row in rows:
        if any(getattr(row, key) != value for key, value in where.items()):
            continue
        other = known.get(
            (row.requests, row.memory, row.longest, row.prompt, row.seed)
        )
        if row.total is not None and other is not None and other.total:
            found.append(row.total / other.total)
    return found


def ratio_table(
    rows: Sequence[BacklogRow], policies: Iterable[str]
) -> list[tuple[str, ...]]:
    """Return a line a policy: mean ratios at all sizes, least first."""
    sizes = sorted({row.requests for row in rows})
    found = {
        policy: [ratios(rows, policy=policy, requests=n) for n in sizes]
        for policy in policies
    }
    order = sorted(found, key=lambda p: np.mean(found[p][-1] or [np.inf]))
    lines = []
    for policy in order:
        cells = (f"{np.mean(r):.3f}" if r else "" for r in found[policy])
        lines.append((label(policy), *cells))
    return lines


def unfinished(rows: Sequence[BacklogRow]) -> tuple[str, ...]:
    """Say which runs did not finish, a sentence each."""
    return tuple(
        f"{label(row.policy)} did not finish {row.requests} requests, "
        f"M = {row.memory}, seed {row.seed}: {row.error}"
        for row in rows
        if row.status == "FAILED"
    )
