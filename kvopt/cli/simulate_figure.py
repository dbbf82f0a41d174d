"""The figure of ``kvopt simulate``: three panels, a curve a policy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kvopt.model import SimulationResult

if TYPE_CHECKING:
    from kvopt.plots import Series

__all__ = ["Drawing"]

# Windows of the throughput, over the time of the first policy.
_WINDOWS = 60


def _same(one: Series, other: Series) -> bool:
    return np.array_equal(one.x, other.x) and np.array_equal(one.y, other.y)


class Drawing:
    """What has to be drawn of the simulations so far."""

    def __init__(self) -> None:
        self.unit, self.memory, self.window = "rounds", 0, 0.0
        self.arrived: Series | None = None
        self.completed: list[Series] = []
        self.usage: list[Series] = []
        self.latency: list[Series] = []

    def add(self, result: SimulationResult, seed: int) -> None:
        """Add a simulation, if it is of the seed that is drawn."""
        from kvopt.analysis.timeline import (
            throughput_of,
            timeline_of,
            usage_of,
            usage_windows,
        )
        from kvopt.plots import Series

        if result.seed != seed:
            return
        times, name = result.times, result.policy
        if not self.window:
            span = float(times.units(times.end.max() - times.arrival[0]))
            self.window = span / _WINDOWS
            if times.unit == "rounds":
                # Nothing happens within a round.
                self.window = max(1.0, self.window)
        self.unit, self.memory = times.unit, result.instance.memory
        flow = throughput_of(result, self.window)
        if self.arrived is None:
            self.arrived = Series("arriving", flow.edges, flow.arrived)
        completed = Series(name, flow.edges, flow.completed)
        points = usage_of(result, timeline_of(result))
        span = float(points[0][-1] - points[0][0])
        count = min(_WINDOWS, max(1, int(span / self.window)))
        # Means: the ups and downs of several policies would cover each other.
        usage = usage_windows(*points, count)
        middle = (usage.edges[1:] + usage.edges[:-1]) / 2
        done = result.schedule.completed
        latency = np.sort(
            times.units(
                times.end[done] - times.arrival[result.schedule.request[done]]
            )
        )
        share = np.arange(1, latency.size + 1) / latency.size
        self._keep(
            completed,
            Series(name, middle, usage.mean),
            Series(name, latency, share),
        )

    def _keep(self, *found: Series) -> None:
        """Add the curves of a policy, or its name to those it lies on."""
        drawn = (self.completed, self.usage, self.latency)
        for others in zip(*drawn, strict=True):
            if all(map(_same, found, others)):
                both = f"{others[0].label} = {found[0].label}"
                for series, other in zip(drawn, others, strict=True):
                    series[series.index(other)] = replace(other, label=both)
                return
        for series, one in zip(drawn, found, strict=True):
            series.append(one)

    def save(self, path: Path) -> None:
        """Draw what there is; nothing if no policy has finished."""
        if not self.usage:
            return
        from matplotlib.figure import Figure

        from kvopt.plots import (
            house_style,
            plot_latency_cdf,
            plot_throughput,
            plot_usage,
            save_figure,
        )

        with house_style():
            figure = Figure(figsize=(7.0, 2.5), layout="constrained")
            left, middle, right = figure.subplots(1, 3)
            plot_throughput(self.completed, self.arrived, left, self.unit)
            plot_usage(self.usage, self.memory, middle, self.unit)
            plot_latency_cdf(self.latency, right, self.unit)
            handles, labels = left.get_legend_handles_labels()
            figure.legend(
                handles,
                labels,
                loc="outside upper center",
                ncols=min(4, len(labels)),
            )
        save_figure(figure, path.with_suffix(""))
