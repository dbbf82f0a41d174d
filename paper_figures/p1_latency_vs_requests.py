"""P1 v5, section 5: mean latency against number of requests, on a trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kvopt.experiments import run_experiment
from kvopt.experiments.latency import (
    P1_BASELINES,
    PACKAGED,
    LatencyRow,
    LatencyTask,
    latency_sweep_task,
    latency_tasks,
    load_trace,
    rate_of_load,
)
from kvopt.plots import LatencyCurve, house_style, plot_latency_curves
from kvopt.policies import parse_policy
from paper_figures.frame.figure import Findings, Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["SECONDS", "Settings", "data", "describe", "draw"]

MEMORY = 16_492
SIZES = tuple(range(250, 2001, 250))
HEADER = (
    "policy",
    "mean",
    "p50",
    "p90",
    "p95",
    "p99",
    "max",
    "cancelled",
    "makespan",
    "s",
)
# Both variants of MC-SF, P1's baselines, and the policies of other papers.
POLICIES = (
    *P1_BASELINES,
    "mc-sf:misfit=skip",
    "fcfs",
    "sf",
    "svf",
)


SECONDS = 20.0


@dataclass(frozen=True)
class Settings:
    """How much to do; the defaults take about a minute on two cores.

    Parameters
    ----------
    trace
        File of a trace, or lmsys-like for the packaged sample.
    high_load, low_load
        Offered load, the share of the memory's area that arriving requests
        take.
    high_sizes, low_sizes
        Numbers of requests.
    seed
        Seed of arrivals and policies.
    """

    trace: str = PACKAGED
    high_load: float = 2.0
    low_load: float = 0.9
    high_sizes: tuple[int, ...] = SIZES
    low_sizes: tuple[int, ...] = SIZES
    seed: int = 0


def data(settings: Settings, work: Work) -> list[LatencyRow]:
    """Simulate; the rows are kept and computed once.

    P1's policies run at all sizes and both loads, the others at the largest
    size of the high load only: they are in the table, not in the figure.
    """
    tasks = tasks_of(settings)
    return run_experiment(
        latency_sweep_task,
        [tasks[k] for k in longest_first(tasks)],
        LatencyRow,
        work.csv(),
        work.processes,
        work.progress("policies on the trace"),
    )


def describe(data: Sequence[LatencyRow], settings: Settings) -> Findings:
    """Say how latency grows, and which policies did not finish."""
    high, low = by_load(data, settings)
    most = max(settings.high_sizes)
    table = sorted(
        (row for row in high if row.requests == most),
        key=lambda row: float("inf") if row.mean is None else row.mean,
    )
    unfinished = tuple(
        f"{label(row.policy)} did not finish {row.requests} requests at "
        f"{row.rate:.3g} a round: {row.error}"
        for row in data
        if row.status == "FAILED"
    )
    what = (
        "the packaged lmsys-like sample, synthetic, made to have the "
        "published means and medians"
        if settings.trace == PACKAGED
        else f"requests of {Path(settings.trace).name}"
    )
    rates = rates_of(settings)
    return Findings(
        f"{len(POLICIES)} policies on {most} requests of "
        f"{Path(settings.trace).name}, M = {MEMORY}, "
        f"load {settings.high_load:g}",
        proved=(
            f"{sum(row.verified for row in data)} of {len(data)} runs on the "
            "trace finished, with schedules that the checker accepts",
        ),
        not_proved=unfinished,
        numbers={
            "settings": asdict(settings),
            "rates_a_round": rates,
            "rows": [asdict(row) for row in data],
        },
        table=(HEADER, [table_row(row) for row in table]),
        shows=f"Mean latency against number of requests: {what}, M = {MEMORY}",
        original="P1 (arXiv 2502.07115v5), section 5, the figures of average "
        "latency against number of requests under high and low demand",
        notes=(growth(low, "low"), growth(high, "high")),
        same=(
            f"M = {MEMORY}; MC-SF and the seven baselines; Poisson arrivals",
            "all policies see the same requests; a smaller number of "
            "requests is a prefix of a larger one",
        ),
        differs=(
            f"the trace is {what}: the paper's sample of 10,000 LMSYS "
            "conversations is not public",
            "the clock is unit rounds, not Vidur's batch times of Llama2-70B "
            "on two A100s; latencies are in rounds and cannot be compared "
            "with the paper's",
            f"demand is set by offered load, {settings.high_load:g} "
            f"({rates[0]:.4g} requests a round) and {settings.low_load:g} "
            f"({rates[1]:.4g} a round), not by 50 and 10 requests a second",
            f"up to {most} requests, not 10,000",
            "which parameters go with which baseline, and the rules of the "
            "alpha-protection policies, are readings of ours",
        ),
    )


def by_load(
    rows: Sequence[LatencyRow], settings: Settings
) -> tuple[list[LatencyRow], list[LatencyRow]]:
    """Return the rows of high and of low load."""
    high, low = (
        [row for row in rows if row.rate == rate]
        for rate in rates_of(settings)
    )
    return high, low


def rates_of(settings: Settings) -> tuple[float, float]:
    """Return the arrival rates of high and low load, in requests a round."""
    trace = load_trace(settings.trace)
    high, low = (
        rate_of_load(trace, MEMORY, load)
        for load in (settings.high_load, settings.low_load)
    )
    return high, low


def tasks_of(settings: Settings) -> list[LatencyTask]:
    """Return the tasks of both panels and of the table."""
    high, low = rates_of(settings)
    most = max(settings.high_sizes)

    def tasks(
        policies: Sequence[str], sizes: Sequence[int], rate: float
    ) -> list[LatencyTask]:
        return latency_tasks(
            settings.trace, policies, sizes, MEMORY, rate, settings.seed
        )

    wanted = [
        task
        for task in tasks(POLICIES, settings.high_sizes, high)
        if task.requests == most or task.policy in P1_BASELINES
    ]
    return [*wanted, *tasks(P1_BASELINES, settings.low_sizes, low)]


def longest_first(tasks: Sequence[LatencyTask]) -> list[int]:
    """Return an order in which two processes end at about the same time."""
    return sorted(range(len(tasks)), key=lambda k: -tasks[k].requests)


def label(policy: str) -> str:
    """Return what a policy is called in legends and tables."""
    title = parse_policy(policy).info.title.replace("-protection", "")
    parameters = policy.partition(":")[2].replace(",", ", ")
    for name, letter in (("alpha", "α"), ("beta", "β")):
        title = title.replace(f"{name} ", f"{letter}-")
        title = title.replace(f"{name}-", f"{letter}-")
        parameters = parameters.replace(f"{name}=", f"{letter}=")
    return f"{title}, {parameters}" if parameters else title


def draw(data: Sequence[LatencyRow], settings: Settings) -> Figure:
    """Draw low load on the left, high load and the legend on the right."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

    high, low = by_load(data, settings)
    with house_style():
        figure = Figure(figsize=(7.0, 2.7), layout="constrained")
        axes = figure.subplots(1, 2)
        for ax, rows, name, load in (
            (axes[0], low, "Low", settings.low_load),
            (axes[1], high, "High", settings.high_load),
        ):
            plot_latency_curves(curves(rows), ax)
            ax.set_title(f"{name} demand, load {load:g}")
            # A policy close to a livelock is many times the others.
            ax.set_yscale("log")
            ax.autoscale(axis="y")
            ax.yaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
            ax.yaxis.set_major_formatter(ScalarFormatter())
            ax.yaxis.set_minor_formatter(NullFormatter())
            ax.set_ylabel("mean latency (rounds, log scale)")
        axes[0].get_legend().remove()
        axes[1].set_ylabel("")
    return figure


