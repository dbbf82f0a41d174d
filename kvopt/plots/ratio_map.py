"""Ratios over two sizes, as a picture of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kvopt.model import InputError
from kvopt.plots.style import ONE_COLUMN, house_style, new_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_ratio_map"]


def plot_ratio_map(
    ratio: NDArray[np.float64],
    ax: Axes | None = None,
    most: float = 2.0,
    title: str = "",
) -> Axes:
    """Draw a ratio for each memory and output length; light is 1.

    The image is ``ax.images[-1]``, for a colour bar.

    Parameters
    ----------
    ratio
        At least 1, or NaN where there is none; shape (outputs, memories),
        both counted from 1.
    ax
        Where to draw; None for a new figure, one column wide.
    most
        Where the colours end; larger ratios look alike.
    title
        Above the picture.

    Raises
    ------
    InputError
        When a ratio is below 1.
    """
    if np.nanmin(ratio) < 1:
        raise InputError(
            "must be at least 1", field="ratio", value=float(np.nanmin(ratio))
        )
    outputs, memories = ratio.shape
    with house_style():
        ax = new_axis(ONE_COLUMN) if ax is None else ax
        ax.imshow(
            ratio,
            origin="lower",
            aspect="auto",
            extent=(0.5, memories + 0.5, 0.5, outputs + 0.5),
            vmin=1,
            vmax=most,
            # Even steps of lightness, also for colour-blind readers.
            cmap="viridis_r",
            interpolation="none",
        )
        ax.set_title(title)
    return ax
