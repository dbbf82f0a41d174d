"""P3, intervals of their own for every request: ratio against their width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import TYPE_CHECKING

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
POLICIES = ("a-min", "a-min:update=continuous", "a-max")
# What the true length says of the interval.
KINDS = {
    "bands:x": "truth in the middle",
    "noisy-interval:epsilon": "truth anywhere",
}

SECONDS = 20.0


@dataclass(frozen=True)
class Settings:
    """How much to do.

    Parameters
    ----------
    trace
        File of a trace, or lmsys-like for the synthetic sample.
    errors
        Relative errors, from which the widths of the intervals follow.
    requests
        Number of requests, all at 0, with their own prompts.
    seeds
        Number of samples.
    seed
        Seed of the first; the others follow.
    """

    trace: str = CONVERSATIONS
    errors: tuple[float, ...] = (0.1, 0.3, 0.5, 0.7, 0.9)
    requests: int = 1_000
    seeds: int = 5
    seed: int = 0


FULL = Settings(
    errors=(0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95),
    requests=4_000,
    seeds=10,
)


def data(settings: Settings, work: Work) -> list[BacklogRow]:
    """Simulate every policy at every width, and H-SF."""
    runs = [("h-sf", "")]
    runs += [
        (policy, f"{kind}={error:g}")
        for kind, error, policy in product(KINDS, settings.errors, POLICIES)
    ]
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


def panels(
    rows: Sequence[BacklogRow], settings: Settings
) -> dict[str, list[Curve]]:
    """Return the curves of each kind of interval."""
    made: dict[str, list[Curve]] = {}
    for kind, title in KINDS.items():
        made[title] = []
        for turn, policy in enumerate(POLICIES):
            found = {
                error: against(
                    rows,
                    "h-sf",
                    policy=policy,
                    predictor=f"{kind}={error:g}",
                )
                for error in settings.errors
            }
            curve = curve_of(label(policy), found, turn, least=0.1)
            made[title] += [] if curve is None else [curve]
    return made


def describe(data: Sequence[BacklogRow], settings: Settings) -> Findings:
    """Say what wider intervals cost."""
    drawn = panels(data, settings)
    return Findings(
        f"A_min and A_max against H-SF by width, {settings.requests} requests",
        proved=(accepted(data),),
        not_proved=unfinished(data),
        numbers={
            "settings": asdict(settings),
            "rows": [asdict(row) for row in data],
        },
        table=(
            ("intervals", "policy", *(f"{e:g}" for e in settings.errors)),
            [
                (title, curve.label, *(f"{v:.3f}" for v in curve.value))
                for title, curves in drawn.items()
                for curve in curves
            ],
        ),
        shows="Total latency over that of H-SF against the relative error "
        "of intervals that differ from request to request, mean and 95 % "
        f"interval over {settings.seeds} samples: "
        f"{sample_of(settings.trace)}, {settings.requests} requests at 0, "
        f"M = {MEMORY}",
        original="P3 (arXiv 2508.14544): its theorems have one interval for "
        "all; intervals of their own are in its experiments, of which no "
        "figure was found",
        notes=(
            *(
                f"{title}: from an error of {curve.x[0]:g} to {curve.x[-1]:g} "
                f"{curve.label} goes from {curve.value[0]:.2f} to "
                f"{curve.value[-1]:.2f} times H-SF"
                for title, curves in drawn.items()
                for curve in curves
            ),
            *said_of_overlaps(drawn),
        ),
        same=("A_min and A_max start from the ends of each interval",),
        differs=(
            "intervals [(1-x) o, (1+x) o] have the truth in the middle, the "
            "others all lengths that a noisy guess allows for: readings",
            "A_min as reconstructed, raising what it believes on a "
            "cancellation or continuously (readings.md 3.2)",
        ),
    )


def draw(data: Sequence[BacklogRow], settings: Settings) -> Figure:
    """Draw a panel a kind of interval."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(6.0, 2.8), layout="constrained")
        axes = figure.subplots(1, len(KINDS), sharey=True)
        for ax, (title, curves) in zip(
            axes, panels(data, settings).items(), strict=True
        ):
            plot_curves(curves, ax, "relative error")
            ax.set(title=title, yscale="log")
            ax.set_xlim(0, 1)
        plain_log_ticks(axes[0].yaxis)
        axes[0].set_ylabel("total latency / H-SF")
        legend_below(figure, axes, len(POLICIES))
    return figure
