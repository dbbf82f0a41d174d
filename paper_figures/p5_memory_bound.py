"""P5, Theorem 2: the memory with which Nested WAIT hardly ever overflows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from kvopt.analysis.fluid import nested_required_memory
from kvopt.experiments.staged_serving import StagedRow, StagedTask
from kvopt.plots import ScalingCurve, house_style, plot_scaling
from kvopt.plots.style import MUTED
from kvopt.policies.staged.thresholds import nested_memory
from paper_figures.frame.figure import Findings
from paper_figures.frame.staged import accepted, staged_runs
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FULL", "SECONDS", "Settings", "data", "describe", "draw"]

# Outputs of 10 and 30 tokens after prompts of 10, and the least thresholds.
PROMPT, ENDS, SHARES, RATE = 10, (10, 30), (0.7, 0.3), 3.0
THRESHOLDS = (4, 2)
# Nothing is ever evicted with so much memory: what is held is what is needed.
PLENTY = 1_000_000
# Chance of an overflow over the whole horizon.
DELTA = 0.1

SECONDS = 15.0


@dataclass(frozen=True)
class Settings:
    """How much to do; the defaults take about 15 seconds on two cores.

    Parameters
    ----------
    horizons
        Lengths of the arrivals, in rounds.
    seeds
        Number of runs of each; what is needed is a quantile of theirs.
    seed
        Seed of the first; the others follow.
    """

    horizons: tuple[int, ...] = (30, 100, 300, 1_000)
    seeds: int = 40
    seed: int = 0


FULL = Settings(horizons=(30, 100, 300, 1_000, 3_000, 10_000), seeds=200)


def data(settings: Settings, work: Work) -> list[StagedRow]:
    """Run Nested WAIT with plenty of memory at every horizon."""
    ends, caps = ("+".join(map(str, each)) for each in (ENDS, THRESHOLDS))
    mix = "+".join(f"{o}:{q}" for o, q in zip(ENDS, SHARES, strict=True))
    return staged_runs(
        [
            StagedTask(
                f"nested-wait:ends={ends},thresholds={caps}",
                PROMPT,
                mix,
                RATE,
                horizon,
                PLENTY,
                "unit",
                seed,
            )
            for horizon in sorted(settings.horizons, reverse=True)
            for seed in range(settings.seed, settings.seed + settings.seeds)
        ],
        work,
    )


def largest(rows: Sequence[StagedRow], horizon: int) -> list[int]:
    """Return the largest memory held in each run, in increasing order."""
    return sorted(row.largest for row in rows if row.duration == horizon)


def needed(found: Sequence[int]) -> tuple[float, float, float]:
    """Return the ``1-DELTA`` quantile with a 95 % interval, by bootstrap."""
    # Its own seed: the interval of given runs is always the same.
    rng = np.random.default_rng(0)
    again = rng.choice(np.array(found), (500, len(found)))
    drawn = np.quantile(again, 1 - DELTA, axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(np.quantile(found, 1 - DELTA)), float(high)


def promised(horizon: int) -> float:
    """Return the memory that Theorem 2 asks for, for a horizon."""
    rates = [RATE * share for share in SHARES]
    return nested_required_memory(
        PROMPT, ENDS, THRESHOLDS, rates, 1, horizon, DELTA
    )


def describe(data: Sequence[StagedRow], settings: Settings) -> Findings:
    """Say how much of what the theorem asks for is needed."""
    horizons = sorted(settings.horizons)
    base = float(nested_memory(PROMPT, ENDS, THRESHOLDS))
    over = {
        h: sum(held > promised(h) for held in largest(data, h))
        for h in horizons
    }
    last = horizons[-1]
    return Findings(
        "P5: the memory that Nested WAIT needs",
        proved=(accepted(data),),
        not_proved=(
            f"{sum(over.values())} of {len(data)} runs held more than the "
            f"theorem asks for, which allows a share of {DELTA:g}",
            f"at {last} rounds the {1 - DELTA:.0%} quantile of what was "
            f"held is {needed(largest(data, last))[1]:,.0f} tokens, the "
            f"theorem asks for {promised(last):,.0f}, M^pi is {base:,.0f}",
        ),
        numbers={
            "settings": asdict(settings),
            "memory_of_thresholds": base,
            "rows": [asdict(row) for row in data],
        },
        table=(
            ("horizon", "held, quantile", "largest", "theorem", "above it"),
            [
                (
                    str(h),
                    f"{needed(largest(data, h))[1]:,.0f}",
                    f"{largest(data, h)[-1]:,}",
                    f"{promised(h):,.0f}",
                    str(over[h]),
                )
                for h in horizons
            ],
        ),
        ok=all(
            over[h] <= len(largest(data, h)) * (DELTA + 0.2) for h in horizons
        ),
        shows="Memory with which Nested WAIT overflows with chance "
        f"{DELTA:g}: as Theorem 2 asks, and as {settings.seeds} runs need "
        "it, with a 95 % interval (bootstrap), against the horizon",
        original="P5 (arXiv 2504.11320), Theorem 2, the memory condition",
        notes=(
            "what the theorem asks for grows like the logarithm of the "
            "horizon",
            "M^pi is what is held when all segments are full; later segments "
            "fill late, so that short horizons need less",
        ),
        same=(
            "the formula, with theta_k its exact root; iterations of one "
            "round, Poisson arrivals",
        ),
        differs=(
            "the paper draws no such picture",
            f"prompts {PROMPT}, outputs {ENDS[0]} and {ENDS[1]} at {RATE:g} "
            f"requests a round, thresholds {THRESHOLDS[0]} and "
            f"{THRESHOLDS[1]}: an example of ours",
        ),
    )


def draw(data: Sequence[StagedRow], settings: Settings) -> Figure:
    """Draw both against the horizon."""
    from matplotlib.figure import Figure

    horizons = np.array(sorted(settings.horizons))
    low, middle, high = np.array(
        [needed(largest(data, int(h))) for h in horizons]
    ).T
    most = np.array([largest(data, int(h))[-1] for h in horizons])
    curves = [
        ScalingCurve(
            "Theorem 2",
            horizons,
            np.array([promised(int(h)) for h in horizons]),
        ),
        ScalingCurve(
            f"largest of {settings.seeds} runs", horizons, most * 1.0
        ),
        ScalingCurve(
            f"{1 - DELTA:.0%} quantile of them",
            horizons,
            middle,
            np.array([low, high]),
        ),
    ]
    with house_style():
        figure = Figure(figsize=(4.6, 2.8), layout="constrained")
        ax = figure.subplots()
        plot_scaling(curves, ax, "horizon (rounds)", "KV memory (tokens)")
        base = float(nested_memory(PROMPT, ENDS, THRESHOLDS))
        ax.axhline(
            base, color=MUTED, linewidth=0.8, dashes=(4, 2), label=r"$M^\pi$"
        )
        ax.set_yscale("linear")
        ax.set_ylim(0, 1.1 * max(curves[0].cost))
        ax.legend(loc="lower right")
    return figure
