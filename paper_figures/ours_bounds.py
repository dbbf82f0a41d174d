"""Ours: how close lower bounds come to the optimum, against the size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from kvopt.experiments.bound_quality import (
    SEARCH,
    BoundRow,
    BoundTask,
    bound_sweep_task,
)
from kvopt.plots import ScalingCurve, house_style, plot_scaling
from paper_figures.frame.figure import Findings
from paper_figures.frame.serving import estimate, values
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FULL", "SECONDS", "Settings", "data", "describe", "draw"]

METHODS = {
    "area": "area",
    "mean-busy-time": "mean busy time",
    "lp": "LP of the plain IP",
    "lp-cuts": "LP with cuts",
    "lagrangian": "state-space relaxation",
    SEARCH: "search",
}
MODEL = "model-1"

SECONDS = 40.0


@dataclass(frozen=True)
class Settings:
    """How many instances, and how long each method may take.

    Parameters
    ----------
    sizes
        Numbers of requests.
    instances
        Instances of each size.
    time_limit
        Seconds of each method, and of the search.
    seed
        Seed of the instances.
    """

    sizes: tuple[int, ...] = (6, 10, 14)
    instances: int = 5
    time_limit: float = 2.0
    seed: int = 0


FULL = Settings(sizes=(6, 10, 14, 18, 24, 30), instances=10, time_limit=30.0)


def data(settings: Settings, work: Work) -> list[BoundRow]:
    """Compute every bound of every instance."""
    return work.run(
        bound_sweep_task,
        [
            BoundTask(
                method, MODEL, size, index, settings.seed, settings.time_limit
            )
            for size in sorted(settings.sizes)
            for index in range(settings.instances)
            for method in METHODS
        ],
        BoundRow,
        "bounds",
    )


def gaps(rows: Sequence[BoundRow], method: str, size: int) -> list[float]:
    """Return by how many per cent bounds are below the best schedule."""
    best = {
        row.index: row.best
        for row in rows
        if row.requests == size and row.best is not None
    }
    return [
        100 * (1 - row.bound / best[row.index])
        for row in rows
        if (row.method, row.requests) == (method, size)
    ]


def describe(data: Sequence[BoundRow], settings: Settings) -> Findings:
    """Give the mean gap of each method at each size."""
    sizes = sorted(settings.sizes)
    searched = [row for row in data if row.method == SEARCH]
    proved = sum(row.bound == row.best for row in searched)
    return Findings(
        f"Lower bounds within {settings.time_limit:g} s",
        proved=(
            f"{proved} of {len(searched)} optima proved by the search in "
            f"{settings.time_limit:g} s",
        ),
        not_proved=tuple(
            f"{name}: {np.mean(gaps(data, method, sizes[-1])):.1f} % below "
            f"the best schedule at n = {sizes[-1]}"
            for method, name in METHODS.items()
        ),
        numbers={
            "settings": asdict(settings),
            "rows": [asdict(row) for row in data],
        },
        table=(
            ("method", *(f"n = {n}" for n in sizes), "seconds"),
            [
                (
                    name,
                    *(f"{np.mean(gaps(data, m, n)):.2f} %" for n in sizes),
                    f"{np.mean(values(data, 'runtime', method=m)):.2f}",
                )
                for m, name in METHODS.items()
            ],
        ),
        shows="How far lower bounds are below the best schedule found, mean "
        f"and 95 % interval over {settings.instances} instances of P1's "
        f"model 1, {settings.time_limit:g} s a method",
        original="nobody; P1's integer program is the LP here",
        notes=(
            "the schedule is that of the search, the optimum where it is "
            "proved: the gap of another method is at most what is drawn",
            "what a method reaches within its time limit depends on the "
            "machine, and on what else runs there",
        ),
        same=("P1's instances of arrival model 1, with fewer requests",),
        differs=("P1 gives no bounds",),
    )


def draw(data: Sequence[BoundRow], settings: Settings) -> Figure:
    """Draw the gap of each method against the number of requests."""
    from matplotlib.figure import Figure

    sizes = np.array(sorted(settings.sizes))
    curves = []
    for method, name in METHODS.items():
        points = [estimate(gaps(data, method, n), 0.0) for n in sizes.tolist()]
        low, mean, high = np.array(points).T
        # A proved optimum has no gap, and no place on an axis of powers.
        shown = np.maximum(mean, 1e-9)
        curves.append(ScalingCurve(name, sizes, shown, np.array([low, high])))
    with house_style():
        figure = Figure(figsize=(5.0, 2.8), layout="constrained")
        ax = figure.subplots()
        plot_scaling(
            curves, ax, "number of requests", "below the best schedule (%)"
        )
        ax.set(xscale="linear", yscale="linear")
        ax.set_ylim(bottom=-1)
        ax.set_xticks(sizes)
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure
