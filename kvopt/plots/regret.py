"""Regret against the horizon, both axes logarithmic."""

from __future__ import annotations

from collections.abc import Iterable
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
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["RegretCurve", "plot_regret"]

MARKERS = ("o", "s", "^", "D", "v", "P", "X")


@dataclass(frozen=True, eq=False)
class RegretCurve:
    """Mean regret of one policy at growing horizons.

    Parameters
    ----------
    label
        What it is called in the legend.
    horizon
        Horizons, shape ``(k,)``, increasing.
    low, high
        The mean lies between them, shape ``(k,)`` each; equal when every
        optimum is proved.
    start, end
        Ends of the confidence interval, shape ``(k,)`` each.

    Raises
    ------
    InputError
        When a column has not the length of ``horizon``, or the ends are not
        in the order ``0 <= start <= low <= high <= end``.
    """

    label: str
    horizon: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]

    def __post_init__(self) -> None:
        least = np.zeros(len(self.horizon))
        for name in ("start", "low", "high", "end"):
            column = getattr(self, name)
            if len(column) != len(self.horizon):
                raise InputError(
                    f"has not the length of horizon, {len(self.horizon)}",
                    field=name,
                    value=f"{len(column)} values",
                    where=self.label,
                )
            if not (column >= least).all():
                raise InputError(
                    "must be 0 <= start <= low <= high <= end",
                    field=name,
                    value=column.tolist(),
                    where=self.label,
                )
            least = column


def plot_regret(
    curves: Iterable[RegretCurve],
    ax: Axes | None = None,
    per_request: bool = False,
) -> Axes:
    """Draw regret against the horizon.

    The band is the confidence interval; a mean that is only known to lie
    between two ends is a vertical bar instead of a marker. Means of 0, for
    which a logarithmic axis has no place, are open markers on its lower edge,
    and the legend says so. A dotted line has the slope of growth in
    proportion to the horizon.

    Parameters
    ----------
    curves
        At least one, with at least one positive mean.
    ax
        Where to draw; None for a new figure, one column wide.
    per_request
        Whether the regret is divided by the number of requests.
    """
    curves = list(curves)
    if not any((curve.high > 0).any() for curve in curves):
        raise InputError(
            "there is no positive regret to draw", field="curves", value=curves
        )
    with house_style():
        ax = new_axis(ONE_COLUMN) if ax is None else ax
        ax.set_xscale("log")
        ax.set_yscale("log")
        zeros = next(
            (k for k, c in enumerate(curves) if not (c.high > 0).all()), None
        )
        for k, curve in enumerate(curves):
            _draw_curve(ax, k, curve, first_zero=k == zeros)
        horizons = sorted({int(t) for curve in curves for t in curve.horizon})
        ax.set_xticks(horizons, [str(t) for t in horizons], minor=False)
        ax.set_xticks([], minor=True)
        # Intervals that reach down to 0 would take most of the axis.
        means = np.concatenate([curve.high for curve in curves])
        bottom = float(means[means > 0].min()) / 6
        # Before the limit is set, so that the axis reaches up to its end.
        _proportional(ax, curves, bottom)
        ax.set_ylim(bottom=bottom)
        ax.set_xlabel("horizon $T$ (rounds)")
        ax.set_ylabel(
            "regret per request (rounds)"
            if per_request
            else "total regret (rounds)"
        )
        legend = ax.legend(
            loc="upper left",
            labelspacing=0.3,
            frameon=True,
            framealpha=0.9,
            edgecolor="none",
        )
        legend.set_zorder(10)
    return ax


def _draw_curve(
    ax: Axes, k: int, curve: RegretCurve, *, first_zero: bool
) -> None:
    """Draw the ``k``-th curve; ``first_zero``: its zeros get a label."""
    colour = COLOURS[k % len(COLOURS)]
    shown = curve.high > 0
    x, low, high = (
        column[shown] for column in (curve.horizon, curve.low, curve.high)
    )
    # A logarithmic axis has no 0.
    start = np.maximum(curve.start[shown], high / 1000)
    draw_band(ax, x, start, curve.end[shown], colour)
    middle = (low + high) / 2
    ax.plot(x, middle, color=colour, label=curve.label)
    proved = low == high
    ax.plot(
        x[proved],
        middle[proved],
        linestyle="none",
        color=colour,
        marker=MARKERS[k % len(MARKERS)],
        markeredgecolor="white",
        markeredgewidth=0.5,
    )
    ax.vlines(x[~proved], low[~proved], high[~proved], colors=colour)
    ax.plot(
        curve.horizon[~shown],
        # Side by side, as the zeros of several curves are.
        np.full((~shown).sum(), 0.02 + 0.035 * k),
        transform=ax.get_xaxis_transform(),
        linestyle="none",
        color=colour,
        marker=MARKERS[k % len(MARKERS)],
        markerfacecolor="none",
        label="open, at the lower edge: 0" if first_zero else None,
    )


def _proportional(ax: Axes, curves: list[RegretCurve], bottom: float) -> None:
    """Draw a line of slope 1 below the lowest curve's right end.

    It lies higher where its left end would be below the axis: a flat curve
    would leave no more than a stub of it.
    """
    last = max(int(curve.horizon[-1]) for curve in curves)
    first = min(int(curve.horizon[0]) for curve in curves)
    ends = [float(curve.high[-1]) for curve in curves if curve.high[-1] > 0]
    at = max(min(ends, default=0) / 2, 1.5 * bottom * last / first)
    ax.plot(
        [first, last],
        [at * first / last, at],
        color=MUTED,
        linestyle="dotted",
        linewidth=0.9,
        label="slope 1",
        zorder=0,
    )
