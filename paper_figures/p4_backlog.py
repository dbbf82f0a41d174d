"""P4, experiments: policies that know no lengths, on a backlog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from kvopt.experiments.backlog import (
    CONVERSATIONS,
    BacklogRow,
    BacklogTask,
)
from kvopt.plots import house_style, plain_log_ticks
from paper_figures.frame.backlog import (
    accepted,
    backlogs,
    draw_ratios,
    ratio_table,
    ratios,
    unfinished,
)
from paper_figures.frame.figure import Findings
from paper_figures.frame.serving import label
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FULL", "SECONDS", "Settings", "data", "describe", "draw"]

# P4's: prompts of 79 tokens, and the first slice of GSA-Spec by lengths.
PROMPT = 79
SLICES = {True: 64, False: 256}


def policies(rounded: bool) -> tuple[str, ...]:
    """Return the policies for lengths rounded up to powers of two, or raw."""
    return (
        "mc-sf",
        "gba-d",
        "gba",
        f"gsa-spec:tau_0={SLICES[rounded]}",
        "gsa",
        "vllm-like",
    )


SECONDS = 20.0


@dataclass(frozen=True)
class Settings:
    """How much to do; the defaults take about 20 seconds on two cores.

    Parameters
    ----------
    trace
        File of a trace, or the synthetic sample.
    memories
        ``M``, in tokens.
    sizes
        Numbers of requests, all at 0.
    seeds
        Number of samples.
    seed
        Seed of the first; the others follow.
    """

    trace: str = CONVERSATIONS
    memories: tuple[int, ...] = (4_096, 8_192)
    sizes: tuple[int, ...] = (100, 300, 1_000)
    seeds: int = 5
    seed: int = 0


FULL = Settings(sizes=tuple(range(100, 1_100, 100)), seeds=10)


def data(settings: Settings, work: Work) -> list[BacklogRow]:
    """Simulate every policy on every backlog."""
    given = product(
        sorted(settings.sizes, reverse=True),
        settings.memories,
        (True, False),
        range(settings.seed, settings.seed + settings.seeds),
    )
    return backlogs(
        [
            BacklogTask(
                settings.trace, policy, size, memory, rounded, PROMPT, seed
            )
            for size, memory, rounded, seed in given
            for policy in policies(rounded)
        ],
        work,
    )


def describe(data: Sequence[BacklogRow], settings: Settings) -> Findings:
    """Say what each policy costs against the lower bound."""
    return Findings(
        f"{len(policies(True))} policies on backlogs, "
        f"M = {', '.join(map(str, settings.memories))}",
        proved=(accepted(data),),
        not_proved=unfinished(data),
        numbers={
            "settings": asdict(settings),
            "rows": [asdict(row) for row in data],
        },
        table=(
            ("policy", *(f"n = {n}" for n in sorted(settings.sizes))),
            ratio_table(data, dict.fromkeys(row.policy for row in data)),
        ),
        shows="Total latency over a proved lower bound against number of "
        f"requests, all at 0, mean and 95 % interval over {settings.seeds} "
        f"samples of {settings.trace}; outputs rounded up to powers of two "
        "(above) and as they are (below)",
        original="P4 (arXiv 2601.22996), experiments: 100 to 1,000 requests, "
        "M = 4096 and 8192",
        notes=(
            *(
                f"{'rounded' if rounded else 'as they are'}: "
                + best(data, rounded)
                for rounded in (True, False)
            ),
            "where the first slice of GSA-Spec is longer than nearly all "
            "outputs, it does what the vLLM-like rule does",
            "the ratio to the optimum is at most what is drawn: the bound is "
            "below the optimum",
        ),
        same=(
            "numbers of requests and memories; all at 0; prompts of "
            f"{PROMPT} tokens; first slices of {SLICES[True]} rounds for "
            f"rounded and {SLICES[False]} for raw lengths",
        ),
        differs=(
            "lengths are synthetic unless a trace is named",
            "A-Min, which needs intervals, is left out",
        ),
    )


def best(rows: Sequence[BacklogRow], rounded: bool) -> str:
    """Name the two best of the policies that are not told lengths."""
    blind = policies(rounded)[-3:]
    means = {
        policy: float(np.mean(found))
        for policy in blind
        if (found := ratios(rows, policy=policy, rounded=rounded))
    }
    order = sorted(means, key=lambda policy: means[policy])
    return ", then ".join(f"{label(p)} {means[p]:.2f}" for p in order)


def draw(data: Sequence[BacklogRow], settings: Settings) -> Figure:
    """Draw a column a memory, rounded lengths above, raw ones below."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(7.0, 5.2), layout="constrained")
        axes = figure.subplots(2, len(settings.memories), squeeze=False)
        for row, rounded in enumerate((True, False)):
            for column, memory in enumerate(settings.memories):
                ax = axes[row][column]
                here = [
                    r
                    for r in data
                    if (r.rounded, r.memory) == (rounded, memory)
                ]
                draw_ratios(here, policies(rounded), ax)
                ax.get_legend().remove()
                lengths = "rounded" if rounded else "raw"
                ax.set_title(f"M = {memory}, {lengths} lengths")
                ax.set_yscale("log")
                plain_log_ticks(ax.yaxis, (1, 1.5, 2, 3, 5))
                if column:
                    ax.set_ylabel("")
            # The first slice differs between the rows.
            axes[row][-1].legend(
                *axes[row][-1].get_legend_handles_labels(),
                loc="center left",
                bbox_to_anchor=(1.0, 0.5),
            )
    return figure
