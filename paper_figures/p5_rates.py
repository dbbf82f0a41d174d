"""P5, section 6: throughput and latency against rate, on four workloads.

The paper simulates Llama-2-7B on one A100. Here the clock of an iteration is
fitted to two of its largest stable rates; the third is a check. The fourth
workload has the lengths of conversations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kvopt.analysis.fluid import equal_segments, survival
from kvopt.experiments.serving import PACKAGED
from kvopt.experiments.staged_serving import (
    StagedRow,
    StagedTask,
    lengths_of_trace,
)
from kvopt.model import InputError
from kvopt.plots import house_style, plot_curves
from kvopt.plots.style import MUTED, plain_log_ticks
from kvopt.policies.staged.thresholds import nested_memory
from paper_figures.frame.figure import Findings
from paper_figures.frame.serving import sample_of
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
    prompt: int
    mix: str
    policies: tuple[str, ...]
    published: tuple[tuple[str, float], ...]


_BASELINES = ("staged-fcfs", "sarathi-like")
# Least thresholds; with them WAIT waits least, and holds least.
FIXED = {
    "short": Workload(
        "(512, 20)",
        PROMPT,
        "20:1",
        (*_BASELINES, "wait:thresholds=512x20:1"),
        (("vLLM", 19), ("Sarathi", 22), ("WAIT", 23)),
    ),
    "mixed": Workload(
        "70% (512, 20),\n30% (512, 50)",
        PROMPT,
        "20:0.7+50:0.3",
        (
            *_BASELINES,
            "wait:thresholds=512x20:3+512x50:1",
            "nested-wait:ends=20+50,thresholds=3+1",
        ),
        (("vLLM", 18), ("Sarathi", 21), ("Nested WAIT", 22)),
    ),
    "long": Workload("(512, 1000)", PROMPT, "1000:1", _BASELINES, ()),
}
# Published mean latencies of (512, 1000) at 4.5 a second, in seconds.
PUBLISHED_LONG = {"WAIT": 32.3, "Sarathi": 41.7, "vLLM": 53.8}
# The rates to which the clock is fitted: the largest one of WAIT on short
# requests, and that at which 137,000 tokens are held by long ones.
FITTED = {"short": 23.0, "long": 4.5}
# On lengths of conversations: P5's largest rate, for which thresholds are
# made; one segment and several; and what is added to the share that goes on.
RATED, SEGMENTS, SLACK = 150.0, (1, 5), 0.05

SECONDS = 45.0


@dataclass(frozen=True)
class Settings:
    """How much to do; the defaults take about 45 seconds on two cores.

    Parameters
    ----------
    short, mixed, long, real
        Requests a second on each workload.
    trace
        File of a trace whose lengths are real, or lmsys-like for the
        synthetic sample.
    duration
        Seconds of arrivals of one run; three quarters for long requests, and
        half on real lengths.
    seeds
        Number of runs at each rate.
    seed
        Seed of the first; the others follow.
    """

    short: tuple[float, ...] = (12, 18, 21, 23, 24)
    mixed: tuple[float, ...] = (12, 18, 20, 22, 23)
    long: tuple[float, ...] = (3.5, 4, 4.5)
    real: tuple[float, ...] = (10, 50, 100, 150)
    trace: str = PACKAGED
    duration: int = 120
    seeds: int = 5
    seed: int = 0


FULL = Settings(
    short=(12, 14, 16, 18, 19, 20, 21, 22, 23, 24),
    mixed=(12, 14, 16, 18, 19, 20, 21, 22, 23),
    long=(3, 3.5, 4, 4.25, 4.5),
    real=(10, 30, 50, 75, 100, 125, 150),
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


@cache
def nested(trace: str, segments: int) -> str:
    """Return Nested WAIT for the lengths of a trace.

    As P5 has it: segments of equal width, ``n_k`` is ``n_1`` times the
    product of the shares that go on, each with some slack; whole numbers, at
    least 1. ``n_1`` is the least that keeps up with ``RATED`` requests a
    second when an iteration holds what batches of all stages hold; less when
    that is more memory than there is, even for empty prompts.

    Parameters
    ----------
    trace
        As ``mix`` of :class:`StagedTask`.
    segments
        Their number ``L``.
    """
    number = Counter(lengths_of_trace(trace)[1].tolist())
    ends, rates = equal_segments(list(number), list(number.values()), segments)
    going_on = [min(float(p) + SLACK, 0.99) for p in survival(rates)]
    found: list[int] = []
    for first in range(1, ceil(RATED) + 1):
        kept = float(first)
        caps = [first]
        for share in going_on:
            kept *= share
            caps.append(ceil(kept))
        held = float(nested_memory(0, ends, caps))
        if found and held > MEMORY:
            break
        found = caps
        clock = fitted()
        if RATED * (clock["d0"] + clock["d2"] * held) < first:
            break
    ends_text, caps_text = ("+".join(map(str, each)) for each in (ends, found))
    return f"nested-wait:ends={ends_text},thresholds={caps_text}"


def workloads(settings: Settings) -> dict[str, Workload]:
    """Return the workloads, by the setting that has their rates."""
    policies = [nested(settings.trace, number) for number in SEGMENTS]
    real = Workload(
        "lengths of\nconversations",
        0,
        settings.trace,
        (*_BASELINES, *dict.fromkeys(policies)),
        (),
    )
    return {**FIXED, "real": real}


def name_of(policy: str) -> str:
    """Return what a policy is called: one segment is WAIT, of one type."""
    one_segment = policy.startswith("nested-wait") and "+" not in policy
    return "WAIT" if one_segment else title_of(policy)


def data(settings: Settings, work: Work) -> list[StagedRow]:
    """Run every policy at every rate of each workload."""
    quarters = {"short": 4, "mixed": 4, "long": 3, "real": 2}
    tasks = []
    for name, workload in workloads(settings).items():
        tasks += [
            StagedTask(
                policy,
                workload.prompt,
                workload.mix,
                rate,
                settings.duration * quarters[name] // 4,
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


def line_of(workload: Workload) -> str:
    """Return the title on one line."""
    return workload.title.replace("\n", " ")


def completed_at_most(rows: Sequence[StagedRow], workload: Workload) -> str:
    """Say what share each policy completes at the largest rate."""
    mine = of(rows, workload)
    rate = max(row.rate for row in mine)
    shares = {
        name_of(policy): means(
            mine, ("share_completed",), policy=policy, rate=rate
        )[0]
        for policy in workload.policies
    }
    most_first = sorted(shares, key=lambda name: -shares[name])
    return (
        f"{line_of(workload)} at {rate:g} a second, completed of arrived: "
        + ", ".join(f"{name} {shares[name]:.3f}" for name in most_first)
    )


def describe(data: Sequence[StagedRow], settings: Settings) -> Findings:
    """Say who keeps up, beside the published rates."""
    columns = ("share_completed", "mean", "first_token_mean", "evictions")
    lines = []
    shown = workloads(settings)
    for workload in shown.values():
        mine = of(data, workload)
        for rate in sorted({row.rate for row in mine}):
            for policy in workload.policies:
                found = means(mine, columns, policy=policy, rate=rate)
                lines.append(
                    (
                        line_of(workload),
                        f"{rate:g}",
                        name_of(policy),
                        *(f"{value:.2f}" for value in found),
                    )
                )
    at_most = largest_mixed()
    return Findings(
        "P5: throughput and latency against rate on four workloads",
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
        "and Sarathi on (512, 20), 70/30, (512, 1000) and LMSYS",
        notes=(
            f"the clock is fitted to {FITTED['short']:g} requests (512, 20) "
            f"and {FITTED['long']:g} requests (512, 1000) a second; on the "
            f"mixture it allows {at_most:.1f}, published 22",
            *(
                completed_at_most(data, workload)
                for workload in shown.values()
            ),
            "WAIT waits for a batch of its threshold, the longer the lower "
            "the rate is",
            "on (512, 1000) the least whole threshold of WAIT, one request a "
            f"stage, needs {volume(1000):,.0f} tokens, more than there are: "
            "it cannot run",
            "Nested WAIT with one segment is WAIT, so it is not drawn on "
            "requests of one length",
            "on lengths of conversations each pair of lengths would be a type "
            "of WAIT, which runs only when another of it waits; WAIT stands "
            "there for Nested WAIT with one segment",
            *(
                f"thresholds there, for {RATED:g} a second: {policy}"
                for policy in shown["real"].policies
                if policy.startswith("nested-wait")
            ),
            "whole thresholds hold back most of the memory for stages that "
            "few requests reach",
        ),
        same=(
            "workloads, memory, rates; Poisson arrivals; chunks of 512 and "
            "a reserve of 1 % for the Sarathi-like baseline; of conversations "
            "those with both lengths below 500, and segments of equal width",
        ),
        differs=(
            "not Vidur: an iteration takes d0 + d2 times the tokens held + "
            "p times the prompt tokens beyond the first "
            f"{fitted()['free']:g}, d0 from the published M*",
            "thresholds are the least possible, not tuned for each rate; "
            "how the paper runs WAIT on (512, 1000) is not said",
            f"lengths of conversations: {sample_of(settings.trace)}",
            f"{settings.duration} s of arrivals and {settings.seeds} seeds, "
            "not ten replications; FCFS stands for vLLM",
        ),
    )


def draw(data: Sequence[StagedRow], settings: Settings) -> Figure:
    """Draw a column a workload, throughput above and latency below."""
    from matplotlib.figure import Figure

    shown = workloads(settings)
    with house_style():
        figure = Figure(figsize=(7.0, 4.4), layout="constrained")
        axes = figure.subplots(2, len(shown), sharex="col")
        for (top, bottom), workload in zip(
            axes.T, shown.values(), strict=True
        ):
            mine = of(data, workload)
            draw_one(mine, workload, top, "share_completed")
            draw_one(mine, workload, bottom, "mean")
            top.set_title(workload.title)
            top.set_xlabel("")
            top.axhline(1, color=MUTED, linewidth=0.8, dashes=(4, 2), zorder=1)
            top.set_ylim(0.6, 1.2)
            bottom.set_xticks(apart({row.rate for row in mine}))
        names = list(shown)
        draw_published(axes[1][names.index("long")])
        real = axes[:, names.index("real")]
        # WAIT falls far behind there, and its latency is many times others'.
        real[0].set_ylim(0, 1.2)
        real[1].set_yscale("log")
        real[1].set_ylim(0.5, 100)
        plain_log_ticks(real[1].yaxis)
        for top, bottom in axes.T[1:]:
            top.set_ylabel("")
            bottom.set_ylabel("")
        handles, labels = axes[0][1].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=5)
    return figure


def apart(rates: Iterable[float]) -> list[float]:
    """Return the rates whose labels do not touch, the least one first."""
    found: list[float] = []
    every = sorted(rates)
    for rate in every:
        if not found or rate - found[-1] > 0.12 * (every[-1] - every[0]):
            found.append(rate)
    return found


def draw_one(
    rows: Sequence[StagedRow], workload: Workload, ax: Axes, column: str
) -> None:
    """Draw a column of the rows, a curve a policy."""
    curves = [
        replace(rate_curve(rows, policy, column, turn), label=name_of(policy))
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
