"""P1 v1/v2: energy of the policies, by two models of power."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from kvopt.experiments.serving import (
    P1_BASELINES,
    PACKAGED,
    ServingRow,
)
from kvopt.plots import IntervalRow, house_style, plot_interval_rows
from paper_figures.frame.figure import Findings
from paper_figures.frame.serving import (
    CLOCK,
    MEMORY,
    accepted,
    at_rates,
    estimate,
    failures,
    interval,
    label,
    sample_of,
    served,
    values,
)
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FULL", "SECONDS", "Settings", "data", "describe", "draw"]

POLICIES = (*P1_BASELINES, "mc-sf:misfit=skip", "svf", "fcfs")
# Column, and what the model of power is called.
MODELS = {
    "energy_per_token": "power by tokens (ours)",
    "flop_energy_per_token": "power by operations (2601.17855)",
}

SECONDS = 10.0


@dataclass(frozen=True)
class Settings:
    """How much to do; the defaults take about ten seconds on two cores.

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
    requests: int = 5_000
    rates: tuple[float, ...] = (50.0, 10.0)
    seeds: int = 5
    seed: int = 0


FULL = Settings(requests=10_000, seeds=10)


def data(settings: Settings, work: Work) -> list[ServingRow]:
    """Simulate every policy at every rate."""
    lines = [(policy, "") for policy in POLICIES]
    return served(at_rates(settings, lines), work, "energy")


def describe(data: Sequence[ServingRow], settings: Settings) -> Findings:
    """Say which policy needs least energy, and by how much."""
    rows = sorted(POLICIES, key=lambda p: sort_key(data, p, settings))
    header = (
        "policy",
        *(
            f"J/token, {m}, {r:g}/s"
            for m in MODELS.values()
            for r in settings.rates
        ),
    )
    return Findings(
        f"energy of {len(POLICIES)} policies, {settings.requests} requests, "
        f"M = {MEMORY}",
        proved=(accepted(data),),
        not_proved=failures(data),
        numbers={
            "settings": asdict(settings),
            "rows": [asdict(row) for row in data],
        },
        table=(header, [cells(data, p, settings) for p in rows]),
        shows="Energy for each output token, mean and 95 % interval over "
        f"{settings.seeds} samples: {sample_of(settings.trace)}, "
        f"{settings.requests} requests, M = {MEMORY}",
        original="P1 (arXiv 2502.07115v1/v2), whose abstract says that lower "
        "latency comes with lower energy; it prints no figure that is known",
        notes=tuple(
            verdict(data, column, name, rate)
            for column, name in MODELS.items()
            for rate in settings.rates
        ),
        same=(
            f"M = {MEMORY}; MC-SF and the seven baselines; Poisson arrivals "
            f"at {' and '.join(f'{r:g}' for r in settings.rates)} a second",
        ),
        differs=(
            "P1's model of energy was not found; both are stand-ins",
            f"seconds are those of the clock {CLOCK}",
            "idle time between first arrival and last completion counts with "
            "idle power",
        ),
    )


def point(
    rows: Sequence[ServingRow], column: str, policy: str, rate: float
) -> tuple[float, float, float] | None:
    """Return low end, mean and high end of a policy's energy a token."""
    found = values(rows, column, policy=policy, rate=rate)
    return estimate(found) if found else None


def sort_key(
    rows: Sequence[ServingRow], policy: str, settings: Settings
) -> float:
    """Return the mean of the first model at the first rate."""
    found = point(rows, next(iter(MODELS)), policy, settings.rates[0])
    return float("inf") if found is None else found[1]


def verdict(
    rows: Sequence[ServingRow], column: str, name: str, rate: float
) -> str:
    """Compare MC-SF with the best baseline, seed by seed."""
    ours = values(rows, column, policy="mc-sf", rate=rate)
    rivals = {
        policy: values(rows, column, policy=policy, rate=rate)
        for policy in P1_BASELINES[1:]
    }
    rivals = {p: v for p, v in rivals.items() if len(v) == len(ours) > 0}
    if not rivals:
        return f"{name}, {rate:g} a second: no baseline finished"
    best = min(rivals, key=lambda p: np.mean(rivals[p]))
    saved = [1 - a / b for a, b in zip(ours, rivals[best], strict=True)]
    low, high = interval(saved)
    word = "neither more nor less"
    if low > 0 or high < 0:
        word = "less" if low > 0 else "more"
    return (
        f"{name}, {rate:g} a second: MC-SF needs {word} energy than the best "
        f"of P1's baselines, {label(best)}: {100 * np.mean(saved):.2f} % "
        f"[{100 * low:.2f}, {100 * high:.2f}] saved"
    )


def cells(
    rows: Sequence[ServingRow], policy: str, settings: Settings
) -> tuple[str, ...]:
    """Return the cells of one policy."""
    found = [
        point(rows, column, policy, rate)
        for column in MODELS
        for rate in settings.rates
    ]
    numbers = ("" if p is None else f"{p[1]:.4f}" for p in found)
    return (label(policy), *numbers)


def draw(data: Sequence[ServingRow], settings: Settings) -> Figure:
    """Draw a panel a model of power, a line a policy."""
    from matplotlib.figure import Figure

    order = sorted(POLICIES, key=lambda p: sort_key(data, p, settings))
    groups = [f"{rate:g} requests a second" for rate in settings.rates]
    with house_style():
        figure = Figure(figsize=(7.0, 3.2), layout="constrained")
        axes = figure.subplots(1, len(MODELS), sharey=True)
        for ax, (column, name) in zip(axes, MODELS.items(), strict=True):
            lines = [
                IntervalRow(
                    label(policy),
                    tuple(
                        point(data, column, policy, rate)
                        for rate in settings.rates
                    ),
                )
                for policy in order
            ]
            plot_interval_rows(lines, groups, ax, "energy (J a token)")
            ax.set_title(name)
        handles, names = axes[0].get_legend_handles_labels()
        figure.legend(
            handles, names, loc="outside lower center", ncols=len(groups)
        )
    return figure
