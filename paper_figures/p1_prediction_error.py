"""P1 v5, section 5: MC-SF with predicted lengths that are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

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
    label,
    sample_of,
    served,
    values,
)
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FULL", "SECONDS", "Settings", "data", "describe", "draw"]

PREDICTED = "mc-sf:lengths=point,margin=0.1"

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
    errors
        Relative errors of the predictions, epsilon.
    rates
        Poisson arrivals a second.
    seeds
        Number of samples.
    seed
        Seed of the first; the others follow.
    """

    trace: str = PACKAGED
    requests: int = 5_000
    errors: tuple[float, ...] = (0.2, 0.5, 0.8)
    rates: tuple[float, ...] = (50.0, 10.0)
    seeds: int = 5
    seed: int = 0


FULL = Settings(requests=10_000, seeds=10)


def runs_of(settings: Settings) -> list[tuple[str, str]]:
    """Return policy and predictor of each line of the figure."""
    noisy = [f"noisy-point:epsilon={error:g}" for error in settings.errors]
    return [
        ("mc-sf", ""),
        *((PREDICTED, predictor) for predictor in noisy),
        *((policy, "") for policy in P1_BASELINES[1:]),
    ]


def data(settings: Settings, work: Work) -> list[ServingRow]:
    """Simulate every policy at every rate."""
    tasks = at_rates(settings, runs_of(settings))
    return served(tasks, work, "prediction errors")


def describe(data: Sequence[ServingRow], settings: Settings) -> Findings:
    """Say whether MC-SF with errors is still ahead of the baselines."""
    header = ("policy", *(f"mean s, {r:g}/s" for r in settings.rates))
    return Findings(
        f"MC-SF with predictions, {settings.requests} requests, M = {MEMORY}",
        proved=(accepted(data),),
        not_proved=failures(data),
        numbers={
            "settings": asdict(settings),
            "rows": [asdict(row) for row in data],
        },
        table=(
            header,
            [cells(data, run, settings) for run in runs_of(settings)],
        ),
        shows="Mean latency of MC-SF with true lengths and with predictions, "
        "beside P1's baselines, mean and 95 % interval over "
        f"{settings.seeds} samples: {sample_of(settings.trace)}, "
        f"{settings.requests} requests, M = {MEMORY}",
        original="P1 (arXiv 2502.07115v5), section 5, prediction errors",
        notes=tuple(verdict(data, settings, rate) for rate in settings.rates),
        same=(
            "errors of "
            + ", ".join(f"{100 * error:g} %" for error in settings.errors)
            + "; MC-SF keeps a tenth of the memory free",
        ),
        differs=(
            "predictions are uniform between (1 - e) o and (1 + e) o, and an "
            "overflow clears all that runs: readings of ours",
            f"seconds are those of the clock {CLOCK}, requests synthetic",
        ),
    )


def point(
    rows: Sequence[ServingRow], run: tuple[str, str], rate: float
) -> tuple[float, float, float] | None:
    """Return low end, mean and high end of a line's mean latency."""
    policy, predictor = run
    found = values(rows, "mean", policy=policy, predictor=predictor, rate=rate)
    return estimate(found) if found else None


def name(run: tuple[str, str]) -> str:
    """Return what a line is called."""
    policy, predictor = run
    if not predictor:
        return label(policy)
    return f"MC-SF, predictions, ε={predictor.partition('=')[2]}"


def verdict(
    rows: Sequence[ServingRow], settings: Settings, rate: float
) -> str:
    """Compare MC-SF under the largest error with the best baseline."""
    worst = runs_of(settings)[len(settings.errors)]
    ours = point(rows, worst, rate)
    rivals = {
        policy: found[1]
        for policy in P1_BASELINES[1:]
        if (found := point(rows, (policy, ""), rate)) is not None
    }
    if ours is None or not rivals:
        return f"{rate:g} a second: not all runs finished"
    best = min(rivals, key=lambda policy: rivals[policy])
    ahead = "still ahead of" if ours[1] < rivals[best] else "behind"
    return (
        f"{rate:g} a second: with an error of {settings.errors[-1]:g} MC-SF "
        f"is {ahead} the best baseline, {label(best)}: {ours[1]:.1f} s "
        f"against {rivals[best]:.1f} s"
    )


def cells(
    rows: Sequence[ServingRow], run: tuple[str, str], settings: Settings
) -> tuple[str, ...]:
    """Return the cells of one line."""
    found = [point(rows, run, rate) for rate in settings.rates]
    return (name(run), *("" if p is None else f"{p[1]:.2f}" for p in found))


def draw(data: Sequence[ServingRow], settings: Settings) -> Figure:
    """Draw a panel a demand, a line a policy."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(7.0, 3.0), layout="constrained")
        axes = figure.subplots(
            1, len(settings.rates), sharey=True, squeeze=False
        )
        for ax, rate in zip(axes[0], settings.rates, strict=True):
            lines = [
                IntervalRow(name(run), (point(data, run, rate),))
                for run in runs_of(settings)
            ]
            plot_interval_rows(lines, ("",), ax, "mean latency (s)")
            ax.set_xlim(left=0)
            ax.set_title(f"{rate:g} requests a second")
    return figure
