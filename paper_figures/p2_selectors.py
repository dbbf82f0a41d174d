"""P2: what Sorted-F's selectors take and what they give."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from kvopt.experiments.backlog import (
    CONVERSATIONS,
    DOCUMENTS,
    BacklogRow,
    BacklogTask,
)
from kvopt.plots import house_style, legend_below
from kvopt.plots.style import COLOURS, plain_log_ticks
from paper_figures.frame.backlog import (
    accepted,
    backlogs,
    ratios,
    unfinished,
)
from paper_figures.frame.figure import Findings
from paper_figures.frame.serving import estimate
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["FULL", "SECONDS", "Settings", "data", "describe", "draw"]

MEMORY = 16_492
SELECTORS = {
    "sorted-f:selector=exact-dp": "exact DP",
    "sorted-f:selector=scaled-dp": "scaled DP",
    "sorted-f:selector=local-swap": "local swap",
    "sorted-f:selector=quantile-greedy": "quantile greedy",
    "svf": "no batches: SVF",
    "mc-sf": "no batches: MC-SF",
}
MARKERS = ("o", "s", "^", "D", "v", "P")

SECONDS = 20.0


@dataclass(frozen=True)
class Settings:
    """How much to do.

    Parameters
    ----------
    conversations, documents
        Files of traces from which the requests are drawn in equal shares, or
        the synthetic samples.
    sizes
        Numbers of requests, all at 0; a panel each.
    seeds
        Number of samples.
    seed
        Seed of the first; the others follow.
    """

    conversations: str = CONVERSATIONS
    documents: str = DOCUMENTS
    sizes: tuple[int, ...] = (100, 400)
    seeds: int = 5
    seed: int = 0


FULL = Settings(sizes=(200, 2_000), seeds=10)


def data(settings: Settings, work: Work) -> list[BacklogRow]:
    """Simulate every selector on every sample."""
    traces = os.pathsep.join((settings.conversations, settings.documents))
    given = product(
        sorted(settings.sizes, reverse=True),
        range(settings.seed, settings.seed + settings.seeds),
        SELECTORS,
    )
    return backlogs(
        [
            BacklogTask(traces, policy, size, MEMORY, False, None, seed)
            for size, seed, policy in given
        ],
        work,
    )


def seconds(
    rows: Sequence[BacklogRow], policy: str, size: int
) -> tuple[float, float, float]:
    """Return least, median and largest wall time of a policy, in seconds."""
    found = [
        row.runtime
        for row in rows
        if (row.policy, row.requests) == (policy, size)
        and row.runtime is not None
    ]
    return min(found), float(np.median(found)), max(found)


def finished(rows: Sequence[BacklogRow], size: int) -> list[str]:
    """Return the policies that finished at a size."""
    return [
        policy
        for policy in SELECTORS
        if ratios(rows, policy=policy, requests=size)
    ]


def describe(data: Sequence[BacklogRow], settings: Settings) -> Findings:
    """Say what the exact selector is worth."""
    lines, said = [], []
    for size in sorted(settings.sizes):
        for policy in finished(data, size):
            low, mean, high = estimate(
                ratios(data, policy=policy, requests=size)
            )
            least, median, most = seconds(data, policy, size)
            lines.append(
                (
                    str(size),
                    SELECTORS[policy],
                    f"{mean:.3f} [{low:.3f}, {high:.3f}]",
                    f"{median:.3g} [{least:.3g}, {most:.3g}]",
                )
            )
            said.append(
                f"{size} requests, {SELECTORS[policy]}: {mean:.3f} times the "
                f"bound in {median:.2g} s"
            )
    return Findings(
        "Sorted-F's selectors: time against quality",
        proved=(accepted(data),),
        not_proved=unfinished(data),
        numbers={
            "settings": asdict(settings),
            "rows": [asdict(row) for row in data],
        },
        table=(("n", "selector", "latency / bound", "seconds"), lines),
        shows="Total latency over a proved lower bound (mean and 95 % "
        f"interval over {settings.seeds} samples) against wall time of "
        "selection and simulation (median, least to most), half "
        "conversations, half documents, all at 0, "
        f"M = {MEMORY}",
        original="P2 (arXiv 2508.06133), experiments: exact and scaled "
        "dynamic programs, local swap and quantile greedy; its numbers were "
        "not found",
        notes=(
            *said,
            "times are those of this machine, beside whatever else it did; "
            "quality does not depend on it",
        ),
        same=("the four selectors, a backlog of mixed lengths at 0",),
        differs=(
            "mix, sizes and the rules of the selectors are readings of ours",
            "SVF and MC-SF, which need no selector, stand beside them",
        ),
    )


def draw(data: Sequence[BacklogRow], settings: Settings) -> Figure:
    """Draw a panel a size: quality against time."""
    from matplotlib.figure import Figure

    sizes = sorted(settings.sizes)
    with house_style():
        figure = Figure(figsize=(7.0, 2.9), layout="constrained")
        axes = figure.subplots(1, len(sizes), sharey=True, squeeze=False)[0]
        for ax, size in zip(axes, sizes, strict=True):
            panel(ax, data, size)
        axes[0].set_ylabel("total latency / lower bound")
        legend_below(figure, axes, 3)
    return figure


def panel(ax: Axes, rows: Sequence[BacklogRow], size: int) -> None:
    """Draw the selectors at one size."""
    for turn, (policy, name) in enumerate(SELECTORS.items()):
        if policy not in finished(rows, size):
            continue
        low, mean, high = estimate(ratios(rows, policy=policy, requests=size))
        least, median, most = seconds(rows, policy, size)
        ax.errorbar(
            median,
            mean,
            xerr=[[median - least], [most - median]],
            yerr=[[mean - low], [high - mean]],
            fmt=MARKERS[turn],
            color=COLOURS[turn],
            markeredgecolor="white",
            markeredgewidth=0.5,
            elinewidth=0.9,
            label=name,
        )
    ax.set_xscale("log")
    plain_log_ticks(ax.xaxis, (1,))
    ax.set_xlabel("wall time (s)")
    ax.set_title(f"{size} requests")
    ax.grid(axis="y", color="#dddddd", linewidth=0.5)
