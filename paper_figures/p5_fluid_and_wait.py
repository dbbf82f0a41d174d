"""P5, section 6: the memory of the fluid model, and policies near its edge.

The paper gives ``M*`` at four rates and where it crosses the memory of an
A100. Two of the four determine the curve; the others, and the crossing, are
checks. The same clock then runs WAIT and the baselines around the crossing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from kvopt.analysis.fluid import PromptType, equilibrium, largest_scale
from kvopt.experiments.staged_serving import StagedRow, StagedTask
from kvopt.model import InputError
from kvopt.plots import Curve, house_style, plot_curves
from paper_figures.frame.figure import Findings
from paper_figures.frame.staged import (
    accepted,
    means,
    rate_curve,
    staged_runs,
    title_of,
)
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "FULL",
    "SECONDS",
    "Settings",
    "data",
    "describe",
    "draw",
]

# M* as published, by queries a second; the memory cap, and the crossing.
PUBLISHED = {50: 34_377, 60: 55_758, 70: 100_327, 80: 250_509}
MEMORY, CROSSING = 137_000, 74.1
# The means of the published lengths, rounded: prefill 58.6, decode 147.3.
PROMPT, OUTPUT = 59, 147
# WAIT's threshold is the largest that memory allows: floor(C/w).
POLICIES = (
    "staged-fcfs",
    "sarathi-like",
    f"wait:thresholds={PROMPT}x{OUTPUT}:6",
)

SECONDS = 16.0


@dataclass(frozen=True)
class Settings:
    """How much to do; the defaults take less than 20 seconds.

    Parameters
    ----------
    rates
        Requests a second, increasing.
    seconds
        Length of the arrivals of one run.
    seeds
        Number of runs a rate, each with arrivals of its own.
    seed
        Seed of the first; the others follow.
    """

    rates: tuple[float, ...] = (50, 60, 70, 80)
    seconds: int = 40
    seeds: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        for rate in self.rates:
            if not 0 < rate < float("inf"):
                raise InputError("must be positive", field="rates", value=rate)
        for name in ("seconds", "seeds"):
            value = getattr(self, name)
            if value < 1:
                raise InputError("must be at least 1", field=name, value=value)


FULL = Settings(rates=(50, 55, 60, 65, 70, 75, 80), seconds=100, seeds=10)


def times_of_iterations() -> tuple[Fraction, Fraction]:
    """Return ``d0`` and ``d1`` in seconds, of two published values of M*.

    ``1/M* = 1/(d0 w lam) - d1/d0`` for the volume ``w`` of a request.
    """
    low, high = (Fraction(1, PUBLISHED[rate]) for rate in (50, 80))
    scale = (Fraction(1, 50) - Fraction(1, 80)) / (low - high)
    d0 = scale / PromptType(PROMPT, OUTPUT, 1).volume
    return d0, d0 * (1 / (50 * scale) - low)


def data(settings: Settings, work: Work) -> list[StagedRow]:
    """Simulate every policy at every rate."""
    d0, d1 = (1e3 * float(time) for time in times_of_iterations())
    return staged_runs(
        [
            StagedTask(
                policy,
                PROMPT,
                f"{OUTPUT}:1",
                rate,
                settings.seconds,
                MEMORY,
                f"p5:d0={d0:.9f},d1={d1:.9f}",
                seed,
            )
            for rate in sorted(settings.rates, reverse=True)
            for seed in range(settings.seed, settings.seed + settings.seeds)
            for policy in POLICIES
        ],
        work,
    )


def describe(data: Sequence[StagedRow], settings: Settings) -> Findings:
    """Say where the published values come out, and who keeps up."""
    d0, d1 = times_of_iterations()
    kind = PromptType(PROMPT, OUTPUT, 1)
    crossing = float(largest_scale([kind], d0, d1, MEMORY))
    curve = {rate: fluid_memory(rate, d0, d1) for rate in PUBLISHED}
    most = max(settings.rates)
    return Findings(
        "The fluid model of P5, and WAIT around its capacity",
        proved=(
            "the fluid formula through the published M* at 50 and 80 gives "
            f"{curve[60]:,.0f} at 60 (published {PUBLISHED[60]:,}) and "
            f"{curve[70]:,.0f} at 70 ({PUBLISHED[70]:,}), and crosses "
            f"{MEMORY:,} at {crossing:.1f} a second ({CROSSING})",
            accepted(data),
        ),
        not_proved=tuple(
            "{} at {:g} a second: {:.1f} completed a second, mean latency "
            "{:.1f} s, {:.0f} evictions".format(
                title_of(policy),
                most,
                *means(
                    data,
                    ("completed", "mean", "evictions"),
                    policy=policy,
                    rate=most,
                ),
            )
            for policy in POLICIES
        ),
        numbers={
            "settings": asdict(settings),
            "d0_s": float(d0),
            "d1_s": float(d1),
            "crossing": crossing,
            "rows": [asdict(row) for row in data],
        },
        table=(
            ("policy", "rate", "mean s", "p95 s", "completed", "evicted"),
            [
                table_row(data, policy, rate)
                for policy in POLICIES
                for rate in sorted(settings.rates)
            ],
        ),
        shows="Memory of the fluid equilibrium, and completed requests and "
        f"mean latency at C = {MEMORY}, mean and 95 % interval over "
        f"{settings.seeds} runs",
        original="P5 (arXiv 2504.11320), section 6: M* at four rates on "
        "LMSYS-Chat-1M, its crossing of the memory cap, and the comparison "
        "of WAIT with vLLM and Sarathi",
        notes=(
            "WAIT waits for a batch of its threshold, and pays for it with "
            "latency",
            "runs begin with an empty worker: near the capacity its memory "
            f"may still grow in the second half of {settings.seconds} s",
        ),
        same=(
            "the fluid formula, the memory cap, and the four values of M*",
            "an iteration takes d0 + d1 times the tokens that its batch "
            "holds; Poisson arrivals; WAIT's threshold is the largest with "
            "M^pi <= C",
        ),
        differs=(
            f"d0 = {1e3 * float(d0):.2f} ms and d1 = {1e6 * float(d1):.3f} "
            "us a token are what two values of M* imply for the volume of "
            "this one type, not Vidur's batch times",
            f"all requests are (l, l') = ({PROMPT}, {OUTPUT}), the published "
            "means; the paper's have many lengths, and Nested WAIT",
            f"{settings.seconds} s of arrivals and {settings.seeds} seeds, "
            "not 5,000 requests and ten replications",
            "the rules of FCFS and of the Sarathi-like baseline are readings "
            "of ours",
        ),
    )


def fluid_memory(rate: float, d0: Fraction, d1: Fraction) -> float:
    """Return ``M*`` at a rate."""
    kind = PromptType(PROMPT, OUTPUT, rate)
    return float(equilibrium([kind], d0, d1).memory)


def table_row(
    rows: Sequence[StagedRow], policy: str, rate: float
) -> tuple[str, ...]:
    """Return the cells of a policy at a rate."""
    columns = ("mean", "p95", "completed", "evictions")
    found = means(rows, columns, policy=policy, rate=rate)
    return (
        title_of(policy),
        f"{rate:g}",
        *(
            f"{value:.{digits}f}"
            for value, digits in zip(found, (2, 2, 1, 0), strict=True)
        ),
    )


def draw(data: Sequence[StagedRow], settings: Settings) -> Figure:
    """Draw M*, completed requests and latency, a panel each."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(7.0, 2.8), layout="constrained")
        left, middle, right = figure.subplots(1, 3)
        draw_memory(data, left)
        both = {"completed": "completed a second", "mean": "mean latency (s)"}
        for ax, (column, name) in zip(
            (middle, right), both.items(), strict=True
        ):
            found = [
                rate_curve(data, policy, column, turn)
                for turn, policy in enumerate(POLICIES)
            ]
            plot_curves(found, ax, "requests a second", name)
            ax.set_ylim(bottom=0)
            ax.axvline(CROSSING, color="#777777", linewidth=0.8)
        ends = np.array([min(settings.rates), max(settings.rates)])
        middle.plot(ends, ends, color="#777777", linewidth=0.8, dashes=(4, 2))
        middle.set_ylim(0, 1.05 * ends[1])
        middle.annotate(
            "dashed: all that arrives",
            (0.03, 0.03),
            xycoords="axes fraction",
            fontsize=7,
            color="#555555",
        )
        right.annotate(
            f"M* = C at {CROSSING}",
            (CROSSING, 0.02),
            xycoords=("data", "axes fraction"),
            xytext=(-3, 0),
            textcoords="offset points",
            ha="right",
            fontsize=7,
            color="#555555",
        )
        handles, names = right.get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower right", ncols=3)
    return figure


