"""P3, theorems: ratio to H-SF against alpha = l/u, and against the prompt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from kvopt.experiments.families import (
    FamilyRow,
    FamilyTask,
    family_sweep_task,
)
from kvopt.plots import (
    Curve,
    Formula,
    house_style,
    legend_below,
    plot_curves,
    plot_formulas,
)
from kvopt.plots.style import plain_log_ticks
from paper_figures.frame.curves import curve_of, said_of_overlaps
from paper_figures.frame.figure import Findings
from paper_figures.frame.serving import label
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FULL", "SECONDS", "Settings", "data", "describe", "draw"]

POLICIES = ("a-max", "a-min", "two-point-rule", "gsa")
# The panels: prompts of nothing, prompts that dominate, and between.
NONE, LARGE, BETWEEN = "s = 0", "s = 2u, long ones first", "s/u"

SECONDS = 25.0


@dataclass(frozen=True)
class Settings:
    """How much to do.

    Parameters
    ----------
    inverses
        Values of ``1/alpha = u``, with ``l = 1``.
    factors
        Prompts over ``u``, on the axis of prompts.
    inverse
        ``1/alpha`` there.
    requests
        Number of requests, all at 0.
    seeds
        Number of draws.
    seed
        Seed of the first; the others follow.
    """

    inverses: tuple[int, ...] = (2, 4, 9, 16, 36, 64)
    factors: tuple[float, ...] = (0, 0.25, 0.5, 1, 2, 4, 8, 16)
    inverse: int = 64
    requests: int = 600
    seeds: int = 5
    seed: int = 0


FULL = Settings(
    inverses=(2, 4, 9, 16, 25, 36, 49, 64, 100, 144, 256),
    requests=1_500,
    seeds=10,
)


def share(inverse: int) -> float:
    """Return the share of long requests of P3's bad instances [inferred]."""
    return 1 / (1 + math.sqrt(inverse))


def spread(inverse: int, prompt: int, requests: int) -> str:
    """Return two lengths in random order, thirty places."""
    return (
        f"law=two-point longest={inverse} share={share(inverse):.6g} "
        f"prompt={prompt} memory={30 * (prompt + inverse)} "
        f"requests={requests}"
    )


def instances(settings: Settings) -> dict[tuple[str, float], tuple[str, str]]:
    """Return generator and parameters by panel and place on its axis."""
    n, fixed = settings.requests, settings.inverse
    found: dict[tuple[str, float], tuple[str, str]] = {}
    for u in settings.inverses:
        found[NONE, u] = ("length-law", spread(u, 0, n))
        found[LARGE, u] = (
            "dominating-prompts",
            f"longest={u} requests={min(n, 600)}",
        )
    for factor in settings.factors:
        prompt = round(factor * fixed)
        found[BETWEEN, factor] = ("length-law", spread(fixed, prompt, n))
    return found


def data(settings: Settings, work: Work) -> list[FamilyRow]:
    """Simulate every policy and H-SF on every instance."""
    tasks = [
        FamilyTask(generator, values, policy, "h-sf", seed)
        for generator, values in instances(settings).values()
        for seed in range(settings.seed, settings.seed + settings.seeds)
        for policy in POLICIES
    ]
    return work.run(family_sweep_task, tasks, FamilyRow, "ratios to H-SF")


def panels(
    rows: Sequence[FamilyRow], settings: Settings
) -> dict[str, list[Curve]]:
    """Return the curves of each panel."""
    ratios: dict[tuple[str, str, str], list[float]] = {}
    for row in rows:
        if row.ratio is not None:
            key = row.generator, row.values, row.policy.partition(":")[0]
            ratios.setdefault(key, []).append(row.ratio)
    made: dict[str, list[Curve]] = {NONE: [], BETWEEN: [], LARGE: []}
    given = instances(settings)
    for panel, curves in made.items():
        for turn, policy in enumerate(POLICIES):
            found = {
                place: ratios.get((*given[name, place], policy), [])
                for name, place in given
                if name == panel
            }
            curve = curve_of(label(policy), found, turn, least=0.1)
            curves += [] if curve is None else [curve]
    return made


