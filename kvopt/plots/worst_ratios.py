"""Worst ratios of many policies over many sizes, as a table in colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kvopt.model import InputError
from kvopt.plots.style import INK, TWO_COLUMNS, house_style, new_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_worst_ratios"]


def plot_worst_ratios(
    ratio: NDArray[np.float64],
    policies: Sequence[str],
    sizes: Sequence[tuple[int, int]],
    ax: Axes | None = None,
    most: float = 4.0,
    title: str = "",
) -> Axes:
    """Draw a cell with its number for each policy and size; light is 1.

    Parameters
    ----------
    ratio
        At least 1, infinite where there is no bound, NaN where there is no
        number; shape (policies, sizes).
    policies
        What the rows are called.
    sizes
        Requests and memory of each column; columns with the same number of
        requests stand together.
    ax
        Where to draw; None for a new figure, two columns wide.
    most
        Where the colours end; larger ratios look alike.
    title
        Above the picture.

    Raises
    ------
    InputError
        When the shapes do not agree, or a ratio is below 1.
    """
    if ratio.shape != (len(policies), len(sizes)):
        raise InputError(
            f"must be of shape {(len(policies), len(sizes))}",
            field="ratio",
            value=ratio.shape,
        )
    if np.nanmin(ratio) < 1:
        raise InputError(
            "must be at least 1", field="ratio", value=float(np.nanmin(ratio))
        )
    with house_style():
        ax = new_axis(TWO_COLUMNS) if ax is None else ax
        shown = np.where(np.isinf(ratio), most, ratio)
        ax.imshow(shown, aspect="auto", vmin=1, vmax=most, cmap="cividis_r")
        for (row, column), value in np.ndenumerate(ratio):
            if np.isnan(value):
                continue
            ax.text(
                column,
                row,
                "∞" if np.isinf(value) else f"{value:.2f}",
                ha="center",
                va="center",
                fontsize=4.5,
                color="white" if value > (1 + most) / 2 else INK,
            )
        ax.set_yticks(range(len(policies)), policies, fontsize=6)
        memories = [str(memory) for _, memory in sizes]
        ax.set_xticks(range(len(sizes)), memories, fontsize=6)
        ax.tick_params(length=0)
        counts = [n for n, _ in sizes]
        for n in dict.fromkeys(counts):
            columns = [k for k, count in enumerate(counts) if count == n]
            if columns[0]:
                ax.axvline(columns[0] - 0.5, color="white", linewidth=2)
            middle = (columns[0] + columns[-1]) / 2
            ax.text(
                middle,
                -0.7,
                f"n = {n}",
                ha="center",
                va="bottom",
                fontsize=7,
            )
        ax.set_xlabel("memory $M$")
        ax.set_title(title, pad=14)
    return ax
