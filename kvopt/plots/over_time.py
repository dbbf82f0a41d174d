"""Policies side by side: throughput and memory over time, latency CDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kvopt.model import InputError
from kvopt.plots.style import (
    COLOURS,
    INK,
    MUTED,
    ONE_COLUMN,
    house_style,
    new_axis,
    plain_log_ticks,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "Series",
    "Usage",
    "plot_latency_cdf",
    "plot_throughput",
    "plot_usage",
    "plot_usage_windows",
]

# Curves beyond the number of colours repeat them with other dashes.
DASHES = ("solid", (0, (4, 1.5)), (0, (1, 1)))


@dataclass(frozen=True, eq=False)
class Series:
    """Numbers of one policy.

    Parameters
    ----------
    label
        What the policy is called in the legend.
    x, y
        Abscissae and values; what they are is said by the plot.
    """

    label: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]


def plot_throughput(
    series: Sequence[Series],
    arrived: Series | None = None,
    ax: Axes | None = None,
    unit: str = "rounds",
) -> Axes:
    """Draw tokens completed a unit of time, window by window.

    Parameters
    ----------
    series
        One a policy: ``k+1`` edges of windows and ``k`` values.
    arrived
        What arrived, drawn as an area behind them; None for nothing.
    ax
        Where to draw; None for a new figure, one column wide.
    unit
        Unit of time.
    """
    _refuse_uneven(series, edges=1)
    with house_style():
        ax = new_axis(ONE_COLUMN) if ax is None else ax
        if arrived is not None:
            ax.stairs(
                arrived.y,
                arrived.x,
                fill=True,
                color="#dddddd",
                label=arrived.label,
            )
        for k, curve in enumerate(series):
            ax.stairs(
                curve.y,
                curve.x,
                color=COLOURS[k % len(COLOURS)],
                linestyle=DASHES[k // len(COLOURS) % len(DASHES)],
                linewidth=1.1,
                label=curve.label,
            )
        _frame(ax, f"time ({unit})", f"output tokens / {_one(unit)}")
    return ax


def plot_usage(
    series: Sequence[Series],
    memory: int,
    ax: Axes | None = None,
    unit: str = "rounds",
) -> Axes:
    """Draw the memory in use over time, and the limit.

    Parameters
    ----------
    series
        One a policy: points in time and the units in use, joined by lines.
    memory
        The limit ``M``, in units.
    ax
        Where to draw; None for a new figure, one column wide.
    unit
        Unit of time.
    """
    _refuse_uneven(series, edges=0)
    with house_style():
        ax = new_axis(ONE_COLUMN) if ax is None else ax
        for k, curve in enumerate(series):
            ax.plot(
                curve.x,
                curve.y,
                color=COLOURS[k % len(COLOURS)],
                linestyle=DASHES[k // len(COLOURS) % len(DASHES)],
                linewidth=0.7,
                label=curve.label,
            )
        ax.axhline(memory, color=INK, linestyle=(0, (5, 2)), linewidth=0.9)
        _frame(ax, f"time ({unit})", "KV cache in use (tokens)")
    return ax


@dataclass(frozen=True, eq=False)
class Usage:
    """Memory of one policy, window by window; all of shape ``(k,)``.

    Parameters
    ----------
    begin, end
        Ends of each window, in units of time.
    least, mean, most
        Units in use in it.
    """

    begin: NDArray[np.float64]
    end: NDArray[np.float64]
    least: NDArray[np.float64]
    mean: NDArray[np.float64]
    most: NDArray[np.float64]


def plot_usage_windows(
    usage: Usage, memory: int, ax: Axes | None = None
) -> Axes:
    """Draw mean and range of the memory in use, and the limit.

    For a panel a policy: memory goes up and down too often for curves of
    several policies in one.

    Parameters
    ----------
    usage
        The windows, at least one.
    memory
        The limit ``M``, in units.
    ax
        Where to draw; None for a new figure, one column wide.
    """
    if not len(usage.mean):
        raise InputError("there is nothing to draw", field="usage", value=[])
    with house_style():
        ax = new_axis(ONE_COLUMN) if ax is None else ax
        edges = np.append(usage.begin, usage.end[-1])
        ax.stairs(
            usage.most,
            edges,
            baseline=usage.least,
            fill=True,
            color=COLOURS[0],
            alpha=0.25,
            linewidth=0,
        )
        ax.stairs(usage.mean, edges, baseline=None, color=COLOURS[0])
        ax.axhline(memory, color=INK, linestyle=(0, (5, 2)), linewidth=0.9)
        ax.set_ylim(0, 1.08 * memory)
        ax.set_xlim(edges[0], edges[-1])
        ax.grid(axis="y", color="#eeeeee", linewidth=0.5)
    return ax


def plot_latency_cdf(
    series: Sequence[Series], ax: Axes | None = None, unit: str = "rounds"
) -> Axes:
    """Draw the share of requests served within a latency, on a log axis.

    Parameters
    ----------
    series
        One a policy: latencies in increasing order, all positive, and the
        share of requests that each is not exceeded by.
    ax
        Where to draw; None for a new figure, one column wide.
    unit
        Unit of time.
    """
    _refuse_uneven(series, edges=0)
    with house_style():
        ax = new_axis(ONE_COLUMN) if ax is None else ax
        for k, curve in enumerate(series):
            ax.step(
                curve.x,
                curve.y,
                where="post",
                color=COLOURS[k % len(COLOURS)],
                linestyle=DASHES[k // len(COLOURS) % len(DASHES)],
                label=curve.label,
            )
        _frame(ax, f"latency ({unit})", "share of requests")
        ax.set_xscale("log")
        plain_log_ticks(ax.xaxis)
        ax.set_xlim(left=min(float(curve.x[0]) for curve in series))
        ax.set_ylim(0, 1)
    return ax


def _refuse_uneven(series: Sequence[Series], edges: int) -> None:
    if not series:
        raise InputError("there is nothing to draw", field="series", value=[])
    for curve in series:
        if len(curve.x) != len(curve.y) + edges or not len(curve.y):
            raise InputError(
                f"must be {edges} more than the values, {len(curve.y)}",
                field="x",
                value=f"{len(curve.x)} numbers",
                where=curve.label,
            )


def _frame(ax: Axes, x: str, y: str) -> None:
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.set_ylim(bottom=0)
    ax.grid(axis="y", color="#eeeeee", linewidth=0.5)
    ax.tick_params(color=MUTED)


def _one(unit: str) -> str:
    return unit.removesuffix("s") if unit == "rounds" else unit
