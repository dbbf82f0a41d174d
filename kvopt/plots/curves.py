"""Anything against anything: measured curves with bands, and formulas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kvopt.model import InputError
from kvopt.plots.style import (
    COLOURS,
    ONE_COLUMN,
    draw_band,
    house_style,
    new_axis,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "Curve",
    "Formula",
    "overlapping",
    "plot_curves",
    "plot_formulas",
]

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
# Curves beyond the number of colours repeat them with other dashes.
DASHES = ("solid", (0, (4, 1.5)), (0, (1, 1)))
# Formulas are told apart by dashes alone: colours belong to what is measured.
FORMULA_DASHES = (
    (0, (5, 2)),
    (0, (1.5, 1.5)),
    (0, (6, 2, 1.5, 2)),
    (0, (9, 3)),
    (0, (4, 1.5, 1, 1.5, 1, 1.5)),
)


@dataclass(frozen=True, eq=False)
class Curve:
    """Something that was measured.

    Parameters
    ----------
    label
        What it is called in the legend.
    x
        Where it was measured, shape ``(k,)``, increasing.
    value
        What was found there, shape ``(k,)``.
    low, high
        Ends of an error band, shape ``(k,)`` each; both or neither.
    turn
        Colour, marker and dash, counted from 0.
    line, marks
        Whether its points are joined, and whether they are marked.

    Raises
    ------
    InputError
        When the columns have not one length, or there is half a band.
    """

    label: str
    x: NDArray[np.float64]
    value: NDArray[np.float64]
    low: NDArray[np.float64] | None = None
    high: NDArray[np.float64] | None = None
    turn: int = 0
    line: bool = True
    marks: bool = True

    def __post_init__(self) -> None:
        if (self.low is None) != (self.high is None):
            raise InputError("a band needs both ends", where=self.label)
        columns = [self.value, self.low, self.high]
        lengths = {len(c) for c in columns if c is not None}
        if lengths != {len(self.x)}:
            raise InputError(
                f"must have {len(self.x)} values, as x",
                field="value",
                value=lengths,
                where=self.label,
            )


@dataclass(frozen=True, eq=False)
class Formula:
    """A line that was not measured: a theorem's, a guide, a claim.

    Parameters
    ----------
    label
        What it is called in the legend.
    x, value
        Its points, shape ``(k,)`` each.
    turn
        Which dashes, counted from 0; at most 4.
    """

    label: str
    x: NDArray[np.float64]
    value: NDArray[np.float64]
    turn: int = 0


def plot_curves(
    curves: Sequence[Curve],
    ax: Axes | None = None,
    xlabel: str = "",
    ylabel: str = "",
) -> Axes:
    """Draw measured curves with their bands.

    Parameters
    ----------
    curves
        At least one.
    ax
        Where to draw; None for a new figure, one column wide.
    xlabel, ylabel
        What is drawn against what, with units.

    Raises
    ------
    InputError
        When there is nothing to draw.
    """
    if not curves:
        raise InputError("there is nothing to draw", field="curves", value=[])
    with house_style():
        ax = new_axis(ONE_COLUMN) if ax is None else ax
        for curve in curves:
            again = curve.turn // len(COLOURS)
            colour = COLOURS[curve.turn % len(COLOURS)]
            # Beside a colour that comes again stands another marker.
            mark = MARKERS[(curve.turn + 3 * again) % len(MARKERS)]
            dashes = DASHES[again % len(DASHES)]
            if curve.low is not None and curve.high is not None:
                draw_band(ax, curve.x, curve.low, curve.high, colour)
            ax.plot(
                curve.x,
                curve.value,
                color=colour,
                marker=mark if curve.marks else "",
                linestyle=dashes if curve.line else "none",
                markeredgecolor="white",
                markeredgewidth=0.5,
                label=curve.label,
            )
        ax.set_xlabel(xlabel)
        ax.set_ylabel(ylabel)
        ax.grid(axis="y", color="#dddddd", linewidth=0.5)
    return ax


def plot_formulas(formulas: Sequence[Formula], ax: Axes) -> Axes:
    """Draw formulas behind what was measured, in grey, told apart by dashes.

    Parameters
    ----------
    formulas
        The formulas.
    ax
        Where to draw.
    """
    with house_style():
        for formula in formulas:
            ax.plot(
                formula.x,
                formula.value,
                color="#555555",
                linestyle=FORMULA_DASHES[formula.turn],
                linewidth=0.9,
                zorder=1,
                label=formula.label,
            )
    return ax


def overlapping(
    curves: Sequence[Curve], close: float = 0.02
) -> list[tuple[str, str]]:
    """Return pairs of labels whose curves lie on each other at most places.

    Parameters
    ----------
    curves
        The curves of one axis.
    close
        Relative difference up to which one covers the other; places count
        where both were measured.
    """

    def covered(curve: Curve, other: Curve) -> bool:
        both, mine, its = np.intersect1d(curve.x, other.x, return_indices=True)
        near = np.isclose(curve.value[mine], other.value[its], rtol=close)
        return 2 * int(near.sum()) > both.size

    return [
        (curve.label, other.label)
        for k, curve in enumerate(curves)
        for other in curves[k + 1 :]
        if covered(curve, other)
    ]
