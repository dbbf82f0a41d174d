"""The figure of ``kvopt adversary``: two schedules, and the search."""

from __future__ import annotations

from pathlib import Path

from kvopt.cli.adversary_report import Searched

__all__ = ["save_figure_of"]


def save_figure_of(found: Searched, policy: str, path: Path) -> None:
    """Draw the policy's schedule, the reference, and ratio against time.

    Parameters
    ----------
    found
        A search with a witness.
    policy
        The policy's text.
    path
        The picture, its ending included.
    """
    from matplotlib.figure import Figure

    from kvopt.plots import (
        Ascent,
        house_style,
        plot_ascents,
        plot_pair,
        save_figure,
    )

    assert found.best is not None
    best, state = found.best, found.result.state
    with house_style():
        figure = Figure(figsize=(7.0, 4.6), layout="constrained")
        grid = figure.add_gridspec(2, 2, height_ratios=(3, 2))
        left = figure.add_subplot(grid[0, 0])
        right = figure.add_subplot(grid[0, 1], sharey=left)
        kind = "optimum" if best.optimal else "reference"
        drawn = ((policy, best.algorithm), (kind, best.reference))
        plot_pair(best.instance, drawn, (left, right))
        seconds = [point.seconds for point in state.curve]
        ratios = [point.ratio for point in state.curve]
        curve = Ascent(state.strategy.name, seconds, ratios, state.seconds)
        plot_ascents([curve], figure.add_subplot(grid[1, :]))
    save_figure(figure, path.with_suffix(""))
