"""Share of runs that end, and their latency, against protected memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kvopt.plots.style import (
    COLOURS,
    house_style,
    refuse_unless_told_apart,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["AlphaCurve", "plot_alpha_scans"]


@dataclass(frozen=True, eq=False)
class AlphaCurve:
    """One set-up at several ``alpha``.

    Parameters
    ----------
    label
        What it is called in the legend.
    alpha
        Protected shares of the memory, shape ``(k,)``, increasing.
    share
        Share of the runs that completed, shape ``(k,)``.
    latency
        Mean latency, shape ``(k,)``; NaN is left out.
    """

    label: str
    alpha: NDArray[np.float64]
    share: NDArray[np.float64]
    latency: NDArray[np.float64]


def plot_alpha_scans(
    curves: Sequence[AlphaCurve], axes: tuple[Axes, Axes], unit: str
) -> tuple[Axes, Axes]:
    """Draw the share of runs that completed, and below it their latency.

    Parameters
    ----------
    curves
        At least one, at most as many as there are colours.
    axes
        Where to draw the two.
    unit
        Unit of the latencies.
    """
    refuse_unless_told_apart(curves)
    upper, lower = axes
    with house_style():
        for colour, curve in zip(COLOURS, curves, strict=False):
            upper.step(
                curve.alpha,
                100 * curve.share,
                where="mid",
                color=colour,
                label=curve.label,
            )
            lower.plot(
                curve.alpha, curve.latency, color=colour, label=curve.label
            )
        upper.set_ylabel("runs that complete (%)")
        upper.set_ylim(-2, 102)
        lower.set_ylabel(f"mean latency ({unit})")
        lower.set_yscale("log")
        lower.set_xlabel("protected share α")
        for ax in axes:
            ax.grid(axis="y", color="#dddddd", linewidth=0.5)
        upper.legend(loc="center right")
    return upper, lower
