"""Mean latency against the number of requests, one curve a policy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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

__all__ = ["LatencyCurve", "plot_latency_curves"]

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
# Curves beyond the number of colours repeat them with other dashes.
DASHES = ("solid", (0, (4, 1.5)), (0, (1, 1)))


@dataclass(frozen=True, eq=False)
class LatencyCurve:
    """Mean latency of one policy.

    Parameters
    ----------
    label
        What the policy is called in the legend.
    requests
        Numbers of requests, shape ``(k,)``, increasing.
    mean
        Mean latency at each, shape ``(k,)``.
    low, high
        Ends of an error band, shape ``(k,)`` each; both or neither.

    Raises
    ------
    InputError
        When a column has not the length of ``requests``, or one end of the
        band is missing.
    """

    label: str
    requests: NDArray[np.int64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64] | None = None
    high: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        if (self.low is None) != (self.high is None):
            missing = "low" if self.low is None else "high"
            raise InputError(
                "a band needs both ends",
                field=missing,
                value=None,
                where=self.label,
            )
        for name in ("mean", "low", "high"):
            column = getattr(self, name)
            if column is not None and len(column) != len(self.requests):
                raise InputError(
                    f"has not the length of requests, {len(self.requests)}",
                    field=name,
                    value=f"{len(column)} values",
                    where=self.label,
                )


def plot_latency_curves(
    curves: Iterable[LatencyCurve],
    ax: Axes | None = None,
    unit: str = "rounds",
) -> Axes:
    """Draw mean latency against the number of requests.

    Colour, marker and dash follow the order of the curves; the legend lists
    them as they end on the right, the highest first.

    Parameters
    ----------
    curves
        At least one.
    ax
        Where to draw; None for a new figure, one column wide.
    unit
        Unit of the latencies.
    """
    curves = list(curves)
    if not curves:
        raise InputError("there is nothing to draw", field="curves", value=[])
    with house_style():
        ax = new_axis(ONE_COLUMN) if ax is None else ax
        for k, curve in enumerate(curves):
            colour = COLOURS[k % len(COLOURS)]
            if curve.low is not None and curve.high is not None:
                draw_band(ax, curve.requests, curve.low, curve.high, colour)
            ax.plot(
                curve.requests,
                curve.mean,
                color=colour,
                # Beside a colour that comes again stands another marker.
                marker=MARKERS[(k + 3 * (k // len(COLOURS))) % len(MARKERS)],
                linestyle=DASHES[k // len(COLOURS) % len(DASHES)],
                markeredgecolor="white",
                markeredgewidth=0.5,
                label=curve.label,
                clip_on=False,
            )
        ax.set_xlabel("number of requests")
        ax.set_ylabel(f"mean latency ({unit})")
        ax.set_xlim(left=0)
        ax.set_ylim(bottom=0)
        ax.grid(axis="y", color="#dddddd", linewidth=0.5)
        _legend(ax, curves)
    return ax


def _legend(ax: Axes, curves: list[LatencyCurve]) -> None:
    order = np.argsort([-float(curve.mean[-1]) for curve in curves])
    handles, labels = ax.get_legend_handles_labels()
    # Handles that the caller drew before ours stay out of the legend.
    handles, labels = handles[-len(curves) :], labels[-len(curves) :]
    # The upper left corner is empty as a rule, but not very large.
    place: dict[str, Any] = {"loc": "upper left"}
    if len(curves) > 4:
        place = {"loc": "center left", "bbox_to_anchor": (1.0, 0.5)}
    ax.legend(
        [handles[k] for k in order],
        [labels[k] for k in order],
        **place,
        handletextpad=0.5,
        labelspacing=0.35,
    )
