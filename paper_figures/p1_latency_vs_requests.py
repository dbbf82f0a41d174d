"""P1 v5, section 5: mean latency against number of requests, on a trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kvopt.experiments.serving import (
    P1_BASELINES,
    PACKAGED,
    ServingRow,
    ServingTask,
)
from kvopt.plots import (
    Curve,
    LatencyCurve,
    house_style,
    plain_log_ticks,
    plot_latency_curves,
)
from paper_figures.frame.curves import said_of_overlaps
from paper_figures.frame.figure import Findings
from paper_figures.frame.serving import (
    CLOCK,
    MEMORY,
    accepted,
    estimate,
    failures,
    interval,
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

# P1's policies, MC-SF that skips misfits, and those of other papers.
OTHERS = ("mc-sf:misfit=skip", "svf", "fcfs")
POLICIES = (*P1_BASELINES, *OTHERS)
# P1 prints slopes of MC-SF and of the best baseline: seconds a request.
PUBLISHED = {50.0: (1 / 6, 1 / 2), 10.0: (1 / 800, 1 / 100)}
SLOPE = "s a request"
HEADER = ("policy", "high: mean s", SLOPE, "low: mean s", SLOPE)

SECONDS = 20.0


@dataclass(frozen=True)
class Settings:
    """How much to do; the defaults take about 20 s on two cores.

    Parameters
    ----------
    trace
        File of a trace, or lmsys-like for the synthetic sample.
    sizes
        Numbers of requests; the first ones of one sample a seed.
    high, low
        Poisson arrivals a second, under high and low demand.
    seeds
        Number of samples.
    seed
        Seed of the first; the others follow.
    """

    trace: str = PACKAGED
    sizes: tuple[int, ...] = (2_500, 5_000, 7_500, 10_000)
    high: float = 50.0
    low: float = 10.0
    seeds: int = 5
    seed: int = 0


FULL = Settings(
    sizes=tuple(range(1_000, 11_000, 1_000)),
    seeds=10,
)


def data(settings: Settings, work: Work) -> list[ServingRow]:
    """Simulate every policy at every size and demand."""
    return served(tasks_of(settings), work, "policies on the trace")


def tasks_of(settings: Settings) -> list[ServingTask]:
    """Return the tasks, the longest first."""
    given = product(
        sorted(settings.sizes, reverse=True),
        (settings.high, settings.low),
        range(settings.seed, settings.seed + settings.seeds),
        POLICIES,
    )
    most = max(settings.sizes)
    return [
        serving_task(settings.trace, policy, rate, seed, size, most)
        for size, rate, seed, policy in given
    ]


def describe(data: Sequence[ServingRow], settings: Settings) -> Findings:
    """Say how latency grows, and which policies did not finish."""
    most = max(settings.sizes)
    what = sample_of(settings.trace)
    first = {
        policy: values(
            data, "mean", policy=policy, rate=settings.high, requests=most
        )
        for policy in POLICIES
    }
    order = sorted(POLICIES, key=lambda p: np.mean(first[p] or [np.inf]))
    slopes = {
        rate: slopes_of(data, rate) for rate in (settings.high, settings.low)
    }
    return Findings(
        f"{len(POLICIES)} policies on up to {most} requests of "
        f"{Path(settings.trace).name}, M = {MEMORY}",
        proved=(accepted(data),),
        not_proved=failures(data),
        numbers={
            "settings": asdict(settings),
            "slopes_s_a_request": {
                f"{rate:g}": {p: list(i) for p, i in found.items()}
                for rate, found in slopes.items()
            },
            "rows": [asdict(row) for row in data],
        },
        table=(HEADER, [table_row(data, p, settings) for p in order]),
        shows="Mean latency against number of requests in seconds, mean and "
        f"95 % interval over {settings.seeds} samples: {what}, M = {MEMORY}",
        original="P1 (arXiv 2502.07115v5), section 5, the figures of average "
        "latency against number of requests under high and low demand",
        notes=(
            *(verdict(slopes[rate], rate) for rate in slopes),
            *said_of_overlaps(
                {
                    f"{name} demand": [
                        Curve(
                            curve.label,
                            curve.requests.astype(float),
                            curve.mean,
                        )
                        for curve in curves(data, rate)
                    ]
                    for name, rate in (
                        ("high", settings.high),
                        ("low", settings.low),
                    )
                }
            ),
        ),
        same=(
            f"M = {MEMORY}; MC-SF and the seven baselines; up to "
            f"{most} requests; Poisson arrivals at {settings.high:g} and "
            f"{settings.low:g} a second",
            "all policies see the same requests; a smaller number of "
            "requests is a prefix of a larger one",
        ),
        differs=(
            f"the trace is {what}: the paper's sample of 10,000 LMSYS "
            "conversations is not public",
            f"seconds are those of the clock {CLOCK}, a formula fitted to "
            "profiles of the same model and machines, not Vidur itself",
            "which parameters go with which baseline, and the rules of the "
            "alpha-protection policies, are readings of ours",
            "MC-SF that skips misfits, SVF and FCFS are not in the original",
        ),
    )


def slopes_of(
    rows: Sequence[ServingRow], rate: float
) -> dict[str, tuple[float, float, float]]:
    """Return the growth of mean latency a request, and its 95 % interval.

    Least squares over the sizes, one slope a seed; policies that did not
    finish everywhere are left out.
    """
    found = {}
    for policy in POLICIES:
        points: dict[int, list[tuple[int, float]]] = {}
        failed = False
        for row in rows:
            if (row.policy, row.rate) != (policy, rate):
                continue
            failed |= row.mean is None
            if row.mean is not None:
                points.setdefault(row.seed, []).append(
                    (row.requests, row.mean)
                )
        if failed or min(map(len, points.values()), default=0) < 2:
            continue
        slopes = []
        for pairs in points.values():
            sizes, latencies = np.array(pairs).T
            slopes.append(float(np.polyfit(sizes, latencies, 1)[0]))
        low, high = interval(slopes)
        found[policy] = (float(np.mean(slopes)), low, high)
    return found


def verdict(slopes: dict[str, tuple[float, float, float]], rate: float) -> str:
    """Compare the slopes with the published pair, if there is one."""
    rivals = {p: s for p, s in slopes.items() if p in P1_BASELINES[1:]}
    if "mc-sf" not in slopes or not rivals:
        return f"{rate:g} a second: too few points for slopes"
    best = min(rivals, key=lambda p: rivals[p])

    def said(policy: str) -> str:
        mean, low, high = slopes[policy]
        return f"{label(policy)} {mean:.4g} [{low:.4g}, {high:.4g}]"

    ours = (
        f"{rate:g} a second: {said('mc-sf')} and the best of P1's baselines, "
        f"{said(best)}, seconds a request, ratio "
        f"{slopes[best][0] / slopes['mc-sf'][0]:.3g}"
    )
    if rate not in PUBLISHED:
        return ours
    first, second = PUBLISHED[rate]
    return (
        f"{ours}; P1 prints {first:.4g} and {second:.4g}, ratio "
        f"{second / first:.3g}"
    )


def draw(data: Sequence[ServingRow], settings: Settings) -> Figure:
    """Draw low demand on the left, high demand and the legend right."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(7.0, 3.0), layout="constrained")
        axes = figure.subplots(1, 2)
        for ax, name, rate in (
            (axes[0], "Low", settings.low),
            (axes[1], "High", settings.high),
        ):
            plot_latency_curves(curves(data, rate), ax, "s, log scale")
            ax.set_title(f"{name} demand, {rate:g} requests a second")
            # A policy close to a livelock is many times the others.
            ax.set_yscale("log")
            ax.autoscale(axis="y")
            plain_log_ticks(ax.yaxis)
        axes[0].get_legend().remove()
        axes[1].set_ylabel("")
    return figure


