"""P1 v5, section 5: from which alpha on alpha-protection comes to an end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kvopt.analysis import write_rows
from kvopt.experiments.alpha import (
    AlphaTask,
    ScanPoint,
    ScanRow,
    alpha_sweep_task,
    least_alpha,
)
from kvopt.experiments.serving import PACKAGED
from kvopt.model import InputError
from kvopt.model.instance import whole_number
from kvopt.plots import (
    AlphaCurve,
    house_style,
    legend_below,
    plot_alpha_scans,
)
from paper_figures.frame.figure import Findings
from paper_figures.frame.serving import CLOCK, MEMORY
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "FULL",
    "SECONDS",
    "AlphaRow",
    "Settings",
    "data",
    "describe",
    "draw",
    "thresholds",
]

GREEDY = "alpha-greedy"
CLEARING = tuple(f"alpha-beta-clearing:beta={beta}" for beta in (0.2, 0.1))
# Poisson arrivals a second, and the least alpha that P1 prints for greedy.
DEMANDS = {"high": 50, "low": 10}
PUBLISHED = {"high": 0.21, "low": 0.24}
# Clearing stops when it takes this many times the rounds of the largest.
CUT = 10
# Even the largest alpha of a scan clears and retries.
NEVER = 1.0

SECONDS = 30.0


@dataclass(frozen=True)
class Settings:
    """How much to do.

    Parameters
    ----------
    trace
        File of a trace, run beside the synthetic sample; lmsys-like for the
        sample alone.
    requests
        Number of requests.
    step
        Distance of the alphas of greedy, in hundredths.
    seeds
        Number of samples, for greedy.
    clearing_seeds
        Number of samples for clearing at random, which takes minutes each.
    synthetic
        1 to run greedy and clearing on P1's arrival models, too; else 0.
    seed
        Seed of the first sample; the others follow.
    """

    trace: str = PACKAGED
    requests: int = 10_000
    step: int = 2
    seeds: int = 5
    clearing_seeds: int = 0
    synthetic: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        whole_number(self.step, "step", 1, 10)
        whole_number(self.seeds, "seeds", 1, 1_000)
        if not 0 <= self.clearing_seeds <= self.seeds:
            raise InputError(
                "must be 0 to seeds",
                field="clearing_seeds",
                value=self.clearing_seeds,
            )


FULL = Settings(step=1, seeds=10, clearing_seeds=1, synthetic=1)


@dataclass(frozen=True)
class AlphaRow:
    """One run; ``mean`` and ``p95`` latency in seconds, or in rounds.

    The status is that of :class:`kvopt.experiments.alpha.ScanPoint`.
    """

    set_up: str
    policy: str
    seed: int
    instance: str
    alpha: float
    status: str
    mean: float | None
    p95: float | None
    rounds: int | None
    cancellations: int | None


def set_ups(settings: Settings) -> dict[str, tuple[str, dict[str, str]]]:
    """Return generator and parameters by name of the set-up."""
    made: dict[str, tuple[str, dict[str, str]]] = {}
    # Arrivals are counted in microseconds.
    timed = {"memory": str(MEMORY), "round_seconds": "1e-6"}
    for demand, rate in DEMANDS.items():
        values = {**timed, "rate": str(rate)}
        made[f"{PACKAGED}, {demand}"] = (
            PACKAGED,
            {**values, "requests": str(settings.requests)},
        )
        if settings.trace != PACKAGED:
            made[f"{Path(settings.trace).stem}, {demand}"] = (
                "trace",
                {
                    **values,
                    "path": settings.trace,
                    "arrivals": "poisson",
                    "sample": str(settings.requests),
                    "drop_oversize": "yes",
                },
            )
    if settings.synthetic:
        made |= {model: (model, {}) for model in ("model-1", "model-2")}
    return made


def tasks_of(settings: Settings) -> list[tuple[str, AlphaTask]]:
    """Return the name of the set-up and the task of every scan."""
    return [
        (
            name,
            AlphaTask(
                generator=generator,
                values=values,
                policy=policy,
                least=least,
                most=most,
                step=step,
                clock="unit" if generator.startswith("model") else CLOCK,
                cut=cut,
                seed=settings.seed + k,
            ),
        )
        for name, (generator, values) in set_ups(settings).items()
        for policy, number, least, most, step, cut in (
            (GREEDY, settings.seeds, settings.step, 60, settings.step, 0),
            *((p, settings.clearing_seeds, 2, 40, 2, CUT) for p in CLEARING),
        )
        for k in range(number)
    ]


def data(settings: Settings, work: Work) -> list[AlphaRow]:
    """Run every policy at every alpha."""
    named = tasks_of(settings)
    scans = work.run(
        alpha_sweep_task,
        [task for _, task in named],
        ScanRow,
        "scans of alpha",
        "scans",
    )
    rows = [
        AlphaRow(
            name,
            scan.subject,
            scan.seed,
            scan.instance[:19],
            **asdict(_rounded(point)),
        )
        for (name, _), scan in zip(named, scans, strict=True)
        for point in scan.decoded()
    ]
    write_rows(rows, AlphaRow, work.csv())
    return rows


def _rounded(point: ScanPoint) -> ScanPoint:
    values = asdict(point)
    for name in ("mean", "p95"):
        if values[name] is not None:
            values[name] = round(values[name], 3)
    return ScanPoint(**values)


def thresholds(
    rows: Iterable[AlphaRow],
) -> dict[tuple[str, str], list[float]]:
    """Return the least alpha of each seed, by set-up and policy."""
    scans: dict[tuple[str, str, int], list[ScanPoint]] = {}
    for row in rows:
        key = row.set_up, row.policy, row.seed
        scans.setdefault(key, []).append(ScanPoint(row.alpha, row.status))
    found: dict[tuple[str, str], list[float]] = {}
    for (name, policy, _), points in scans.items():
        least = least_alpha(points)
        found.setdefault((name, policy), []).append(
            NEVER if least is None else least
        )
    return found


def describe(data: Sequence[AlphaRow], settings: Settings) -> Findings:
    """Say where the thresholds are, beside the published ones."""
    found = thresholds(data)
    lines, said = [], []
    for (name, policy), least in found.items():
        published = PUBLISHED.get(name.rpartition(", ")[2])
        shown = published if policy == GREEDY else None
        ends = (min(least), float(np.median(least)), max(least))
        lines.append(
            (
                name,
                policy,
                str(len(least)),
                *(f"{value:.2f}" for value in ends),
                "" if shown is None else f"{shown:g}",
            )
        )
        if shown is not None:
            inside = ends[0] <= shown <= ends[2]
            said.append(
                f"{name}: greedy ends from {ends[0]:.2f} to {ends[2]:.2f} "
                f"on, by sample, median {ends[1]:.2f}; P1 prints {shown:g}, "
                f"{'within' if inside else 'outside'} that range"
            )
    completed = sum(row.mean is not None for row in data)
    return Findings(
        f"From which alpha on alpha-protection ends, {settings.requests} "
        "requests",
        proved=(
            f"{completed} of {len(data)} runs completed, with schedules that "
            "the checker accepts",
        ),
        not_proved=(),
        numbers={
            "settings": asdict(settings),
            "thresholds": {
                f"{name}; {policy}": least
                for (name, policy), least in found.items()
            },
        },
        table=(
            (
                "requests, demand",
                "policy",
                "seeds",
                "least",
                "median",
                "largest",
                "published",
            ),
            lines,
        ),
        shows="Share of the samples on which alpha-greedy completes, and "
        "mean latency where all do, against the protected share of memory: "
        f"{settings.requests} requests, M = {MEMORY}, {settings.seeds} "
        "samples; grey: what P1 prints",
        original="P1 (arXiv 2502.07115v5), section 5: the least alpha with "
        "which alpha-protection greedy terminates, 0.21 under high and 0.24 "
        "under low demand",
        notes=(
            *said,
            "a threshold is a property of one sample: it moves from seed to "
            "seed, and completion is not monotone in alpha",
            "where all runs complete the two demands lie on each other in "
            "the upper panel",
        ),
        same=(
            f"M = {MEMORY}, {settings.requests} requests, Poisson arrivals "
            "at 50 (high) and 10 (low) a second",
        ),
        differs=(
            "P1's sample of conversations is not public",
            f"seconds are those of the clock {CLOCK}, and the rule of "
            "alpha-greedy is a reading",
            "docs/alpha.md has clearing at random, real lengths, and more "
            "samples",
        ),
    )


def curve(rows: Sequence[AlphaRow], label: str) -> AlphaCurve:
    """Return share completed and mean latency against alpha."""
    alphas = sorted({row.alpha for row in rows})
    share, latency = [], []
    for alpha in alphas:
        here = [row for row in rows if row.alpha == alpha]
        means = [row.mean for row in here if row.mean is not None]
        share.append(len(means) / len(here))
        # A mean over the lucky ones only would flatter small alphas.
        latency.append(np.mean(means) if len(means) == len(here) else np.nan)
    return AlphaCurve(
        label, np.array(alphas), np.array(share), np.array(latency)
    )


def draw(data: Sequence[AlphaRow], settings: Settings) -> Figure:
    """Draw a column a policy: share that completes, latency below."""
    from matplotlib.figure import Figure

    timed = [row for row in data if not row.set_up.startswith("model")]
    names = list(dict.fromkeys(row.set_up for row in timed))
    shown = list(dict.fromkeys(row.policy for row in timed))[:2]
    with house_style():
        figure = Figure(figsize=(3.5 * len(shown), 4.2), layout="constrained")
        axes = figure.subplots(2, len(shown), sharex=True, squeeze=False)
        for column, policy in enumerate(shown):
            curves = [
                curve(chosen, name)
                for name in names
                if (
                    chosen := [
                        row
                        for row in timed
                        if (row.set_up, row.policy) == (name, policy)
                    ]
                )
            ]
            plot_alpha_scans(curves, (axes[0, column], axes[1, column]), "s")
            axes[0, column].set_title(policy.replace(":", ", "))
            if policy != GREEDY:
                continue
            for demand, alpha in PUBLISHED.items():
                axes[0, column].axvline(alpha, color="#777777", linewidth=0.8)
                axes[0, column].annotate(
                    f"{demand}: {alpha:g}",
                    (alpha, 0.02),
                    xycoords=("data", "axes fraction"),
                    xytext=(2 if demand == "low" else -2, 0),
                    textcoords="offset points",
                    ha="left" if demand == "low" else "right",
                    fontsize=7,
                    color="#555555",
                )
        for ax in axes[:, 1:].flat:
            ax.set_ylabel("")
        legend_below(figure, axes.flat, 2)
    return figure
