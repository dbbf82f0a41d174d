"""Policies side by side by several metrics, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvopt.model import InputError
from kvopt.plots.intervals import IntervalRow, plot_interval_rows
from kvopt.plots.style import INK, house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ComparisonPanel", "plot_comparison"]


@dataclass(frozen=True)
class ComparisonPanel:
    """One metric of several policies.

    Parameters
    ----------
    quantity, unit
        What the numbers are, and in what.
    less
        Whether less is better.
    means
        A policy each, from top to bottom, with one point; the same policies
        in every panel.
    differences
        The same of the differences to the first policy, for the others.
    """

    quantity: str
    unit: str
    less: bool
    means: tuple[IntervalRow, ...]
    differences: tuple[IntervalRow, ...]


def plot_comparison(panels: Sequence[ComparisonPanel], first: str) -> Figure:
    """Draw a column a metric: means above, paired differences below.

    Parameters
    ----------
    panels
        At least one. Arrows at the labels say in which direction a policy is
        better; where there is no interval the marker stands alone.
    first
        The policy to which the differences are.

    Returns
    -------
    Figure
        Two columns wide, as high as its policies need.
    """
    if not panels:
        raise InputError(
            "there is nothing to draw", field="panels", value=list(panels)
        )
    # matplotlib is loaded when something is drawn.
    from matplotlib.figure import Figure

    counts = [len(panels[0].means), len(panels[0].differences)]
    counts = [count for count in counts if count]
    with house_style():
        height = sum(0.75 + 0.22 * count for count in counts)
        figure = Figure(figsize=(7.0, height), layout="constrained")
        axes = figure.subplots(
            len(counts),
            len(panels),
            sharey="row",
            squeeze=False,
            height_ratios=[0.5 + count for count in counts],
        )
        for k, panel in enumerate(panels):
            mark = "← {}\n({})" if panel.less else "{} →\n({})"
            label = mark.format(panel.quantity, panel.unit)
            plot_interval_rows(panel.means, ("",), axes[0, k], label)
            axes[0, k].locator_params(axis="x", nbins=4)
            axes[0, k].margins(x=0.12)
            if len(counts) == 1:
                continue
            below = axes[1, k]
            plot_interval_rows(panel.differences, ("",), below, label)
            below.axvline(0, color=INK, linewidth=0.6)
            below.locator_params(axis="x", nbins=4)
            below.margins(x=0.12)
        if len(counts) == 2:
            axes[1, 0].set_title(f"minus {first}, seed by seed", loc="left")
    return figure
