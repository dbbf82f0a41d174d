"""The largest ratio that searches have found, against time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvopt.model import InputError
from kvopt.plots.style import (
    COLOURS,
    ONE_COLUMN,
    house_style,
    new_axis,
    refuse_unless_told_apart,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Ascent", "plot_ascents"]

# Where a search is drawn that found its first instance sooner, in seconds.
SOONEST = 0.01


@dataclass(frozen=True, eq=False)
class Ascent:
    """The records of a search.

    Parameters
    ----------
    label
        What it is called in the legend.
    seconds, ratios
        When each record was found, and the ratio, both rising.
    end
        When the search ended, in seconds.
    """

    label: str
    seconds: Sequence[float]
    ratios: Sequence[float]
    end: float


def plot_ascents(
    curves: Sequence[Ascent], ax: Axes | None = None, title: str = ""
) -> Axes:
    """Draw how the largest ratio rises, time on a log axis.

    Parameters
    ----------
    curves
        At least one, at most as many as there are colours.
    ax
        Where to draw; None for a new figure, one column wide.
    title
        What is searched.

    Raises
    ------
    InputError
        When there is no curve or too many, or times and ratios are not as
        many.
    """
    refuse_unless_told_apart(curves)
    for curve in curves:
        if len(curve.seconds) != len(curve.ratios):
            raise InputError("has as many times as ratios", where=curve.label)
    with house_style():
        ax = new_axis(ONE_COLUMN) if ax is None else ax
        for i, curve in enumerate(curves):
            times = [max(SOONEST, t) for t in (*curve.seconds, curve.end)]
            ratios = [*curve.ratios, max([1.0, *curve.ratios])]
            ax.step(
                [SOONEST, *times],
                [1.0, *ratios],
                where="post",
                color=COLOURS[i],
                label=curve.label,
            )
        ax.set(
            xscale="log",
            xlabel="processor time (s)",
            ylabel="largest ratio",
            title=title,
        )
        ax.legend()
    return ax
