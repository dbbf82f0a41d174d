"""Policies against the optimum on real traces, certified.

``python -m benchmarks.traces_vs_optimum`` solves and measures; this draws
the rows that it has stored, each ratio as an interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import geometric_mean
from textwrap import fill
from typing import TYPE_CHECKING

from kvopt.analysis import read_rows, write_rows
from kvopt.experiments.near_optimum import StampedRow
from kvopt.model import InputError
from kvopt.plots import IntervalRow, house_style, plot_interval_rows
from paper_figures.frame.figure import Findings
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "FULL",
    "SECONDS",
    "Settings",
    "chosen",
    "data",
    "describe",
    "draw",
    "same_together",
]

SECONDS = 5.0
# Name of the line of the best schedule; and what the axes may be marked with.
BEST = "best schedule"
TICKS = (1, 1.5, 2, 3, 5, 8, 15, 30)
# Characters of a line at the left.
WIDTH = 20
STORED = Path(__file__).parents[1] / "benchmarks" / "results"


@dataclass(frozen=True)
class Settings:
    """Which of the stored rows are drawn.

    Parameters
    ----------
    rows
        File of rows, or ``stored`` for those that come with the code.
    requests
        Number of requests of an instance.
    load
        Arrivals as a multiple of the capacity; 0 for all at 0.
    sample
        Seed of the samples; nothing else is random.
    time_limit
        Seconds of the solver.
    """

    rows: str = "stored"
    requests: int = 1_500
    load: float = 0.0
    sample: int = 1
    time_limit: float = 60.0


FULL = Settings()


def data(settings: Settings, work: Work) -> list[StampedRow]:
    """Write the rows that are drawn."""
    rows = chosen(settings)
    write_rows(rows, StampedRow, work.csv())
    return rows


def chosen(settings: Settings) -> list[StampedRow]:
    """Return the stored rows with these settings.

    Raises
    ------
    InputError
        When there are none.
    """
    stored = settings.rows == "stored"
    path = STORED / "traces_vs_optimum.csv" if stored else Path(settings.rows)
    rows = [
        row
        for row in read_rows(StampedRow, path)
        if (row.requests, row.load, row.seed, row.time_limit)
        == (
            settings.requests,
            settings.load,
            settings.sample,
            settings.time_limit,
        )
    ]
    if not rows:
        raise InputError(
            "holds no row with these settings", field="rows", value=path.name
        )
    return rows


def draw(data: Sequence[StampedRow], settings: Settings) -> Figure:
    """Draw a panel for each trace: a line a policy, an interval a memory."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedLocator, NullLocator

    traces = list(dict.fromkeys(row.trace for row in data))
    memories = sorted({row.memory for row in data})
    left_out = partly_measured(data)
    ratios = {
        (r.trace, r.memory, r.policy): (r.low, r.high)
        for r in data
        if r.policy not in left_out
    }
    ratios |= {(r.trace, r.memory, BEST): (1.0, 1 + r.gap) for r in data}
    order = same_together(ratios)
    groups = [f"M = {m:,} units" for m in memories]
    with house_style():
        figure = Figure(
            figsize=(1.4 * len(traces) + 1.6, 0.28 * len(order) + 1.0),
            layout="constrained",
        )
        panels = figure.subplots(
            1, len(traces), sharex=True, sharey=True, squeeze=False
        )
        for ax, trace in zip(panels[0], traces, strict=True):
            lines = []
            for label, policy in order.items():
                found = [ratios.get((trace, m, policy)) for m in memories]
                points = [p and (p[0], *p) for p in found]
                lines.append(IntervalRow(label, tuple(points)))
            plot_interval_rows(lines, groups, ax)
            ax.set_title(trace.replace("_", " "))
        for name in panels[0][0].get_yticklabels():
            name.set_linespacing(0.8)
        ax.set_xscale("log")
        ticks = [t for t in TICKS if t < ax.get_xlim()[1]]
        ax.xaxis.set_major_locator(FixedLocator(ticks))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.set_xticks(ticks, [f"{t:g}" for t in ticks])
        figure.supxlabel(
            "total latency over that of the best schedule known (marker), "
            "and over a proved lower bound (end of the line)",
            fontsize="medium",
        )
        handles, labels = panels[0][0].get_legend_handles_labels()
        figure.legend(
            handles, labels, loc="outside upper center", ncols=len(memories)
        )
    return figure


def partly_measured(rows: Sequence[StampedRow]) -> list[str]:
    """Return the policies without a row at some of the memories."""
    memories = {row.memory for row in rows}
    measured: dict[str, set[int]] = {}
    for row in rows:
        measured.setdefault(row.policy, set()).add(row.memory)
    return sorted(p for p, found in measured.items() if found != memories)


def same_together(
    ratios: Mapping[tuple[str, int, str], tuple[float, float]],
) -> dict[str, str]:
    """Return policies by label, the best first, those that do the same once.

    Parameters
    ----------
    ratios
        Intervals by trace, memory and policy.

    Returns
    -------
    dict
        By the geometric mean of the lower ends. The label names all that
        have the same intervals everywhere.
    """
    intervals: dict[str, dict[tuple[str, int], tuple[float, float]]] = {}
    for (trace, memory, policy), ends in ratios.items():
        intervals.setdefault(policy, {})[trace, memory] = ends
    same: dict[tuple[object, ...], list[str]] = {}
    for policy, ends_of in intervals.items():
        same.setdefault(tuple(sorted(ends_of.items())), []).append(policy)
    means = {
        policies[0]: geometric_mean(
            [low for low, _ in intervals[policies[0]].values()]
        )
        for policies in same.values()
    }
    ordered = sorted(same.values(), key=lambda policies: means[policies[0]])
    return {
        fill(", ".join(policies), WIDTH): policies[0] for policies in ordered
    }


def describe(data: Sequence[StampedRow], settings: Settings) -> Findings:
    """Say how near the optimum is known, and which policy is nearest."""
    instances = {(row.trace, row.memory): row.gap for row in data}
    gaps = sorted(instances.values())
    nearest = {
        key: min(
            (row for row in data if (row.trace, row.memory) == key),
            key=lambda row: row.latency,
        )
        for key in instances
    }
    limit = f"{settings.time_limit:g} s"
    return Findings(
        "Policies against the optimum on real traces",
        proved=(
            f"The optimum of {len(gaps)} instances of {settings.requests:,} "
            f"requests is known within {gaps[0]:.2%} to {gaps[-1]:.2%} after "
            f"{limit} each",
        ),
        not_proved=("The optimum itself: it lies within these intervals",),
        numbers={
            f"{trace}, M = {memory}": gap
            for (trace, memory), gap in instances.items()
        },
        table=(
            (
                "trace",
                "M",
                "certified gap",
                "best policy",
                "its ratio",
                "fill",
            ),
            [
                (
                    trace,
                    f"{memory:,}",
                    f"{instances[trace, memory]:.2%}",
                    row.policy,
                    f"[{row.low:.3f}, {row.high:.3f}]",
                    f"{row.fill:.2f}",
                )
                for (trace, memory), row in nearest.items()
            ],
        ),
        shows="Every policy that needs no predictions, on samples of traces: "
        "its total latency over that of the best schedule known (marker) and "
        "over the lower bound (end of the line)",
        original="none: nobody has published it",
        notes=(
            "Drawn from rows that the benchmark traces_vs_optimum stored",
            *(
                f"{policy} has rows at some memories only and is not drawn"
                for policy in partly_measured(data)
            ),
            "The fill is the share of the memory that the best policy uses, "
            "on average over the rounds until its last completion",
        ),
    )
