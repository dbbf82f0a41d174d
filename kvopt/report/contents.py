"""What a report shows: schedules of an instance, tables, distributions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kvopt.model import (
    InputError,
    Instance,
    Reason,
    Schedule,
    SimulationResult,
)
from kvopt.model.serving import serving_spec

__all__ = ["Distribution", "ReportTable", "Scene", "scenes_of"]

# Most steps of a distribution: with more of them no eye sees a difference.
_STEPS = 400


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
        each request once, by the rules of the papers.
    reasons
        For each schedule why requests started, waited or were cancelled,
        in the order of the decisions; empty where that is not known.

    Raises
    ------
    InputError
        For a schedule of a server with other rules: its requests hold other
        amounts than would be drawn.
    """

    title: str
    instance: Instance
    schedules: tuple[tuple[str, Schedule], ...]
    reasons: tuple[tuple[Reason, ...], ...] = ()

    def __post_init__(self) -> None:
        for label, schedule in self.schedules:
            if not schedule.serving.plain:
                raise InputError(
                    "cannot be shown: the page draws the papers' model only",
                    field="serving",
                    value=serving_spec(schedule.serving),
                    where=label,
                )

    def payload(self) -> dict[str, Any]:
        """Return what the page's script reads: plain JSON values."""
        instance = self.instance
        unsaid: tuple[Reason, ...] = ()
        reasons = self.reasons or (unsaid,) * len(self.schedules)
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
                    "reasons": _reason_columns(why),
                }
                for (label, schedule), why in zip(
                    self.schedules, reasons, strict=True
                )
            ],
        }


def _reason_columns(reasons: Sequence[Reason]) -> dict[str, Any]:
    """Return reasons by columns, each text once."""
    place: dict[str, int] = {}
    for reason in reasons:
        place.setdefault(reason.text, len(place))
    return {
        "texts": list(place),
        "text": [place[reason.text] for reason in reasons],
        "round": [reason.round for reason in reasons],
        "request": [reason.request for reason in reasons],
        "action": [reason.action for reason in reasons],
        "belief": [reason.belief for reason in reasons],
    }


def scenes_of(results: Sequence[SimulationResult]) -> list[Scene]:
    """Return simulations as scenes, those of one instance side by side.

    Parameters
    ----------
    results
        Simulations. With a clock that measures seconds the rounds of two
        policies are not at the same time, and each has a scene of its own.
    """
    of: dict[tuple[str, str], list[SimulationResult]] = {}
    for result in results:
        own = "" if result.measured is None else result.policy
        of.setdefault((result.instance.hash, own), []).append(result)
    scenes = []
    for (_, own), group in of.items():
        instance = group[0].instance
        name = instance.name or instance.hash
        scenes.append(
            Scene(
                f"{name}: iterations of {own}" if own else name,
                instance,
                tuple((r.policy, r.schedule) for r in group),
                tuple(r.reasons or () for r in group),
            )
        )
    return scenes


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
    summary
        The table above the curves; its title is that of both.
    quantity
        What is distributed, with its unit.
    labels
        Names of the curves.
    values
        Their observations, one array each.
    """

    summary: ReportTable
    quantity: str
    labels: tuple[str, ...]
    values: tuple[NDArray[np.float64], ...]

    def payload(self) -> dict[str, Any]:
        """Return the table and the steps: plain JSON values."""
        return {
            **self.summary.payload(),
            "quantity": self.quantity,
            "labels": list(self.labels),
            "curves": [_steps(values) for values in self.values],
        }


def _steps(values: NDArray[np.float64]) -> dict[str, list[float]]:
    """Return where steps are, and the share at or below each of them."""
    steps = min(values.size, _STEPS)
    shares = np.arange(1, steps + 1)
    # Whole numbers: a share that is rounded up would be the next value's.
    places = -(-shares * values.size // steps) - 1
    return {
        "rounds": np.sort(values)[places].tolist(),
        "values": (shares / steps).tolist(),
    }
