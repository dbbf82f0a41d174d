"""P2: ratio against memory on the trap of FCFS and shortest-first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from kvopt.experiments.families import (
    FamilyRow,
    FamilyTask,
    family_sweep_task,
)
from kvopt.model import InputError
from kvopt.plots import (
    Curve,
    Formula,
    house_style,
    legend_below,
    plot_curves,
    plot_formulas,
)
from kvopt.plots.style import ONE_COLUMN, plain_log_ticks
from kvopt.workloads.families.trap import light_first_cost
from paper_figures.frame.curves import said_of_overlaps
from paper_figures.frame.figure import Findings
from paper_figures.frame.serving import label
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FULL", "SECONDS", "Settings", "data", "describe", "draw"]

POLICIES = (
    "fcfs",
    "sf",
    "mc-sf",
    "peak-order",
    "sorted-f",
    "sorted-f:selector=local-swap",
    "sorted-f:selector=local-swap,first=output",
    "sorted-f:selector=quantile-greedy",
)

SECONDS = 10.0


@dataclass(frozen=True)
class Settings:
    """How large the traps are.

    Parameters
    ----------
    memories
        Values of ``M``.
    """

    memories: tuple[int, ...] = (30, 60, 150, 300, 600, 1_500, 3_000)

    def __post_init__(self) -> None:
        if min(self.memories) < 30:
            raise InputError(
                "must be at least 30", field="memories", value=self.memories
            )


FULL = Settings(
    memories=(30, 60, 150, 300, 600, 1_500, 3_000, 6_000, 15_000, 30_000)
)


def data(settings: Settings, work: Work) -> list[FamilyRow]:
    """Simulate every policy on every trap, beside SVF."""
    tasks = [
        FamilyTask("trap", f"memory={memory}", policy, "svf", 0)
        for memory in settings.memories
        for policy in POLICIES
    ]
    return work.run(family_sweep_task, tasks, FamilyRow, "traps")


def light_first(memory: int) -> int:
    """Return the cost of the light requests first, in rounds."""
    light = memory // 3
    return light_first_cost(round(2 * math.sqrt(light)), light)


def curves(rows: Sequence[FamilyRow]) -> list[Curve]:
    """Return the ratio of each policy; those that agree share a curve."""
    ratios = {
        policy: [
            (row.memory, row.ratio)
            for row in rows
            if row.policy == policy and row.ratio is not None
        ]
        for policy in POLICIES
    }
    alike: dict[tuple[tuple[int, float], ...], list[str]] = {}
    for policy, found in ratios.items():
        if found:
            alike.setdefault(tuple(found), []).append(policy)
    return [
        Curve(
            ", ".join(map(_short, policies)),
            np.array([float(memory) for memory, _ in found]),
            np.array([ratio for _, ratio in found]),
            turn=turn,
        )
        for turn, (found, policies) in enumerate(alike.items())
    ]


def _short(policy: str) -> str:
    name = label(policy).replace("selector=", "").replace("first=", "by ")
    return name.replace("Sorted-F, ", "Sorted-F: ")


def describe(data: Sequence[FamilyRow], settings: Settings) -> Findings:
    """Say which policies fall into the trap."""
    most = max(settings.memories)
    drawn = curves(data)
    reference = {row.memory: row.reference_cost for row in data}
    exact = all(light_first(m) == cost for m, cost in reference.items())
    expected = math.sqrt(most / 12)
    return Findings(
        f"The trap of P2 up to M = {most}",
        proved=(
            f"{sum(row.ratio is not None for row in data)} of {len(data)} "
            "runs and as many of SVF have schedules that the checker accepts",
        )
        + (("SVF serves the light requests first on every trap",) * exact),
        not_proved=tuple(
            f"{label(row.policy)} at M = {row.memory}: {row.error}"
            for row in data
            if row.ratio is None
        ),
        numbers={
            "settings": asdict(settings),
            "rows": [asdict(row) for row in data],
        },
        table=(
            ("policies", *(f"M = {m}" for m in settings.memories)),
            [
                (curve.label, *(f"{v:.2f}" for v in curve.value))
                for curve in drawn
            ],
        ),
        shows="Total latency over that of SVF, which serves the light "
        "requests first, against M",
        original="P2 (arXiv 2508.06133): FCFS and shortest-first are "
        "unbounded, Omega(sqrt M); its instances were not found",
        notes=(
            *(
                f"{curve.label}: {curve.value[-1]:.2f} at M = {most}"
                for curve in drawn
            ),
            f"the root of M/12 is {expected:.2f} there",
            *said_of_overlaps({"traps": drawn}),
        ),
        same=("the ratio of FCFS and shortest-first grows as the root of M",),
        differs=(
            "the instance is a reconstruction (readings.md 2.3): heavy "
            "requests (M-1, 1) and M/3 light ones (1, 2)",
            "nothing is random here: one run a point",
            "peak order is not in the original",
        ),
    )


def draw(data: Sequence[FamilyRow], settings: Settings) -> Figure:
    """Draw ratio against memory, and the root."""
    from matplotlib.figure import Figure

    memories = np.array(sorted(settings.memories), float)
    root = Formula(r"$\sqrt{M/12}$", memories, np.sqrt(memories / 12))
    with house_style():
        figure = Figure(figsize=(ONE_COLUMN[0], 3.2), layout="constrained")
        ax = figure.subplots()
        plot_curves(curves(data), ax, "memory M (units)", "ratio to SVF")
        plot_formulas([root], ax)
        ax.set(xscale="log", yscale="log")
        plain_log_ticks(ax.xaxis, (1, 3))
        plain_log_ticks(ax.yaxis)
        legend_below(figure, [ax], 1)
    return figure
