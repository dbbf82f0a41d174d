"""How the time and the gap of solvers grow with the size of the instance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kvopt.model import InputError
from kvopt.plots.style import (
    COLOURS,
    MUTED,
    ONE_COLUMN,
    house_style,
    new_axis,
    refuse_unless_told_apart,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["GrowthCurve", "plot_growing_gaps", "plot_growing_times"]

MARKERS = ("o", "s", "^", "D", "v", "P", "X")


@dataclass(frozen=True, eq=False)
class GrowthCurve:
    """What one solver did at growing sizes.

    Parameters
    ----------
    label
        What the solver is called in the legend.
    size
        Sizes, such as numbers of requests, shape ``(k,)``, increasing.
    seconds
        Time until the proof, or the time limit, shape ``(k,)``, positive.
    proved
        Whether there was a proof, shape ``(k,)``.
    gap
        ``100 * (objective / bound - 1)`` at the end, shape ``(k,)``.

    Raises
    ------
    InputError
        When a column has not the length of ``size``, or a time is not
        positive.
    """

    label: str
    size: NDArray[np.int64]
    seconds: NDArray[np.float64]
    proved: NDArray[np.bool_]
    gap: NDArray[np.float64]

    def __post_init__(self) -> None:
        for name in ("seconds", "proved", "gap"):
            column = getattr(self, name)
            if column.shape != self.size.shape:
                raise InputError(
                    f"must have shape {self.size.shape}",
                    field=name,
                    value=column.shape,
                    where=self.label,
                )
        if not (self.seconds > 0).all():
            raise InputError(
                "must be positive",
                field="seconds",
                value=float(self.seconds.min()),
                where=self.label,
            )


def plot_growing_times(
    curves: Sequence[GrowthCurve],
    limit: float,
    ax: Axes | None = None,
    xlabel: str = "number of requests",
) -> Axes:
    """Draw the time until the proof; hollow where there was none.

    Parameters
    ----------
    curves
        One a solver; at most seven are told apart.
    limit
        Time limit in seconds, drawn as a line.
    ax
        Where to draw; None for a new figure, one column wide.
    xlabel
        What ``size`` is, with its unit.

    Raises
    ------
    InputError
        When there is no curve, or more than can be told apart.
    """
    refuse_unless_told_apart(curves)
    with house_style():
        ax = new_axis(ONE_COLUMN) if ax is None else ax
        ax.axhline(limit, color=MUTED, linewidth=0.8, linestyle="dashed")
        for i, curve in enumerate(curves):
            colour = COLOURS[i]
            ax.plot(
                curve.size,
                curve.seconds,
                color=colour,
                label=curve.label,
                marker=MARKERS[i],
                markerfacecolor="none",
                zorder=3 - i / 10,
            )
            ax.plot(
                curve.size[curve.proved],
                curve.seconds[curve.proved],
                color=colour,
                linestyle="none",
                marker=MARKERS[i],
                zorder=3 - i / 10,
            )
        ax.set_yscale("log")
        least = min(float(curve.seconds.min()) for curve in curves)
        ax.set_ylim(min(least, limit / 30) / 1.5, 1.5 * limit)
        ax.set_xlabel(xlabel)
        ax.set_ylabel("time until proved (s)")
    return ax


def plot_growing_gaps(
    curves: Sequence[GrowthCurve],
    ax: Axes | None = None,
    xlabel: str = "number of requests",
) -> Axes:
    """Draw the gap that was left at the end.

    Parameters
    ----------
    curves
        The gaps by number of requests.
    ax
        Where to draw; None for a new figure.
    xlabel
        Label of the horizontal axis.

    Raises
    ------
    InputError
        When there is no curve, or more than can be told apart.
    """
    refuse_unless_told_apart(curves)
    with house_style():
        ax = new_axis(ONE_COLUMN) if ax is None else ax
        for i, curve in enumerate(curves):
            ax.plot(
                curve.size,
                curve.gap,
                color=COLOURS[i],
                label=curve.label,
                marker=MARKERS[i],
                zorder=3 - i / 10,
            )
        ax.set_ylim(bottom=0)
        ax.set_xlabel(xlabel)
        ax.set_ylabel("gap at the end (%)")
    return ax
