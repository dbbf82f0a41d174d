"""P5, Theorems 1 and 2: how gap and latency depend on the horizon.

The theorems scale arrivals by ``z`` and service times by ``1/z``; in units
of the service time that is a horizon of ``zT`` instead of ``T``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kvopt.experiments.staged_serving import StagedRow, StagedTask
from kvopt.plots import ScalingCurve, house_style, plot_scaling
from kvopt.plots.style import MUTED
from paper_figures.frame.figure import Findings
from paper_figures.frame.serving import estimate
from paper_figures.frame.staged import accepted, staged_runs
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["FULL", "SECONDS", "Settings", "data", "describe", "draw"]


class System(NamedTuple):
    """A policy with arrivals, and how the theorem bounds its gap."""

    title: str
    policy: str
    mix: str
    rate: float
    memory: int
    exponent: str


# l = l' = 1 with C = 12 is the paper's worked example: M* = C at 4 a round.
SYSTEMS = (
    System("FCFS, $M^*=C$", "staged-fcfs", "1:1", 4.0, 12, "constant on some"),
    System("WAIT, $M^*=C$", "wait:thresholds=1x1:4", "1:1", 4.0, 12, "-1/2"),
    System("WAIT, slack", "wait:thresholds=1x1:4", "1:1", 3.6, 12, "-1"),
    System(
        "Nested WAIT, slack",
        "nested-wait:ends=1+2,thresholds=4+3",
        "1:0.5+2:0.5",
        3.6,
        100,
        "-1",
    ),
)

SECONDS = 20.0


@dataclass(frozen=True)
class Settings:
    """How much to do; the defaults take about 20 seconds on two cores.

    Parameters
    ----------
    horizons
        Lengths of the arrivals, in rounds.
    seeds
        Number of runs of each.
    seed
        Seed of the first; the others follow.
    """

    horizons: tuple[int, ...] = (100, 300, 1_000, 3_000)
    seeds: int = 10
    seed: int = 0


FULL = Settings(horizons=(100, 300, 1_000, 3_000, 10_000, 30_000), seeds=30)


def data(settings: Settings, work: Work) -> list[StagedRow]:
    """Run every system at every horizon."""
    return staged_runs(
        [
            StagedTask(
                system.policy,
                1,
                system.mix,
                system.rate,
                horizon,
                system.memory,
                "unit",
                seed,
            )
            for horizon in sorted(settings.horizons, reverse=True)
            for seed in range(settings.seed, settings.seed + settings.seeds)
            for system in SYSTEMS
        ],
        work,
    )


def of(
    rows: Sequence[StagedRow], system: System, horizon: int
) -> list[StagedRow]:
    """Return the runs of a system with a horizon."""
    given = system.policy, system.rate, horizon
    return [
        row for row in rows if (row.policy, row.rate, row.duration) == given
    ]


def gap(row: StagedRow) -> float:
    """Return the tokens that arrived and were not served, a round."""
    return row.tokens_arrived - row.tokens


def curve(
    rows: Sequence[StagedRow], system: System, column: str
) -> ScalingCurve:
    """Return gap or latency against the horizon, with its band."""
    horizons = sorted({row.duration for row in rows})
    points = []
    for horizon in horizons:
        found = [
            gap(row) if column == "gap" else row.mean
            for row in of(rows, system, horizon)
        ]
        # Axes are logarithmic: the band ends with the least run.
        points.append(estimate(found, min(found)))
    low, mean, high = np.array(points).T
    return ScalingCurve(
        system.title, np.array(horizons), mean, np.array([low, high])
    )


def slope(rows: Sequence[StagedRow], system: System, column: str) -> float:
    """Return the slope between the last two horizons, on log axes."""
    found = curve(rows, system, column)
    if found.size.size < 2:
        return float("nan")
    last = np.diff(np.log(found.cost[-2:])) / np.diff(np.log(found.size[-2:]))
    return float(last[0])


def describe(data: Sequence[StagedRow], settings: Settings) -> Findings:
    """Say which exponents come out."""
    lines = []
    for system in SYSTEMS:
        found = curve(data, system, "gap")
        lines.append(
            (
                system.title.replace("$", ""),
                f"{system.rate:g}",
                *(f"{value:.4f}" for value in found.cost),
                f"{slope(data, system, 'gap'):.2f}",
                system.exponent,
                f"{slope(data, system, 'mean'):.2f}",
            )
        )
    return Findings(
        "P5: the throughput gap against the horizon",
        proved=(accepted(data),),
        not_proved=tuple(
            f"{name}: the gap falls with exponent {measured} between the "
            f"last two horizons, the theorem says {said}; latency grows "
            f"with exponent {latency}"
            for name, *_, measured, said, latency in lines
        ),
        numbers={
            "settings": asdict(settings),
            "rows": [asdict(row) for row in data],
        },
        table=(
            (
                "system",
                "rate",
                *(f"gap at {h}" for h in sorted(settings.horizons)),
                "exponent",
                "theorem",
                "of latency",
            ),
            lines,
        ),
        shows="Gap between the tokens that arrive and those of completed "
        "requests, a round (left), and mean latency (right), against the "
        f"horizon, mean and 95 % interval over {settings.seeds} runs; lines "
        "of slope -1/2 and -1",
        original="P5 (arXiv 2504.11320), Theorems 1 and 2 and the lower "
        "bounds for C = M*",
        notes=(
            "an exponent of 0 is a share that is lost for ever, one below 0 "
            "a share that vanishes as the horizon grows",
        ),
        same=("l = l' = 1, C = 12, 4 requests a round: M* = C",),
        differs=(
            "the paper proves the rates and draws no picture of them",
            "slack is a rate of 3.6 instead of 4; Nested WAIT has outputs 1 "
            "and 2 in equal shares",
            "the gap is taken to what arrived in the run, whose mean is "
            "lambda l'",
        ),
    )


def draw(data: Sequence[StagedRow], settings: Settings) -> Figure:
    """Draw gap and latency, both against the horizon."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(7.0, 3.2), layout="constrained")
        left, right = figure.subplots(1, 2)
        for ax, column, name in (
            (left, "gap", "throughput gap (tokens a round)"),
            (right, "mean", "mean latency (rounds)"),
        ):
            curves = [curve(data, system, column) for system in SYSTEMS]
            plot_scaling(curves, ax, "horizon $zT$ (rounds)", name)
            ax.get_legend().remove()
        figure.legend(
            *left.get_legend_handles_labels(),
            loc="outside lower center",
            ncols=4,
        )
        draw_slopes(data, left)
    return figure


def draw_slopes(data: Sequence[StagedRow], ax: Axes) -> None:
    """Draw lines of slope -1/2 and -1 below the curves they are for."""
    for system, exponent, factor, end in (
        (SYSTEMS[1], -1 / 2, 0.6, -1),
        (SYSTEMS[2], -1.0, 0.3, 0),
    ):
        found = curve(data, system, "gap")
        ends = found.size[[0, -1]]
        line = factor * found.cost[0] * (ends / ends[0]) ** exponent
        ax.plot(ends, line, color=MUTED, linestyle="dotted", linewidth=1)
        ax.annotate(
            f"slope {exponent:g}",
            (ends[end], line[end]),
            xytext=(0, -7),
            textcoords="offset points",
            ha="right" if end else "left",
            va="top",
            fontsize=7,
            color="#555555",
        )
