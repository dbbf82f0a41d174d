"""P2: policies by the linear program, where it can be solved, and bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import TYPE_CHECKING

from kvopt.experiments.families import (
    FamilyRow,
    FamilyTask,
    family_sweep_task,
)
from kvopt.plots import Curve, house_style, legend_below, plot_curves
from paper_figures.frame.curves import curve_of, said_of_overlaps
from paper_figures.frame.figure import Findings
from paper_figures.frame.serving import label
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FULL", "SECONDS", "Settings", "data", "describe", "draw"]

POLICIES = ("sorted-lp", "lp-swap", "sorted-f", "mc-sf", "fcfs")
BOUNDS = {
    "bound:lp": "LP bound",
    "bound:memory-prices": "Lagrangian bound",
    "bound:mean-busy-time": "area bound",
}
UNIT = "svf"

SECONDS = 25.0


@dataclass(frozen=True)
class Settings:
    """How much to do.

    Parameters
    ----------
    sizes
        Numbers of requests, all at 0.
    memory
        Capacity ``M``, so small that the program can be solved.
    seeds
        Number of samples.
    seed
        Seed of the first; the others follow.
    """

    sizes: tuple[int, ...] = (10, 20, 30, 40)
    memory: int = 100
    seeds: int = 5
    seed: int = 0


FULL = Settings(sizes=(10, 20, 30, 40, 60, 80), seeds=10)


def values(settings: Settings, size: int) -> str:
    """Return the generator's parameters: prompts and outputs vary widely."""
    memory = settings.memory
    return (
        f"memory={memory}..{memory} requests={size} prompt=1..{memory // 3} "
        f"output=1..{memory // 5}"
    )


def data(settings: Settings, work: Work) -> list[FamilyRow]:
    """Simulate every policy beside SVF, and bound the optimum."""
    pairs = [(policy, UNIT) for policy in POLICIES]
    pairs += [(UNIT, bound) for bound in BOUNDS]
    given = product(
        sorted(settings.sizes, reverse=True),
        range(settings.seed, settings.seed + settings.seeds),
        pairs,
    )
    tasks = [
        FamilyTask("model-1", values(settings, size), policy, reference, seed)
        for size, seed, (policy, reference) in given
    ]
    return work.run(family_sweep_task, tasks, FamilyRow, "policies and bounds")


def curves(rows: Sequence[FamilyRow]) -> list[Curve]:
    """Return everything over SVF: policies above, bounds below 1."""
    sizes = sorted({row.requests for row in rows})

    def found(policy: str, reference: str) -> dict[float, list[float]]:
        return {
            float(n): [
                row.ratio
                for row in rows
                if (row.policy, row.reference, row.requests)
                == (policy, reference, n)
                and row.ratio is not None
            ]
            for n in sizes
        }

    made = [
        curve_of(label(policy), found(policy, UNIT), turn)
        for turn, policy in enumerate(POLICIES)
    ]
    for turn, (bound, name) in enumerate(BOUNDS.items(), start=len(POLICIES)):
        below = {
            n: [1 / ratio for ratio in ratios]
            for n, ratios in found(UNIT, bound).items()
        }
        made.append(curve_of(name, below, turn))
    return [curve for curve in made if curve is not None]


def describe(data: Sequence[FamilyRow], settings: Settings) -> Findings:
    """Say who is how far from SVF, and where the optimum lies."""
    most = max(settings.sizes)
    drawn = curves(data)
    best = max(
        float(curve.value[-1])
        for curve in drawn
        if curve.label in BOUNDS.values()
    )
    return Findings(
        f"Policies by the linear program, up to {most} requests, "
        f"M = {settings.memory}",
        proved=(
            f"{sum(row.ratio is not None for row in data)} of {len(data)} "
            "schedules, and what they are compared with, accepted by the "
            "checker",
        ),
        not_proved=tuple(
            f"{label(row.policy)} on {row.values}, seed {row.seed}: "
            f"{row.error}"
            for row in data
            if row.ratio is None
        ),
        numbers={
            "settings": asdict(settings),
            "rows": [asdict(row) for row in data],
        },
        table=(
            ("over SVF", *(f"n = {n}" for n in sorted(settings.sizes))),
            [
                (curve.label, *(f"{v:.3f}" for v in curve.value))
                for curve in drawn
            ],
        ),
        shows="Total latency over that of SVF against number of requests, "
        "and lower bounds on the optimum in the same unit, mean and 95 % "
        f"interval over {settings.seeds} samples, all at 0, "
        f"M = {settings.memory}, prompts up to a third and outputs up to a "
        "fifth of it",
        original="P2 (arXiv 2508.06133), experiments: Sorted-LP and LP-Swap "
        "beside Sorted-F, close to the LP's bound where it can be solved; "
        "figures and numbers were not found",
        notes=(
            *(
                f"{curve.label}: {curve.value[-1]:.3f} of SVF at {most} "
                "requests"
                for curve in drawn
            ),
            f"the optimum at {most} requests lies between {best:.3f} of SVF "
            "and the least policy",
            *said_of_overlaps({"over SVF": drawn}),
        ),
        same=("a backlog at 0, Sorted-LP, LP-Swap, Sorted-F, SF's order",),
        differs=(
            "the program is solved exactly only where M is small: lengths "
            "are uniform, not those of a trace",
            "the Lagrangian bound has a price of memory for each stretch of "
            "rounds; in the limit it is the LP's",
        ),
    )


def draw(data: Sequence[FamilyRow], settings: Settings) -> Figure:
    """Draw everything over SVF; FCFS in a panel of its own."""
    from matplotlib.figure import Figure

    drawn = curves(data)
    last = label(POLICIES[-1])
    near = [curve for curve in drawn if curve.label != last]
    with house_style():
        figure = Figure(figsize=(7.0, 3.0), layout="constrained")
        left, right = figure.subplots(1, 2)
        for ax, shown in ((left, drawn), (right, near)):
            plot_curves(shown, ax, "number of requests")
            ax.axhline(1, color="#555555", linewidth=0.8)
            ax.set_xlim(left=0)
        left.set(title="all", ylabel="total latency / SVF")
        right.set_title(f"without {last}")
        legend_below(figure, [left, right], 4)
    return figure
