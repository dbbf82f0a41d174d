"""P3 and after: predictors that are wrong now and then, as real ones are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from kvopt.experiments.backlog import CONVERSATIONS, BacklogRow, BacklogTask
from kvopt.plots import IntervalRow, house_style, plot_interval_rows
from kvopt.plots.style import plain_log_ticks
from paper_figures.frame.backlog import (
    accepted,
    against,
    backlogs,
    unfinished,
)
from paper_figures.frame.figure import Findings
from paper_figures.frame.serving import estimate, label, sample_of
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FULL", "SECONDS", "Settings", "data", "describe", "draw"]

MEMORY = 16_492
# Policies with what they are told, best informed first.
RUNS = (
    ("svf", "", "true lengths"),
    ("mc-sf:lengths=point,margin=0.1", "noisy-point:epsilon=0.5", "±50 %"),
    ("mc-sf:lengths=point,margin=0.1", "classes", "median of a class"),
    ("a-min", "noisy-interval:epsilon=0.5", "±50 %"),
    ("a-min", "buckets:width=100", "bucket of 100"),
    ("a-min", "classes", "5 % to 95 % of a class"),
    ("a-max", "noisy-interval:epsilon=0.5", "±50 %"),
    ("a-max", "buckets:width=100", "bucket of 100"),
    ("a-max", "classes", "5 % to 95 % of a class"),
    ("svf-1-bit", "", "short or long"),
    ("gsa", "", "nothing"),
    ("vllm-like", "", "nothing"),
)

SECONDS = 15.0


@dataclass(frozen=True)
class Settings:
    """How much to do.

    Parameters
    ----------
    trace
        File of a trace, or lmsys-like for the synthetic sample.
    requests
        Number of requests, all at 0, with their own prompts.
    seeds
        Number of samples.
    seed
        Seed of the first; the others follow.
    """

    trace: str = CONVERSATIONS
    requests: int = 1_000
    seeds: int = 5
    seed: int = 0


FULL = Settings(requests=4_000, seeds=20)


def data(settings: Settings, work: Work) -> list[BacklogRow]:
    """Simulate every policy with its predictor, and H-SF."""
    runs = [("h-sf", ""), *((policy, told) for policy, told, _ in RUNS)]
    return backlogs(
        [
            BacklogTask(
                settings.trace,
                policy,
                settings.requests,
                MEMORY,
                False,
                None,
                seed,
                predictor=predictor,
            )
            for seed in range(settings.seed, settings.seed + settings.seeds)
            for policy, predictor in runs
        ],
        work,
    )


def lines(rows: Sequence[BacklogRow]) -> list[IntervalRow]:
    """Return the ratio to H-SF of each run, in the order of RUNS."""
    found = []
    for policy, predictor, told in RUNS:
        ratios = against(rows, "h-sf", policy=policy, predictor=predictor)
        # The axis is logarithmic.
        point = estimate(ratios, least=0.1) if ratios else None
        name = label(policy.partition(":")[0])
        found.append(IntervalRow(f"{name}: {told}", (point,)))
    return found


def describe(data: Sequence[BacklogRow], settings: Settings) -> Findings:
    """Say what a real predictor costs."""
    drawn = lines(data)
    told = {
        line.label: line.points[0]
        for line in drawn
        if line.points[0] is not None
    }
    return Findings(
        f"What predictors are worth, {settings.requests} requests",
        proved=(accepted(data),),
        not_proved=unfinished(data),
        numbers={
            "settings": asdict(settings),
            "rows": [asdict(row) for row in data],
        },
        table=(
            ("policy: what it is told", "total latency / H-SF", "95 %"),
            [
                (name, f"{mean:.3f}", f"[{low:.3f}, {high:.3f}]")
                for name, (low, mean, high) in told.items()
            ],
        ),
        shows="Total latency over that of H-SF, mean and 95 % interval over "
        f"{settings.seeds} samples: {sample_of(settings.trace)}, "
        f"{settings.requests} requests at 0, M = {MEMORY}",
        original="P3 (arXiv 2508.14544), whose experiments have intervals "
        "that always hold the truth; the five classes are those published "
        "for a real predictor, whose intervals miss a tenth",
        notes=(
            *(
                f"{name}: {mean:.2f} times H-SF"
                for name, (_, mean, _) in told.items()
            ),
            "a policy that stands left of 1 is better than shortest first "
            "with the true lengths",
        ),
        same=("the policies of P3, all at 0",),
        differs=(
            "no figure of P3 is meant: predictors with errors and policies "
            "that are told nothing stand beside its own",
            "prompts are the requests' own; GSA, which is for equal ones, "
            "takes every prompt for the longest of its pipeline",
        ),
    )


def draw(data: Sequence[BacklogRow], settings: Settings) -> Figure:
    """Draw a line a policy and predictor."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(5.0, 3.2), layout="constrained")
        ax = figure.subplots()
        plot_interval_rows(lines(data), ("",), ax, "total latency / H-SF")
        ax.axvline(1, color="#555555", linewidth=0.8)
        ax.set_xscale("log")
        ax.set_xlim(left=0.8 * min(1.0, _least(data)))
        plain_log_ticks(ax.xaxis)
    return figure


def _least(rows: Sequence[BacklogRow]) -> float:
    ends = [p[0] for line in lines(rows) for p in line.points if p is not None]
    return float(np.min(ends)) if ends else 1.0