def formulas(settings: Settings) -> Mapping[str, list[Formula]]:
    """Return the theorems' curves, and the guides of readings.md 3.5."""
    u = np.geomspace(min(settings.inverses), max(settings.inverses), 100)
    ends = np.array([min(settings.factors), max(settings.factors)])
    upper = Formula("A_max at most", u, u * (1 + u) / 2)
    lower = Formula("A_max at least", u, u * (1 + np.sqrt(u)) / 2, 1)
    ln = Formula("1 + ln(1/α)", u, 1 + np.log(u), 2)
    root = math.sqrt(settings.inverse)
    half = Formula("(1 + √(1/α))/2", ends, np.full(2, (1 + root) / 2), 3)
    log = Formula(ln.label, ends, np.full(2, 1 + 2 * math.log(root)), 2)
    return {
        NONE: [upper, lower, ln],
        BETWEEN: [half, log],
        LARGE: [Formula("√(1/α)", u, np.sqrt(u), 4), ln],
    }


def last(rows: Sequence[FamilyRow], settings: Settings, panel: str) -> str:
    """Say what the ratios are at the right end of a panel."""
    return ", ".join(
        f"{curve.label} {curve.value[-1]:.2f}"
        for curve in panels(rows, settings)[panel]
    )


def describe(data: Sequence[FamilyRow], settings: Settings) -> Findings:
    """Say what grows, and how."""
    most = max(settings.inverses)
    done = [row for row in data if row.ratio is not None]
    drawn = panels(data, settings)
    return Findings(
        f"P3's policies against H-SF, 1/alpha up to {most}",
        proved=(
            f"{len(done)} of {len(data)} runs and as many of H-SF have "
            "schedules that the checker accepts",
        ),
        not_proved=tuple(
            f"{label(row.policy)} on {row.values}: {row.error}"
            for row in data
            if row.ratio is None
        ),
        numbers={
            "settings": asdict(settings),
            "rows": [asdict(row) for row in data],
        },
        table=(
            ("panel", "policy", "from", "to"),
            [
                (
                    panel,
                    curve.label,
                    f"{curve.value[0]:.3f}",
                    f"{curve.value[-1]:.3f}",
                )
                for panel, curves in drawn.items()
                for curve in curves
            ],
        ),
        shows="Total latency over that of H-SF, mean and 95 % interval over "
        f"{settings.seeds} draws of lengths 1 and u, all at 0: against "
        "1/alpha = u without prompts, with prompts of 2u and the long "
        f"requests first, and against s/u at 1/alpha = {settings.inverse}",
        original="P3 (arXiv 2508.14544), theorems: A_max at most "
        "(1/alpha)(1 + 1/alpha)/2 and, on some instance, at least "
        "(1/alpha)(1 + alpha^(-1/2))/2; A_min O(log(1/alpha))",
        notes=(
            f"without prompts, 1/alpha = {most}: {last(data, settings, NONE)}",
            f"prompts of 2u, 1/alpha = {most}: {last(data, settings, LARGE)}; "
            "A_min and A_max grow as the root of 1/alpha: the logarithm "
            "claimed for A_min does not hold for this reading of it",
            f"prompts of {max(settings.factors):g} u in random order, "
            f"1/alpha = {settings.inverse}: {last(data, settings, BETWEEN)}",
            "the lower bound of A_max is a statement about some instance, "
            "which was not found: these are below it",
            *said_of_overlaps(drawn),
            f"{LARGE}: A_min lies on the root of 1/alpha",
        ),
        same=("two lengths, equal prompts, all at 0, the policies",),
        differs=(
            "the instances are ours (readings.md 3.5): the paper's were not "
            "found",
            "GSA is not in the paper; the two-point rule is A_l where alpha "
            "is at most 1/2",
        ),
    )


def draw(data: Sequence[FamilyRow], settings: Settings) -> Figure:
    """Draw the three panels on logarithmic axes."""
    from matplotlib.figure import Figure

    xlabels = {NONE: "1/α = u/l", LARGE: "1/α = u/l", BETWEEN: "prompts s/u"}
    titles = {
        NONE: NONE,
        BETWEEN: f"1/α = {settings.inverse}, random order",
        LARGE: LARGE,
    }
    with house_style():
        figure = Figure(figsize=(7.0, 3.1), layout="constrained")
        axes = figure.subplots(1, 3)
        for ax, (panel, curves) in zip(
            axes, panels(data, settings).items(), strict=True
        ):
            plot_curves(curves, ax, xlabels[panel])
            plot_formulas(formulas(settings)[panel], ax)
            ax.set_title(titles[panel])
            if panel != BETWEEN:
                ax.set(xscale="log", yscale="log")
                plain_log_ticks(ax.xaxis)
                plain_log_ticks(ax.yaxis)
            else:
                ax.set_ylim(bottom=0)
        axes[0].set_ylabel("total latency / H-SF")
        legend_below(figure, axes, 4)
    return figure
