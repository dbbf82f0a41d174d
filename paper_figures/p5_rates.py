"""P5, section 6: throughput and latency against rate, on three workloads.

The paper simulates Llama-2-7B on one A100. Here the clock of an iteration is
fitted to two of its largest stable rates; the third is a check.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kvopt.experiments.staged_serving import StagedRow, StagedTask
from kvopt.model import InputError
from kvopt.plots import house_style, plot_curves
from kvopt.plots.style import MUTED
from paper_figures.frame.figure import Findings
from paper_figures.frame.staged import (
    accepted,
    means,
    rate_curve,
    staged_runs,
    title_of,
)
from paper_figures.frame.work import Work
from paper_figures.p5_fluid_and_wait import MEMORY, times_of_iterations

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["FULL", "SECONDS", "Settings", "data", "describe", "draw"]

PROMPT = 512


class Workload(NamedTuple):
    """Requests of P5, its policies, and the published largest rates."""

    title: str
    mix: str
    policies: tuple[str, ...]
    published: tuple[tuple[str, float], ...]


_BASELINES = ("staged-fcfs", "sarathi-like")
# Least thresholds; with them WAIT waits least, and holds least.
WORKLOADS = {
    "short": Workload(
        "(512, 20)",
        "20:1",
        (*_BASELINES, "wait:thresholds=512x20:1"),
        (("vLLM", 19), ("Sarathi", 22), ("WAIT", 23)),
    ),
    "mixed": Workload(
        "70% (512, 20), 30% (512, 50)",
        "20:0.7+50:0.3",
        (
            *_BASELINES,
            "wait:thresholds=512x20:3+512x50:1",
            "nested-wait:ends=20+50,thresholds=3+1",
        ),
        (("vLLM", 18), ("Sarathi", 21), ("Nested WAIT", 22)),
    ),
    "long": Workload("(512, 1000)", "1000:1", _BASELINES, ()),
}
# Published mean latencies of (512, 1000) at 4.5 a second, in seconds.
PUBLISHED_LONG = {"WAIT": 32.3, "Sarathi": 41.7, "vLLM": 53.8}
# The rates to which the clock is fitted: the largest one of WAIT on short
# requests, and that at which 137,000 tokens are held by long ones.
FITTED = {"short": 23.0, "long": 4.5}

SECONDS = 40.0


@dataclass(frozen=True)
class Settings:
    """How much to do; the defaults take about 40 seconds on two cores.

    Parameters
    ----------
    short, mixed, long
        Requests a second on each workload.
    duration
        Seconds of arrivals of one run; three quarters for long requests.
    seeds
        Number of runs at each rate.
    seed
        Seed of the first; the others follow.
    """

    short: tuple[float, ...] = (12, 18, 21, 23, 24)
    mixed: tuple[float, ...] = (12, 18, 20, 22, 23)
    long: tuple[float, ...] = (3.5, 4, 4.5)
    duration: int = 120
    seeds: int = 5
    seed: int = 0


FULL = Settings(
    short=(12, 14, 16, 18, 19, 20, 21, 22, 23, 24),
    mixed=(12, 14, 16, 18, 19, 20, 21, 22, 23),
    long=(3, 3.5, 4, 4.25, 4.5),
    duration=300,
    seeds=10,
)


def volume(output: int) -> float:
    """Return ``w``, the memory of a request summed over its stages."""
    return (output + 1) * (PROMPT + output / 2)


@cache
def fitted() -> dict[str, float]:
    """Return the coefficients of the clock, in seconds, and free tokens.

    With full memory, many short requests in an iteration cost ``512 p + d2
    w`` each when the flat part of the prompts is the time of reading the
    weights, ``free = d0/p``. Long ones come one at a time: an iteration takes
    ``d0 + d2 C``, and ``512 p - d0`` more for each that begins.
    """
    d0 = float(times_of_iterations()[0])
    short, long = volume(20), volume(1000)
    each = MEMORY / long
    system = [[PROMPT, short], [each * PROMPT, MEMORY]]
    right = [1 / FITTED["short"], each / FITTED["long"] + each * d0 - d0]
    prefill, d2 = np.linalg.solve(system, right)
    return {
        "d0": d0,
        "d2": float(d2),
        "prefill": float(prefill),
        "free": round(d0 / prefill),
    }


def clock() -> str:
    """Return the clock, as on the command line."""
    found = fitted()
    times = ",".join(
        f"{name}={1e3 * found[name]:.6g}" for name in ("d0", "d2", "prefill")
    )
    return f"affine:{times},free={found['free']}"


def largest_mixed() -> float:
    """Return the rate at which the mixture fills the time."""
    found = fitted()
    mean = 0.7 * volume(20) + 0.3 * volume(50)
    return 1 / (PROMPT * found["prefill"] + found["d2"] * mean)


def data(settings: Settings, work: Work) -> list[StagedRow]:
    """Run every policy at every rate of each workload."""
    tasks = []
    for name, workload in WORKLOADS.items():
        duration = settings.duration * (3 if name == "long" else 4) // 4
        tasks += [
            StagedTask(
                policy,
                PROMPT,
                workload.mix,
                rate,
                duration,
                MEMORY,
                clock(),
                seed,
            )
            for rate in sorted(getattr(settings, name))
            for seed in range(settings.seed, settings.seed + settings.seeds)
            for policy in workload.policies
        ]
    if not tasks:
        raise InputError("needs a rate and a seed", field="seeds", value=0)
    return staged_runs(tasks, work)


def of(rows: Sequence[StagedRow], workload: Workload) -> list[StagedRow]:
    """Return the runs of a workload."""
    return [row for row in rows if row.mix == workload.mix]


def completed_at_most(rows: Sequence[StagedRow], workload: Workload) -> str:
    """Say what share each policy completes at the largest rate."""
    mine = of(rows, workload)
    rate = max(row.rate for row in mine)
    shares = {
        title_of(policy): means(
            mine, ("share_completed",), policy=policy, rate=rate
        )[0]
        for policy in workload.policies
    }
    most_first = sorted(shares, key=lambda name: -shares[name])
    return f"{workload.title} at {rate:g} a second, completed of arrived: " + (
        ", ".join(f"{name} {shares[name]:.3f}" for name in most_first)
    )


def describe(data: Sequence[StagedRow], settings: Settings) -> Findings:
    """Say who keeps up, beside the published rates."""
    columns = ("share_completed", "mean", "first_token_mean", "evictions")
    lines = []
    for workload in WORKLOADS.values():
        mine = of(data, workload)
        for rate in sorted({row.rate for row in mine}):
            for policy in workload.policies:
                found = means(mine, columns, policy=policy, rate=rate)
                lines.append(
                    (
                        workload.title,
                        f"{rate:g}",
                        title_of(policy),
                        *(f"{value:.2f}" for value in found),
                    )
                )
    at_most = largest_mixed()
    return Findings(
        "P5: throughput and latency against rate on three workloads",
        proved=(accepted(data),),
        not_proved=(),
        numbers={
            "settings": asdict(settings),
            "clock": fitted(),
            "largest_mixed": at_most,
            "rows": [asdict(row) for row in data],
        },
        table=(
            (
                "requests",
                "rate",
                "policy",
                "completed/arrived",
                "mean s",
                "TTFT s",
                "evictions",
            ),
            lines,
        ),
        shows="Completed over arrived requests (above) and mean latency "
        f"(below) against rate, C = {MEMORY:,}, mean and 95 % interval over "
        f"{settings.seeds} runs; dotted: published largest stable rates; "
        "crosses: published latencies, the order being that of the legend",
        original="P5 (arXiv 2504.11320), section 6: WAIT, Nested WAIT, vLLM "
        "and Sarathi on (512, 20), 70/30 and (512, 1000)",
        notes=(
            f"the clock is fitted to {FITTED['short']:g} requests (512, 20) "
            f"and {FITTED['long']:g} requests (512, 1000) a second; on the "
            f"mixture it allows {at_most:.1f}, published 22",
            *(
                completed_at_most(data, workload)
                for workload in WORKLOADS.values()
            ),
            "WAIT waits for a batch of its threshold, the longer the lower "
            "the rate is",
            "on (512, 1000) the least whole threshold of WAIT, one request a "
            f"stage, needs {volume(1000):,.0f} tokens, more than there are: "
            "it cannot run",
            "Nested WAIT with one segment is WAIT, so it is drawn on the "
            "mixture only",
        ),
        same=(
            "workloads, memory, rates; Poisson arrivals; chunks of 512 and "
            "a reserve of 1 % for the Sarathi-like baseline",
        ),
        differs=(
            "not Vidur: an iteration takes d0 + d2 times the tokens held + "
            "p times the prompt tokens beyond the first "
            f"{fitted()['free']:g}, d0 from the published M*",
            "thresholds are the least possible, not tuned for each rate; "
            "how the paper runs WAIT on (512, 1000) is not said",
            f"{settings.duration} s of arrivals and {settings.seeds} seeds, "
            "not ten replications; FCFS stands for vLLM",
        ),
    )


def draw(data: Sequence[StagedRow], settings: Settings) -> Figure:
    """Draw a column a workload, throughput above and latency below."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(7.0, 4.4), layout="constrained")
        axes = figure.subplots(2, len(WORKLOADS), sharex="col")
        for (top, bottom), workload in zip(
            axes.T, WORKLOADS.values(), strict=True
        ):
            mine = of(data, workload)
            draw_one(mine, workload, top, "share_completed")
            draw_one(mine, workload, bottom, "mean")
            top.set_title(workload.title)
            top.set_xlabel("")
            top.axhline(1, color=MUTED, linewidth=0.8, dashes=(4, 2), zorder=1)
            top.set_ylim(0.6, 1.2)
            bottom.set_xticks(sorted({row.rate for row in mine}))
        draw_published(axes[1][-1])
        for top, bottom in axes.T[1:]:
            top.set_ylabel("")
            bottom.set_ylabel("")
        handles, names = axes[0][1].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=5)
    return figure


def draw_one(
    rows: Sequence[StagedRow], workload: Workload, ax: Axes, column: str
) -> None:
    """Draw a column of the rows, a curve a policy."""
    curves = [
        rate_curve(rows, policy, column, turn)
        for turn, policy in enumerate(workload.policies)
    ]
    names = {
        "share_completed": "completed / arrived",
        "mean": "mean latency (s)",
    }
    plot_curves(curves, ax, "requests a second", names[column])
    ax.set_ylim(bottom=0)
    for _, rate in workload.published:
        ax.axvline(
            rate, color=MUTED, linewidth=0.8, linestyle="dotted", zorder=0
        )


def draw_published(ax: Axes) -> None:
    """Mark the published latencies of long requests."""
    ax.set_ylim(top=1.1 * max(PUBLISHED_LONG.values()))
    for name, latency in PUBLISHED_LONG.items():
        ax.plot(4.5, latency, "x", color=MUTED, zorder=4)
        ax.annotate(
            f"{name} (published)",
            (4.5, latency),
            xytext=(-4, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=7,
            color="#555555",
        )
