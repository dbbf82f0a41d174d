"""How a cost grows with a size, on log axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kvopt.model import InputError
from kvopt.plots.growth import MARKERS
from kvopt.plots.style import (
    COLOURS,
    MUTED,
    ONE_COLUMN,
    draw_band,
    house_style,
    new_axis,
    refuse_unless_told_apart,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ScalingCurve", "plot_power", "plot_scaling"]


@dataclass(frozen=True, eq=False)
class ScalingCurve:
    """A cost at growing sizes.

    Parameters
    ----------
    label
        What it is called in the legend.
    size, cost
        Both positive, shape ``(k,)``.
    band
        Low and high ends of an error band, shape ``(2, k)``; None for none.
    """

    label: str
    size: NDArray[np.int64]
    cost: NDArray[np.float64]
    band: NDArray[np.float64] | None = None


def plot_scaling(
    curves: Sequence[ScalingCurve],
    ax: Axes | None = None,
    xlabel: str = "requests n",
    ylabel: str = "CPU time (s)",
) -> Axes:
    """Draw each cost against its size; a power is a straight line.

    Parameters
    ----------
    curves
        At least one, at most as many as there are colours.
    ax
        Where to draw; None for a new figure, one column wide.
    xlabel, ylabel
        What size and cost are, with their units.

    Raises
    ------
    InputError
        When there is no curve or too many, or one has no place on log axes.
    """
    refuse_unless_told_apart(curves)
    for curve in curves:
        if not ((curve.size > 0).all() and (curve.cost > 0).all()):
            raise InputError(
                "sizes and costs must be positive", where=curve.label
            )
    with house_style():
        ax = new_axis(ONE_COLUMN) if ax is None else ax
        for i, curve in enumerate(curves):
            if curve.band is not None:
                low, high = curve.band
                draw_band(ax, curve.size, low, high, COLOURS[i])
            ax.plot(
                curve.size,
                curve.cost,
                color=COLOURS[i],
                marker=MARKERS[i],
                label=curve.label,
            )
        ax.set(xscale="log", yscale="log", xlabel=xlabel, ylabel=ylabel)
        ax.legend()
    return ax


def plot_power(
    ax: Axes, exponent: float, at: tuple[float, float], label: str
) -> Axes:
    """Draw the line of a power through a point, over the curves' sizes.

    Parameters
    ----------
    ax
        What :func:`plot_scaling` returned.
    exponent
        The slope.
    at
        Size and cost at one end of the line.
    label
        What it is called in the legend.
    """
    size, cost = at
    low, high = (bound(ax.dataLim.intervalx) for bound in (min, max))
    with house_style():
        ax.plot(
            [low, high],
            [cost * (end / size) ** exponent for end in (low, high)],
            color=MUTED,
            linestyle="dotted",
            label=label,
            zorder=0,
        )
        ax.legend()
    return ax
