"""P1 v5, section 5: memory over time, and MC-SF against MC-Benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from kvopt.analysis.timeline import timeline_of, usage_of, usage_windows
from kvopt.check.gate import verified_latency
from kvopt.experiments.serving import PACKAGED, ServingRow, served_instance
from kvopt.plots import (
    IntervalRow,
    Usage,
    house_style,
    plot_interval_rows,
    plot_usage_windows,
)
from kvopt.simulation import simulate
from kvopt.simulation.clocks import parse_clock
from paper_figures.frame.figure import Findings
from paper_figures.frame.serving import (
    CLOCK,
    MEMORY,
    accepted,
    at_rates,
    estimate,
    failures,
    label,
    sample_of,
    served,
    serving_task,
    values,
)
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FULL", "SECONDS", "Settings", "data", "describe", "draw"]

# Whose memory is drawn: MC-SF, the same look-ahead in order of arrival, and
# order of arrival with a share kept free, as vLLM has it.
POLICIES = ("mc-sf", "mc-benchmark", "alpha-greedy:alpha=0.3")
# Less mean latency than MC-Benchmark, as one summary of P1 prints it.
PUBLISHED = 1 - 32.11 / 46.47
WINDOWS = 150

SECONDS = 20.0


@dataclass(frozen=True)
class Settings:
    """How much to do.

    Parameters
    ----------
    trace
        File of a trace, or lmsys-like for the synthetic sample.
    requests
        Number of requests.
    rates
        Poisson arrivals a second; memory is drawn at the first.
    seeds
        Number of samples; memory is that of the first.
    seed
        Seed of the first; the others follow.
    """

    trace: str = PACKAGED
    requests: int = 5_000
    rates: tuple[float, ...] = (50.0, 30.0, 20.0, 10.0)
    seeds: int = 5
    seed: int = 0


FULL = Settings(
    requests=10_000, rates=(50.0, 40.0, 30.0, 20.0, 15.0, 10.0), seeds=10
)


@dataclass(frozen=True)
class WindowRow:
    """Memory in use in a window of time: seconds, and tokens."""

    policy: str
    begin: float
    end: float
    least: float
    mean: float
    most: float


@dataclass(frozen=True)
class Served:
    """Memory by window, and the rows of all samples."""

    windows: Sequence[WindowRow]
    rows: Sequence[ServingRow]


def data(settings: Settings, work: Work) -> Served:
    """Simulate; keep windows of one sample, and rows of all."""
    rows = served(
        at_rates(settings, [(policy, "") for policy in POLICIES]),
        work,
        "policies of P1",
    )
    windows = work.kept_rows(
        settings, WindowRow, lambda: _windows(settings), "windows"
    )
    return Served(rows=rows, windows=windows)


def _windows(settings: Settings) -> list[WindowRow]:
    rows = []
    for policy in POLICIES:
        task = serving_task(
            settings.trace,
            policy,
            settings.rates[0],
            settings.seed,
            settings.requests,
            settings.requests,
        )
        instance = served_instance(task)
        result = simulate(
            instance, policy, seed=settings.seed, clock=parse_clock(CLOCK)
        )
        verified_latency(result.instance, result.schedule)
        found = usage_windows(*usage_of(result, timeline_of(result)), WINDOWS)
        rows += [
            WindowRow(policy, *map(float, columns))
            for columns in zip(
                found.edges,
                found.edges[1:],
                found.least,
                found.mean,
                found.most,
                strict=False,
            )
        ]
    return rows


def saved(
    rows: Sequence[ServingRow], rate: float
) -> tuple[float, float, float] | None:
    """Return how much less mean latency MC-SF has than MC-Benchmark.

    In per cent, paired by sample: low end, mean and high end.
    """
    ours = values(rows, "mean", policy="mc-sf", rate=rate)
    theirs = values(rows, "mean", policy="mc-benchmark", rate=rate)
    if not ours or len(ours) != len(theirs):
        return None
    return estimate(
        [100 * (1 - a / b) for a, b in zip(ours, theirs, strict=True)]
    )


def describe(data: Served, settings: Settings) -> Findings:
    """Say what of the memory is used, and how much MC-SF saves."""
    found = {rate: saved(data.rows, rate) for rate in settings.rates}
    used = {
        (policy, rate): np.mean(
            values(data.rows, "mean_memory", policy=policy, rate=rate) or [0]
        )
        / MEMORY
        for policy in POLICIES
        for rate in settings.rates
    }
    first = settings.rates[0]
    return Findings(
        f"Memory over time, {settings.requests} requests, M = {MEMORY}",
        proved=(accepted(data.rows),),
        not_proved=failures(data.rows),
        numbers={
            "settings": asdict(settings),
            "rows": [asdict(row) for row in data.rows],
        },
        table=(
            ("policy", *(f"used, {r:g}/s" for r in settings.rates)),
            [
                (
                    label(policy),
                    *(f"{used[policy, r]:.1%}" for r in settings.rates),
                )
                for policy in POLICIES
            ],
        ),
        shows=f"Memory in use over time at {first:g} requests a second, mean "
        f"(line) and range (area) of {WINDOWS} windows, one sample; and how "
        "much less mean latency MC-SF has than MC-Benchmark, mean and 95 % "
        f"interval over {settings.seeds} samples: "
        f"{sample_of(settings.trace)}, {settings.requests} requests, "
        f"M = {MEMORY}",
        original="P1 (arXiv 2502.07115v5), section 5: memory usage over "
        "time, and mean latencies of 32.11 (MC-SF) and 46.47 "
        f"(MC-Benchmark), {100 * PUBLISHED:.0f} % less",
        notes=(
            *(
                f"at {rate:g} a second MC-SF has {p[1]:.1f} % less mean "
                f"latency than MC-Benchmark [{p[0]:.1f}, {p[2]:.1f}]; "
                f"P1 prints {100 * PUBLISHED:.0f} % for one setting"
                for rate, p in found.items()
                if p is not None
            ),
            *(
                f"{label(policy)} uses {used[policy, first]:.0%} of the "
                f"memory on average over time at {first:g} a second"
                for policy in POLICIES
            ),
        ),
        same=(f"M = {MEMORY}, the policies, Poisson arrivals",),
        differs=(
            "which setting the published pair of latencies is of was not "
            "found",
            f"seconds are those of the clock {CLOCK}; the sample is ours",
        ),
    )


def draw(data: Served, settings: Settings) -> Figure:
    """Draw a panel of memory a policy, and what MC-SF saves beside."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(7.0, 3.6), layout="constrained")
        left, right = figure.subfigures(
            1, 2, squeeze=False, width_ratios=(1.6, 1)
        )[0]
        axes = left.subplots(len(POLICIES), 1, sharex=True, sharey=True)
        for ax, policy in zip(axes, POLICIES, strict=True):
            mine = [row for row in data.windows if row.policy == policy]
            columns = np.array(
                [(r.begin, r.end, r.least, r.mean, r.most) for r in mine]
            ).T
            plot_usage_windows(Usage(*columns), MEMORY, ax)
            ax.set_title(label(policy))
        axes[-1].set_xlabel("time (s)")
        left.supylabel("KV cache in use (tokens)", fontsize=9)
        ax = right.subplots()
        lines = [
            IntervalRow(f"{rate:g}/s", (saved(data.rows, rate),))
            for rate in settings.rates
        ]
        plot_interval_rows(
            lines, ("",), ax, "less latency than\nMC-Benchmark (%)"
        )
        ax.axvline(100 * PUBLISHED, color="#555555", linewidth=0.9)
        ax.set_title(f"MC-SF; grey: P1 prints {100 * PUBLISHED:.0f} %")
        ax.set_xlim(left=min(0.0, ax.get_xlim()[0]))
    return figure