def draw_memory(data: Sequence[StagedRow], ax: Axes) -> None:
    """Draw M* by formula, as published, and as simulated."""
    d0, d1 = times_of_iterations()
    rates = np.linspace(40, 80, 81)
    # Without evictions the memory might as well be without end.
    simulated = [
        row
        for row in data
        if row.policy == "staged-fcfs" and not row.evictions
    ]
    curves = [
        Curve(
            "fluid model",
            rates,
            np.array([fluid_memory(rate, d0, d1) for rate in rates]) / 1e3,
            marks=False,
        ),
        Curve(
            "published",
            np.array(list(PUBLISHED)),
            np.array(list(PUBLISHED.values())) / 1e3,
            turn=1,
            line=False,
        ),
        Curve(
            "simulated",
            np.array([row.rate for row in simulated]),
            np.array([row.held for row in simulated]) / 1e3,
            turn=2,
            line=False,
        ),
    ]
    plot_curves(curves, ax, "requests a second", "memory (1000 tokens)")
    ax.set_ylim(bottom=0)
    ax.legend()
    ax.axhline(MEMORY / 1e3, color="#777777", linewidth=0.8)
    ax.annotate(
        "C",
        (40, MEMORY / 1e3),
        xytext=(0, 2),
        textcoords="offset points",
        fontsize=8,
        color="#555555",
    )
