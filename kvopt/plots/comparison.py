"""Policies side by side by several metrics, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from kvopt.model import InputError
from kvopt.plots.intervals import IntervalRow, plot_interval_rows
from kvopt.plots.style import INK, house_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ComparedRow", "plot_comparison"]


class ComparedRow(Protocol):
    """One metric of one policy, and its difference to the first policy.

    The attributes are those of
    :class:`kvopt.analysis.paired.ComparisonRow`.
    """

    @property
    def policy(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def less(self) -> bool: ...
    @property
    def mean(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def difference(self) -> float | None: ...
    @property
    def difference_low(self) -> float | None: ...
    @property
    def difference_high(self) -> float | None: ...


def plot_comparison(rows: Sequence[ComparedRow]) -> Figure:
    """Draw a column a metric: means above, paired differences below.

    Arrows at the labels say in which direction a policy is better; where
    there is no interval the marker stands alone.

    Parameters
    ----------
    rows
        A row a policy and metric; those without a mean are left out.

    Returns
    -------
    Figure
        Two columns wide, as high as its policies need.
    """
    drawn = [row for row in rows if row.mean is not None]
    if not drawn:
        raise InputError(
            "there is nothing to draw", field="rows", value=list(rows)
        )
    # matplotlib is loaded when something is drawn.
    from matplotlib.figure import Figure

    first = drawn[0].policy
    others = [row for row in drawn if row.policy != first]
    metrics = list(dict.fromkeys(row.title for row in drawn))
    counts = [
        len({row.policy for row in part}) for part in (drawn, others) if part
    ]
    with house_style():
        figure = Figure(
            figsize=(7.0, sum(0.75 + 0.22 * count for count in counts)),
            layout="constrained",
        )
        axes = figure.subplots(
            len(counts),
            len(metrics),
            sharey="row",
            squeeze=False,
            height_ratios=[0.5 + count for count in counts],
        )
        for k, title in enumerate(metrics):
            own = [row for row in drawn if row.title == title]
            means = [
                _point(row.policy, row.mean, row.low, row.high) for row in own
            ]
            _panel(axes[0, k], own[0], means)
            if not others:
                continue
            apart = [
                _point(
                    row.policy,
                    row.difference,
                    row.difference_low,
                    row.difference_high,
                )
                for row in own
                if row.policy != first
            ]
            _panel(axes[1, k], own[0], apart)
            axes[1, k].axvline(0, color=INK, linewidth=0.6)
        if others:
            axes[1, 0].set_title(f"minus {first}, seed by seed", loc="left")
    return figure


def _panel(
    ax: Axes, metric: ComparedRow, points: Sequence[IntervalRow]
) -> None:
    mark = "← {}\n({})" if metric.less else "{} →\n({})"
    label = mark.format(metric.title, metric.unit)
    plot_interval_rows(points, ("",), ax, label)
    ax.locator_params(axis="x", nbins=4)
    ax.margins(x=0.12)


def _point(
    label: str, value: float | None, low: float | None, high: float | None
) -> IntervalRow:
    if value is None:
        return IntervalRow(label, (None,))
    low, high = value if low is None else low, value if high is None else high
    return IntervalRow(label, ((low, value, high),))
