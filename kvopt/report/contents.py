"""What a report shows: schedules of an instance, tables, distributions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kvopt.model import Instance, Schedule

__all__ = ["Distribution", "ReportTable", "Scene"]

# Points of a distribution; between two of them a line is near enough.
_POINTS = 401


@dataclass(frozen=True)
class Scene:
    """Schedules of one instance, side by side on one axis of time.

    Parameters
    ----------
    title
        What it is called.
    instance
        The instance.
    schedules
        Label and schedule of each; at least one. Every schedule completes
        each request once.
    """

    title: str
    instance: Instance
    schedules: tuple[tuple[str, Schedule], ...]

    def payload(self) -> dict[str, Any]:
        """Return what the page's script reads: plain JSON values."""
        instance = self.instance
        return {
            "title": self.title,
            "memory": instance.memory,
            "arrival": instance.arrival.tolist(),
            "prompt": instance.prompt.tolist(),
            "output": instance.output.tolist(),
            "schedules": [
                {
                    "label": label,
                    "total": schedule.total_latency(instance),
                    **schedule.columns(),
                }
                for label, schedule in self.schedules
            ],
        }


@dataclass(frozen=True)
class ReportTable:
    """A table: columns, and rows of texts and numbers."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float | None, ...], ...]

    def payload(self) -> dict[str, Any]:
        """Return what the page's script reads: plain JSON values."""
        return {
            "title": self.title,
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
        }


@dataclass(frozen=True)
class Distribution:
    """Distribution functions of one quantity, a curve a label.

    Parameters
    ----------
    title
        What is distributed, with its unit.
    labels
        Names of the curves.
    values
        Their observations, one array each.
    """

    title: str
    labels: tuple[str, ...]
    values: tuple[NDArray[np.float64], ...]

    def payload(self) -> dict[str, Any]:
        """Return quantiles: plain JSON values."""
        shares = np.linspace(0, 1, _POINTS)
        return {
            "title": self.title,
            "labels": list(self.labels),
            "shares": shares.tolist(),
            "quantiles": [_quantiles(v, shares) for v in self.values],
        }


def _quantiles(
    values: NDArray[np.float64], shares: NDArray[np.float64]
) -> Sequence[float]:
    found: list[float] = np.quantile(values, shares).tolist()
    return found
