"""P4: memory of simultaneous starts against the staggered pipeline SPS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from kvopt.check.gate import verified_bound, verified_latency
from kvopt.exact import lower_bound
from kvopt.model import Instance
from kvopt.plots import Series, house_style, plot_usage
from kvopt.simulation import simulate
from paper_figures.frame.figure import Findings
from paper_figures.frame.serving import label
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "FULL",
    "SECONDS",
    "RoundRow",
    "Settings",
    "data",
    "describe",
    "draw",
]

POLICIES = ("mc-sf", "sps")

SECONDS = 2.0


@dataclass(frozen=True)
class Settings:
    """The requests, which are all alike.

    Parameters
    ----------
    output
        Output length of each request, in tokens.
    prompt
        Prompt length of each.
    memory
        ``M``, in tokens.
    requests
        Their number.
    shown
        Rounds that the picture shows.
    """

    output: int = 21
    prompt: int = 4
    memory: int = 320
    requests: int = 200
    shown: int = 120


FULL = Settings(requests=2_000)


@dataclass(frozen=True)
class RoundRow:
    """Memory in use in a round, in tokens; latencies in rounds."""

    policy: str
    time: int
    held: int
    total: int
    bound: int


def data(settings: Settings, work: Work) -> list[RoundRow]:
    """Start all that fits at once, and in a pipeline; bound the optimum."""
    return work.kept_rows(settings, RoundRow, lambda: rounds(settings))


def rounds(settings: Settings) -> list[RoundRow]:
    """Simulate both policies and count what is held."""
    request = (0, settings.prompt, settings.output)
    instance = Instance.of(settings.memory, [request] * settings.requests)
    bound = verified_bound(instance, lower_bound(instance))
    rows = []
    for policy in POLICIES:
        schedule = simulate(instance, policy).schedule
        total = verified_latency(instance, schedule)
        held = np.zeros(schedule.makespan + 1, dtype=np.int64)
        for run in schedule.runs:
            ages = np.arange(1, run.stop - run.start + 1)
            held[run.start + 1 : run.stop + 1] += settings.prompt + ages
        rows += [
            RoundRow(policy, time, used, total, bound)
            for time, used in enumerate(held.tolist())
        ]
    return rows


def of(rows: Sequence[RoundRow], policy: str) -> list[RoundRow]:
    """Return the rounds of a policy."""
    return [row for row in rows if row.policy == policy]


def describe(data: Sequence[RoundRow], settings: Settings) -> Findings:
    """Say what both cost against a proved lower bound."""
    lines = []
    for policy in POLICIES:
        mine = of(data, policy)
        total, bound = mine[0].total, mine[0].bound
        used = np.array([row.held for row in mine[1 : settings.shown]])
        lines.append(
            (
                label(policy),
                f"{total:,}",
                f"{total / bound:.4f}",
                f"{used.mean() / settings.memory:.1%}",
                str(mine[-1].time),
            )
        )
    (greedy, _, worse, _, _), (pipeline, _, better, _, _) = lines
    return Findings(
        "P4: simultaneous starts against a pipeline",
        proved=(
            f"{settings.requests} requests ({settings.prompt}, "
            f"{settings.output}), M = {settings.memory}: {greedy} costs "
            f"{worse} times a proved lower bound, {pipeline} {better}",
        ),
        not_proved=(),
        numbers={
            "settings": asdict(settings),
            "ratios": {name: float(ratio) for name, _, ratio, *_ in lines},
        },
        table=(
            ("policy", "total latency", "of the bound", "memory", "makespan"),
            lines,
        ),
        shows="Memory in use when all that fits starts together "
        f"({greedy}) and when one starts after the other ({pipeline})",
        original="P4 (arXiv 2601.22996), the concept plot of SPS",
        notes=(
            "together the requests peak together, and memory is empty "
            "again at once; in the pipeline it stays nearly full",
            "the dashed line is M; the memory that the table gives is the "
            "mean over the rounds that are shown",
        ),
        same=("equal requests, all at 0; the same rule of starts",),
        differs=(
            "lengths and memory are ours: the source of the plot's numbers "
            "was not found",
            "SPS's gap is our reading of the paper",
        ),
    )


def draw(data: Sequence[RoundRow], settings: Settings) -> Figure:
    """Draw memory over time, a panel for each policy."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(7.0, 2.5), layout="constrained")
        axes = figure.subplots(1, 2, sharey=True)
        for ax, policy in zip(axes, POLICIES, strict=True):
            mine = of(data, policy)[: settings.shown]
            time = np.array([row.time for row in mine], dtype=np.float64)
            held = np.array([row.held for row in mine], dtype=np.float64)
            plot_usage(
                [Series(label(policy), time, held)], settings.memory, ax
            )
            ax.fill_between(time, held, alpha=0.2, linewidth=0)
            ax.set_title(
                f"{label(policy)}: total latency {of(data, policy)[0].total:,}"
            )
            ax.set_xlim(0, settings.shown)
        axes[1].set_ylabel("")
    return figure
