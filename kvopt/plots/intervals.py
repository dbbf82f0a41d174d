"""Numbers with their intervals, a line a label, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kvopt.model import InputError
from kvopt.plots.style import COLOURS, ONE_COLUMN, house_style, new_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["IntervalRow", "plot_interval_rows"]

MARKERS = ("o", "s", "^", "D", "v", "P", "X")


@dataclass(frozen=True)
class IntervalRow:
    """Intervals of one label, one for each group.

    Parameters
    ----------
    label
        What stands at the left.
    points
        ``(low, value, high)`` by group; None where there is none.

    Raises
    ------
    InputError
        When a value lies outside its interval.
    """

    label: str
    points: tuple[tuple[float, float, float] | None, ...]

    def __post_init__(self) -> None:
        for point in self.points:
            if point is not None and not point[0] <= point[1] <= point[2]:
                raise InputError(
                    "must hold its value",
                    field="interval",
                    value=point,
                    where=self.label,
                )


def plot_interval_rows(
    rows: Sequence[IntervalRow],
    groups: Sequence[str],
    ax: Axes | None = None,
    quantity: str = "",
) -> Axes:
    """Draw a line a label, and a marker with its interval a group.

    Parameters
    ----------
    rows
        At least one, from top to bottom.
    groups
        Names of the groups, for the legend below the axis.
    ax
        Where to draw; None for a new figure, one column wide.
    quantity
        What the numbers are, with their unit.
    """
    if not rows:
        raise InputError("there is nothing to draw", field="rows", value=[])
    with house_style():
        ax = new_axis(ONE_COLUMN) if ax is None else ax
        width = 0.2 if len(groups) > 1 else 0.0
        shifts = np.linspace(-width, width, len(groups))
        places = np.arange(len(rows))
        for k, group in enumerate(groups):
            there = [(y, row.points[k]) for y, row in enumerate(rows)]
            found = [(y, point) for y, point in there if point is not None]
            if not found:
                continue
            y = np.array([y for y, _ in found]) + shifts[k]
            low, value, high = np.array([point for _, point in found]).T
            ax.errorbar(
                value,
                y,
                xerr=(value - low, high - value),
                fmt=MARKERS[k % len(MARKERS)],
                color=COLOURS[k % len(COLOURS)],
                markeredgecolor="white",
                markeredgewidth=0.5,
                elinewidth=1.0,
                label=group,
            )
        ax.set_yticks(places, [row.label for row in rows])
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel(quantity)
        ax.grid(axis="x", color="#dddddd", linewidth=0.5)
        ax.grid(axis="y", color="#eeeeee", linewidth=0.5)
    return ax
