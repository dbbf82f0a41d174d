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
    draw_band,
    house_style,
    new_axis,
    plain_log_ticks,
    refuse_unless_told_apart,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["GrowthCurve", "plot_growing_gaps", "plot_growing_times"]

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
# How opaque the bands of curves are; as many as seven lie on each other.
BAND = 0.12


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
    seconds_low, seconds_high, gap_low, gap_high
        Ends of the bands of ``seconds`` and ``gap``, shape ``(k,)`` each.

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
    seconds_low: NDArray[np.float64]
    seconds_high: NDArray[np.float64]
    gap_low: NDArray[np.float64]
    gap_high: NDArray[np.float64]

    def __post_init__(self) -> None:
        for name in (
            "seconds",
            "proved",
            "gap",
            "seconds_low",
            "seconds_high",
            "gap_low",
            "gap_high",
        ):
            column = getattr(self, name)
            if column.shape != self.size.shape:
                raise InputError(
                    f"must have shape {self.size.shape}",
                    field=name,
                    value=column.shape,
                    where=self.label,
                )
        for name in ("seconds_low", "seconds"):
            least = float(getattr(self, name).min())
            if least <= 0:
                raise InputError(
                    "must be positive",
                    field=name,
                    value=least,
                    where=self.label,
                )


def plot_growing_times(
    curves: Sequence[GrowthCurve],
    limit: float,
    ax: Axes | None = None,
    xlabel: str = "number of requests",
) -> Axes:
    """Draw the time until the proof and its band; hollow where none was.

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
            ends = curve.seconds_low, curve.seconds_high
            draw_band(ax, curve.size, *ends, colour, BAND)
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
        plain_log_ticks(ax.yaxis)
        least = min(float(curve.seconds_low.min()) for curve in curves)
        ax.set_ylim(min(least, limit / 30) / 1.5, 1.5 * limit)
        ax.set_xlabel(xlabel)
        ax.set_ylabel("time until proved (s)")
    return ax


def plot_growing_gaps(
    curves: Sequence[GrowthCurve],
    ax: Axes | None = None,
    xlabel: str = "number of requests",
) -> Axes:
    """Draw the gap that was left at the end, and its band.

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
            ends = curve.gap_low, curve.gap_high
            draw_band(ax, curve.size, *ends, COLOURS[i], BAND)
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