def curves(rows: Sequence[LatencyRow]) -> list[LatencyCurve]:
    """Return the curve of each of P1's policies, where it finished."""
    found = []
    for policy in P1_BASELINES:
        points = sorted(
            (row.requests, row.mean)
            for row in rows
            if row.policy == policy and row.mean is not None
        )
        if points:
            requests, mean = zip(*points, strict=True)
            found.append(
                LatencyCurve(label(policy), np.array(requests), np.array(mean))
            )
    return found


def growth(rows: Sequence[LatencyRow], demand: str) -> str:
    """Say by how much mean latency grows with one more request."""
    slopes = {}
    for curve in curves(rows):
        if len(curve.requests) > 1:
            slope = np.polyfit(curve.requests, curve.mean, 1)[0]
            slopes[curve.label] = float(slope)
    if not slopes:
        return f"{demand} demand: too few points for a growth rate"
    said = "; ".join(
        f"{name}: {slope:.3g}"
        for name, slope in sorted(slopes.items(), key=lambda item: item[1])
    )
    return (
        f"{demand} demand: growth of mean latency per additional request "
        f"(least squares), in rounds: {said}"
    )


def table_row(row: LatencyRow) -> tuple[str, ...]:
    """Return the cells of one policy."""
    if row.mean is None:
        return (label(row.policy), row.error, *[""] * 8)
    numbers = (row.p50, row.p90, row.p95, row.p99, row.largest)
    rest = (row.cancellations, row.makespan)
    return (
        label(row.policy),
        f"{row.mean:.1f}",
        *(str(number) for number in (*numbers, *rest)),
        f"{row.runtime:.1f}",
    )
