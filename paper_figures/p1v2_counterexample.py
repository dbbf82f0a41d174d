"""P1 v2, semi-online optimality: four requests on which MC-SF is not optimal.

No figure of the paper shows this; it is the picture of the first
counterexample to claim ``P1v2-semi-online`` of the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvopt.analysis import write_rows
from kvopt.check.gate import verified_latency
from kvopt.exact import solve
from kvopt.model import Instance, Schedule, Status
from kvopt.plots import house_style, plot_memory
from kvopt.simulation import simulate
from kvopt.workloads import library
from paper_figures.frame.figure import Findings
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "FULL",
    "SECONDS",
    "Pair",
    "Settings",
    "data",
    "describe",
    "draw",
    "pair_of",
]


@dataclass(frozen=True)
class RunRow:
    """One run of one schedule; times in rounds."""

    schedule: str
    request: int
    prompt: int
    output: int
    start: int
    stop: int


SECONDS = 1.0


@dataclass(frozen=True)
class Settings:
    """There is nothing to choose."""


FULL = Settings()


@dataclass(frozen=True)
class Pair:
    """An instance, and schedules of it by what they are called."""

    instance: Instance
    schedules: Mapping[str, Schedule]

    @property
    def costs(self) -> dict[str, int]:
        """The total latencies, in rounds, as the checker computes them."""
        return {
            title: verified_latency(self.instance, schedule)
            for title, schedule in self.schedules.items()
        }


def pair_of(instance: Instance) -> Pair:
    """Return MC-SF's schedule, and one that exhaustive search proves best."""
    best = solve(instance, solver="brute-force")
    assert best.status is Status.OPTIMAL
    return Pair(
        instance,
        {
            "MC-SF": simulate(instance, "mc-sf").schedule,
            "Optimum": best.schedule,
        },
    )


def data(settings: Settings, work: Work) -> Pair:
    """Make both schedules, and write the runs that the picture shows."""
    pair = pair_of(library.load("mcsf-16-15"))
    rows = [
        RunRow(
            title,
            run.request,
            int(pair.instance.prompt[run.request]),
            int(pair.instance.output[run.request]),
            run.start,
            run.stop,
        )
        for title, schedule in pair.schedules.items()
        for run in schedule.runs
    ]
    write_rows(rows, RunRow, work.csv())
    return pair


def draw(data: Pair, settings: Settings) -> Figure:
    """Draw the schedules side by side."""
    from matplotlib.figure import Figure

    pictures, costs = data.schedules, data.costs
    with house_style():
        figure = Figure(figsize=(7.0, 2.6), layout="constrained")
        axes = figure.subplots(1, len(pictures), sharey=True)
        last = max(schedule.makespan for schedule in pictures.values())
        for ax, (title, schedule) in zip(axes, pictures.items(), strict=True):
            plot_memory(data.instance, schedule, ax, last)
            ax.set_title(f"{title}: total latency {costs[title]}", pad=16)
        for ax in axes[1:]:
            ax.set_ylabel("")
            ax.get_legend().remove()
    return figure


def describe(data: Pair, settings: Settings) -> Findings:
    """Say by how much MC-SF misses the optimum."""
    costs = data.costs
    return Findings(
        "A counterexample to exact optimality",
        proved=(
            f"MC-SF has total latency {costs['MC-SF']}, the optimum is "
            f"{costs['Optimum']} (A* over all schedules), on s=1, M=6, "
            "o=(2,2,3,3), all present at 0",
        ),
        not_proved=(),
        numbers={"costs": costs, "instance": data.instance.document()},
        table=(
            ("schedule", "total latency", "starts"),
            [
                (title, str(costs[title]), starts_text(data.instance, made))
                for title, made in data.schedules.items()
            ],
        ),
        shows="Memory of MC-SF and of an optimal schedule on four requests",
        original="the claim of P1 v2 (arXiv 2502.07115v2, abstract) of exact "
        "optimality when all requests are present at 0",
        same=("equal prompts, known lengths, all requests present at 0",),
        differs=(
            "the paper has no such figure, and v4 and v5 do not repeat "
            "the claim",
            "that v2's algorithm is MC-SF is our reading",
        ),
    )


def starts_text(instance: Instance, schedule: Schedule) -> str:
    """Return the start rounds by request, such as ``"0, 0, 2, 4"``."""
    return ", ".join(map(str, schedule.starts(instance).tolist()))
