"""P1 v5, section 5: throughput and latency against the arriving load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from kvopt.experiments.serving import (
    PACKAGED,
    ServingRow,
)
from kvopt.plots import (
    Curve,
    house_style,
    plain_log_ticks,
    plot_curves,
)
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
    values,
)
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FULL", "SECONDS", "Settings", "data", "describe", "draw"]

POLICIES = (
    "mc-sf",
    "mc-benchmark",
    "alpha-greedy:alpha=0.25",
    "alpha-beta-clearing:alpha=0.1,beta=0.1",
    "svf",
    "fcfs",
    "vllm-watermark",
)
# Column of the rows, and what the axis says.
PANELS = {
    "throughput": "throughput (tokens a second)",
    "mean": "mean latency (s, log scale)",
}

SECONDS = 20.0


@dataclass(frozen=True)
class Settings:
    """How much to do; the defaults take about 20 seconds on two cores.

    Parameters
    ----------
    trace
        File of a trace, or lmsys-like for the synthetic sample.
    requests
        Number of requests.
    rates
        Poisson arrivals a second.
    seeds
        Number of samples.
    seed
        Seed of the first; the others follow.
    """

    trace: str = PACKAGED
    requests: int = 10_000
    rates: tuple[float, ...] = (2, 5, 8, 10, 12, 14, 17, 20, 30, 50)
    seeds: int = 5
    seed: int = 0


FULL = Settings(seeds=10)


def data(settings: Settings, work: Work) -> list[ServingRow]:
    """Simulate every policy at every rate."""
    lines = [(policy, "") for policy in POLICIES]
    return served(at_rates(settings, lines), work, "throughput")


def describe(data: Sequence[ServingRow], settings: Settings) -> Findings:
    """Say where throughput levels off, and at what."""
    most = max(settings.rates)
    header = ("policy", f"tokens/s at {most:g}/s", f"mean s at {most:g}/s")
    return Findings(
        f"{len(POLICIES)} policies at {len(settings.rates)} rates, "
        f"{settings.requests} requests, M = {MEMORY}",
        proved=(accepted(data),),
        not_proved=failures(data),
        numbers={
            "settings": asdict(settings),
            "rows": [asdict(row) for row in data],
        },
        table=(header, [cells(data, p, most) for p in POLICIES]),
        shows="Throughput and mean latency against arrivals a second, mean "
        f"and 95 % interval over {settings.seeds} samples: "
        f"{sample_of(settings.trace)}, {settings.requests} requests, "
        f"M = {MEMORY}",
        original="P1 (arXiv 2502.07115v5), section 5, where 50 and 10 a "
        "second stand for high and low demand",
        notes=(
            "throughput is the output tokens of all requests over the time "
            "from the first arrival to the last completion: the last "
            "requests run in a batch that is not full",
        ),
        same=(f"M = {MEMORY}; Poisson arrivals",),
        differs=(
            f"seconds are those of the clock {CLOCK}, requests synthetic",
            "SVF, FCFS and vLLM with a watermark are not in the original",
        ),
    )


def cells(
    rows: Sequence[ServingRow], policy: str, rate: float
) -> tuple[str, ...]:
    """Return the cells of one policy."""
    made = [values(rows, c, policy=policy, rate=rate) for c in PANELS]
    return (label(policy), *(f"{np.mean(m):.1f}" if m else "" for m in made))


def curve(
    rows: Sequence[ServingRow], policy: str, column: str
) -> Curve | None:
    """Return a policy's curve, where all of its runs finished."""
    found = {}
    for rate in sorted({row.rate for row in rows}):
        here = values(rows, column, policy=policy, rate=rate)
        runs = [r for r in rows if (r.policy, r.rate) == (policy, rate)]
        if len(here) == len(runs):
            # Latencies are drawn on a logarithmic axis.
            found[rate] = estimate(here, min(here))
    if not found:
        return None
    low, value, high = np.array(list(found.values())).T
    turn = POLICIES.index(policy)
    rates = np.array(list(found))
    return Curve(label(policy), rates, value, low, high, turn)


def draw(data: Sequence[ServingRow], settings: Settings) -> Figure:
    """Draw throughput on the left, latency on the right, a legend below."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(7.0, 3.2), layout="constrained")
        axes = figure.subplots(1, 2)
        for ax, (column, name) in zip(axes, PANELS.items(), strict=True):
            found = (curve(data, policy, column) for policy in POLICIES)
            drawn = [c for c in found if c is not None]
            plot_curves(drawn, ax, "requests a second", name)
            ax.set_ylim(bottom=0)
        axes[1].set_yscale("log")
        axes[1].autoscale(axis="y")
        plain_log_ticks(axes[1].yaxis)
        handles, names = axes[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=3)
    return figure