def curves(rows: Sequence[ServingRow], rate: float) -> list[LatencyCurve]:
    """Return the curve of each policy, where all of its runs finished."""
    failed = {
        (row.policy, row.requests)
        for row in rows
        if row.rate == rate and row.mean is None
    }
    sizes = sorted({row.requests for row in rows})
    found = []
    for policy in POLICIES:
        here = [n for n in sizes if (policy, n) not in failed]
        runs = [
            values(rows, "mean", policy=policy, rate=rate, requests=n)
            for n in here
        ]
        if not here:
            continue
        # The axis is logarithmic.
        low, mean, high = np.array([estimate(r, min(r)) for r in runs]).T
        found.append(
            LatencyCurve(label(policy), np.array(here), mean, low, high)
        )
    return found


def table_row(
    rows: Sequence[ServingRow], policy: str, settings: Settings
) -> tuple[str, ...]:
    """Return the cells of one policy, at the largest size."""
    cells = [label(policy)]
    for rate in (settings.high, settings.low):
        found = values(
            rows,
            "mean",
            policy=policy,
            rate=rate,
            requests=max(settings.sizes),
        )
        slope = slopes_of(rows, rate).get(policy)
        cells.append(f"{np.mean(found):.1f}" if found else "not finished")
        cells.append("" if slope is None else f"{slope[0]:.4g}")
    return tuple(cells)
