"""P3, experiments: latency against number of requests, by kind of interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from kvopt.experiments.backlog import CONVERSATIONS, BacklogRow, BacklogTask
from kvopt.plots import Curve, house_style, legend_below, plot_curves
from kvopt.plots.style import plain_log_ticks
from paper_figures.frame.backlog import (
    accepted,
    against,
    backlogs,
    unfinished,
)
from paper_figures.frame.curves import curve_of, said_of_overlaps
from paper_figures.frame.figure import Findings
from paper_figures.frame.serving import label, sample_of
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FULL", "SECONDS", "Settings", "data", "describe", "draw"]

MEMORY = 16_492
# The mean of P1's sample, which is of the same conversations.
PROMPT = 41
LONGEST = 1_000
KINDS = {
    "common:lower=1,upper=1000": "common [1, 1000]",
    "buckets:width=100": "buckets of 100",
    "bands:x=0.95": "bands of 95 %",
}
POLICIES = ("h-sf", "a-min", "a-max", "a-l")
# A_l, which the slow engine runs, is left out of more requests than this.
SLOW = 400

SECONDS = 25.0


@dataclass(frozen=True)
class Settings:
    """How much to do.

    Parameters
    ----------
    trace
        File of a trace, or lmsys-like for the synthetic sample.
    sizes
        Numbers of requests, all at 0.
    seeds
        Number of samples.
    seed
        Seed of the first; the others follow.
    """

    trace: str = CONVERSATIONS
    sizes: tuple[int, ...] = (200, 400, 800, 1_600)
    seeds: int = 5
    seed: int = 0


FULL = Settings(sizes=(100, 200, 500, 1_000, 1_500, 2_000), seeds=10)


def data(settings: Settings, work: Work) -> list[BacklogRow]:
    """Simulate every policy on every kind of interval."""
    given = product(
        sorted(settings.sizes, reverse=True),
        range(settings.seed, settings.seed + settings.seeds),
        POLICIES,
        KINDS,
    )
    return backlogs(
        [
            BacklogTask(
                settings.trace,
                policy,
                size,
                MEMORY,
                False,
                PROMPT,
                seed,
                LONGEST,
                kind,
            )
            for size, seed, policy, kind in given
            if policy != "a-l" or size <= SLOW
        ],
        work,
    )


def curves(rows: Sequence[BacklogRow], kind: str) -> list[Curve]:
    """Return mean latency against number of requests, a curve a policy."""
    sizes = sorted({row.requests for row in rows})
    found = []
    for turn, policy in enumerate(POLICIES):
        means = {
            float(n): [
                row.mean
                for row in rows
                if (row.policy, row.predictor, row.requests)
                == (policy, kind, n)
                and row.mean is not None
            ]
            for n in sizes
        }
        made = curve_of(label(policy), means, turn, least=1.0)
        found += [] if made is None else [made]
    return found


def mean_ratio(rows: Sequence[BacklogRow], policy: str, kind: str) -> float:
    """Return a policy's mean ratio to H-SF at the largest size it ran."""
    most = max(row.requests for row in rows if row.policy == policy)
    found = against(rows, "h-sf", policy=policy, predictor=kind, requests=most)
    return float(np.mean(found)) if found else float("nan")


def describe(data: Sequence[BacklogRow], settings: Settings) -> Findings:
    """Say how far each policy is from knowing the lengths."""
    most = max(settings.sizes)
    ratios = {
        (policy, kind): mean_ratio(data, policy, kind)
        for policy in POLICIES
        for kind in KINDS
    }
    return Findings(
        f"P3's policies on up to {most} requests, three kinds of intervals",
        proved=(accepted(data),),
        not_proved=unfinished(data),
        numbers={
            "settings": asdict(settings),
            "rows": [asdict(row) for row in data],
        },
        table=(
            ("policy / H-SF", *KINDS.values()),
            [
                (
                    label(policy),
                    *(f"{ratios[policy, kind]:.3f}" for kind in KINDS),
                )
                for policy in POLICIES
            ],
        ),
        shows="Mean latency against number of requests, mean and 95 % "
        f"interval over {settings.seeds} samples: "
        f"{sample_of(settings.trace)}, M = {MEMORY}, every prompt {PROMPT}, "
        f"outputs of at most {LONGEST} tokens, all at 0",
        original="P3 (arXiv 2508.14544), experiments on LMSYS-Chat-1M; its "
        "figures were not found, a summary says that A_min is nearly equal "
        "to H-SF, and A_max up to 80 % worse for wide intervals",
        notes=(
            *(
                f"{title}, {most} requests: A_min has "
                f"{ratios['a-min', kind]:.2f} times the latency of H-SF, "
                f"A_max {ratios['a-max', kind]:.2f}; A_l "
                f"{ratios['a-l', kind]:.2f} at its largest size"
                for kind, title in KINDS.items()
            ),
            *said_of_overlaps(
                {KINDS[kind]: curves(data, kind) for kind in KINDS}
            ),
        ),
        same=(
            "policies, equal prompts, all at 0, M of P1's machine",
            "one interval for all, buckets of lengths, and relative bands",
        ),
        differs=(
            "the requests are a sample of ours, the intervals and the order "
            "of the requests readings; A_l is meant for two lengths",
            f"A_l runs on up to {SLOW} requests only: it takes the slow "
            "engine",
        ),
    )


def draw(data: Sequence[BacklogRow], settings: Settings) -> Figure:
    """Draw a panel a kind of interval."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(7.0, 2.7), layout="constrained")
        axes = figure.subplots(1, len(KINDS), sharey=True)
        for ax, (kind, title) in zip(axes, KINDS.items(), strict=True):
            plot_curves(curves(data, kind), ax, "number of requests")
            ax.set(title=title, yscale="log")
            ax.set_xlim(left=0)
        plain_log_ticks(axes[0].yaxis)
        axes[0].set_ylabel("mean latency (rounds)")
        legend_below(figure, axes, len(POLICIES))
    return figure
