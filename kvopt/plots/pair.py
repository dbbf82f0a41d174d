"""Two schedules of one instance side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kvopt.model import Instance, Schedule
from kvopt.plots.memory import plot_memory

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_pair"]

# Points between a title and the legend below it.
PAD = 14.0


def plot_pair(
    instance: Instance,
    schedules: Sequence[tuple[str, Schedule]],
    axes: Sequence[Axes],
) -> None:
    """Draw the memory of schedules on one scale of time, with their costs.

    Parameters
    ----------
    instance
        The instance.
    schedules
        What each is called, and the schedule.
    axes
        Where each is drawn.
    """
    end = max(schedule.makespan for _, schedule in schedules)
    for (label, schedule), ax in zip(schedules, axes, strict=True):
        plot_memory(instance, schedule, ax, end)
        cost = schedule.total_latency(instance)
        ax.set_title(f"{label}, total latency {cost:,}", pad=PAD)
