"""Something against the arrival rate, one curve a policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kvopt.plots.style import (
    COLOURS,
    ONE_COLUMN,
    house_style,
    new_axis,
    refuse_unless_told_apart,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["RateCurve", "plot_rate_curves"]

MARKERS = ("o", "s", "^", "D", "v", "P", "X")


@dataclass(frozen=True, eq=False)
class RateCurve:
    """Values at several rates.

    Parameters
    ----------
    label
        What it is called in the legend.
    rate
        Arrival rates, shape ``(k,)``, increasing.
    value
        What was found at each, shape ``(k,)``.
    points
        Whether to draw markers only, without a line.
    band
        Low and high ends of an error band, shape ``(2, k)``; None for none.
    """

    label: str
    rate: NDArray[np.float64]
    value: NDArray[np.float64]
    points: bool = False
    band: NDArray[np.float64] | None = None


def plot_rate_curves(
    curves: Sequence[RateCurve],
    ylabel: str,
    ax: Axes | None = None,
    smooth: bool = False,
) -> Axes:
    """Draw the curves against requests a second.

    Parameters
    ----------
    curves
        At least one, at most as many as there are colours.
    ylabel
        What the values are, and their unit.
    ax
        Where to draw; None for a new figure, one column wide.
    smooth
        Draw the first curve, a formula, without markers.
    """
    refuse_unless_told_apart(curves)
    with house_style():
        ax = new_axis(ONE_COLUMN) if ax is None else ax
        for k, curve in enumerate(curves):
            if curve.band is not None:
                ax.fill_between(
                    curve.rate,
                    *curve.band,
                    color=COLOURS[k],
                    alpha=0.18,
                    linewidth=0,
                )
            ax.plot(
                curve.rate,
                curve.value,
                color=COLOURS[k],
                marker="" if smooth and k == 0 else MARKERS[k],
                linestyle="none" if curve.points else "solid",
                markeredgecolor="white",
                markeredgewidth=0.5,
                label=curve.label,
            )
        ax.set_xlabel("requests a second")
        ax.set_ylabel(ylabel)
        ax.set_ylim(bottom=0)
        ax.grid(axis="y", color="#dddddd", linewidth=0.5)
        ax.legend()
    return ax
