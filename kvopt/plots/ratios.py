"""Histogram of cost ratios, with open ratios drawn as what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kvopt.model import InputError
from kvopt.plots.style import (
    COLOURS,
    INK,
    ONE_COLUMN,
    house_style,
    new_axis,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_ratio_histogram", "plot_ratio_intervals"]


def plot_ratio_histogram(
    lower: ArrayLike,
    upper: ArrayLike,
    ax: Axes | None = None,
    bins: int = 20,
) -> Axes:
    """Draw how a policy's cost compares with the optimum's.

    A ratio whose optimum is proved has ``lower == upper`` and is part of a
    filled bar. An open one is only known to lie in ``[lower, upper]``: on top
    of the filled bar, the left half of a bin counts the open ratios whose
    lower end lies there, the right half those whose upper end does. The mean
    of all ratios, itself an interval then, is marked.

    Parameters
    ----------
    lower, upper
        Ends of each ratio, shape ``(k,)``, finite.
    ax
        Where to draw; None for a new figure, one column wide.
    bins
        Number of bins between the least and the largest end.

    Raises
    ------
    InputError
        When the two differ in length, are empty, or ``lower > upper``
        somewhere.
    """
    low, high = _ends(lower, upper)
    proved = low == high
    with house_style():
        ax = new_axis(ONE_COLUMN) if ax is None else ax
        edges = _edges(float(low.min()), float(high.max()), bins)
        width = edges[1] - edges[0]
        base = np.histogram(low[proved], edges)[0]
        ax.bar(
            edges[:-1],
            base,
            width,
            align="edge",
            color=COLOURS[0],
            edgecolor="white",
            linewidth=0.5,
            label=f"proved ({int(proved.sum())})",
        )
        if not proved.all():
            count = int((~proved).sum())
            for shift, ends, hatch, colour, name in (
                (0, low, "/////", COLOURS[4], "lower"),
                (width / 2, high, "\\\\\\\\\\", COLOURS[1], "upper"),
            ):
                ax.bar(
                    edges[:-1] + shift,
                    np.histogram(ends[~proved], edges)[0],
                    width / 2,
                    bottom=base,
                    align="edge",
                    facecolor="white",
                    edgecolor=colour,
                    linewidth=0.6,
                    hatch=hatch,
                    label=f"open ({count}), {name} end",
                )
        _mark_mean(ax, float(low.mean()), float(high.mean()))
        ax.set_xlabel("cost / optimal cost")
        ax.set_ylabel("number of instances")
        ax.set_xlim(edges[0], edges[-1])
        ax.margins(y=0.08)
        # Opaque: the marks of the mean may lie behind it.
        legend = ax.legend(
            loc="upper right", frameon=True, framealpha=0.9, edgecolor="none"
        )
        legend.set_zorder(10)
    return ax


def plot_ratio_intervals(
    lower: ArrayLike, upper: ArrayLike, ax: Axes | None = None
) -> Axes:
    """Draw each ratio as an interval: right for few of them.

    A proved ratio is a point. Ratios are sorted by their lower ends; the
    interval of their mean is marked.

    Parameters
    ----------
    lower, upper, ax
        As for :func:`plot_ratio_histogram`.

    Raises
    ------
    InputError
        As :func:`plot_ratio_histogram`.
    """
    low, high = _ends(lower, upper)
    order = np.lexsort((high, low))
    low, high = low[order], high[order]
    places = np.arange(1, low.size + 1)
    proved = low == high
    with house_style():
        ax = new_axis(ONE_COLUMN) if ax is None else ax
        ax.plot(
            low[proved],
            places[proved],
            "o",
            color=COLOURS[0],
            label=f"proved ({int(proved.sum())})",
        )
        ax.hlines(
            places[~proved],
            low[~proved],
            high[~proved],
            color=COLOURS[1],
            linewidth=2.5,
            label=f"open ({int((~proved).sum())})",
        )
        _mark_mean(ax, float(low.mean()), float(high.mean()))
        ax.set_xlabel("cost / optimal cost")
        ax.set_ylabel("instance, by ratio")
        ax.set_ylim(0.5, low.size + 0.5)
        ax.legend()
    return ax


def _ends(
    lower: ArrayLike, upper: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    low = np.asarray(lower, dtype=np.float64)
    high = np.asarray(upper, dtype=np.float64)
    if low.ndim != 1 or low.shape != high.shape or low.size == 0:
        raise InputError(
            "must be two lists of equal length, at least 1",
            field="lower, upper",
            value=(low.shape, high.shape),
        )
    bad = np.flatnonzero(~((low <= high) & np.isfinite(high - low)))
    if bad.size:
        i = int(bad[0])
        raise InputError(
            f"must be finite and not exceed upper = {high[i]:g}",
            field=f"lower[{i}]",
            value=float(low[i]),
        )
    return low, high


def _edges(least: float, largest: float, bins: int) -> NDArray[np.float64]:
    # Ratios that are all the same still need bins of some width.
    largest = max(largest, least + 1e-3)
    return np.linspace(least, largest, bins + 1)


def _mark_mean(ax: Axes, low: float, high: float) -> None:
    style: dict[str, Any] = {
        "color": INK,
        "linewidth": 0.9,
        "linestyle": (0, (4, 1.5)),
    }
    if low == high:
        ax.axvline(low, **style, label=f"mean {low:.4f}")
        return
    ax.axvspan(
        low,
        high,
        facecolor="#eeeeee",
        linewidth=0,
        label=f"mean in [{low:.4f}, {high:.4f}]",
        zorder=0,
    )
    for end in (low, high):
        ax.axvline(end, **style)
