"""P5, section 4.1: FCFS falls into a cycle of evictions and restarts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from kvopt.check.gate import verified_staged
from kvopt.model import Instance
from kvopt.plots import Series, house_style, plot_throughput
from kvopt.simulation.staged import simulate_staged
from paper_figures.frame.figure import Findings
from paper_figures.frame.staged import title_of
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "FULL",
    "SECONDS",
    "Settings",
    "StepRow",
    "data",
    "describe",
    "draw",
]

# l = l' = 1, C = 12: in the equilibrium four requests begin and four end.
MEMORY, FIRST, SECOND, EACH = 12, 3, 6, 4
POLICIES = ("staged-fcfs", "wait:thresholds=1x1:4")

SECONDS = 1.0


@dataclass(frozen=True)
class Settings:
    """How long to look.

    Parameters
    ----------
    rounds
        Rounds in which four requests arrive, after 3 and 6 in the first two.
    shown
        Rounds that the picture shows.
    """

    rounds: int = 400
    shown: int = 30


FULL = Settings()


@dataclass(frozen=True)
class StepRow:
    """One iteration, which takes one round; what happened in it."""

    policy: str
    step: int
    begun: int
    completed: int
    evicted: int
    verified: bool


def data(settings: Settings, work: Work) -> list[StepRow]:
    """Run FCFS and WAIT from the state of the worked example."""
    return work.kept_rows(settings, StepRow, lambda: steps(settings))


def steps(settings: Settings) -> list[StepRow]:
    """Simulate, check and count."""
    counts = [FIRST, SECOND] + [EACH] * settings.rounds
    instance = Instance.of(
        MEMORY, [(t, 1, 1) for t, n in enumerate(counts) for _ in range(n)]
    )
    rows = []
    for policy in POLICIES:
        result = simulate_staged(instance, policy)
        verdict = verified_staged(instance, result)
        rows += [
            StepRow(
                policy,
                step.start,
                len(step.prefill),
                len(step.decode),
                len(step.evict),
                verdict.ok,
            )
            for step in result.iterations
            if step.start < settings.rounds
        ]
    return rows


def of(rows: Sequence[StepRow], policy: str) -> list[StepRow]:
    """Return the iterations of a policy."""
    return [row for row in rows if row.policy == policy]


def settled(rows: Sequence[StepRow], policy: str, column: str) -> float:
    """Return the mean of a column after the first 20 rounds."""
    found = [getattr(r, column) for r in of(rows, policy) if r.step >= 20]
    return float(np.mean(found))


def describe(data: Sequence[StepRow], settings: Settings) -> Findings:
    """Say what FCFS completes a round, and what WAIT does."""
    rates = {p: settled(data, p, "completed") for p in POLICIES}
    fcfs, wait = (rates[p] for p in POLICIES)
    return Findings(
        "P5: FCFS in a cycle of evictions",
        proved=(
            f"from 6 requests in prefill and 3 in decode FCFS completes "
            f"{fcfs:.2f} a round for ever (published: about 3 to 3.5), WAIT "
            f"{wait:.2f}, with l = l' = 1 and C = {MEMORY}; both logs "
            "accepted by the checker",
        ),
        not_proved=(),
        numbers={"settings": asdict(settings), "completed": rates},
        table=(
            ("policy", "completed a round", "evicted a round"),
            [
                (
                    title_of(p),
                    f"{rates[p]:.2f}",
                    f"{settled(data, p, 'evicted'):.2f}",
                )
                for p in POLICIES
            ],
        ),
        ok=all(row.verified for row in data),
        shows="Requests completed (left) and evicted (right) in each round "
        "from the state of the worked example; four arrive a round",
        original="P5 (arXiv 2504.11320), section 4.1, the worked example",
        notes=(
            "FCFS admits what fits now; what it admitted then grows, the "
            "last are evicted and start again, and the next round admits "
            "too many anew",
        ),
        same=("l = l' = 1, C = 12, 4 arrivals a round, 6 and 3 at first",),
        differs=(
            "the first state comes of arrivals, 3 and then 6; a newcomer "
            "waits and evicts nobody, a reading of ours",
        ),
    )


def series(
    rows: Sequence[StepRow], policy: str, column: str, settings: Settings
) -> Series:
    """Return a count by round, over the rounds that are shown."""
    mine = of(rows, policy)[: settings.shown]
    edges = np.array([row.step for row in mine] + [mine[-1].step + 1])
    counts = np.array([getattr(row, column) for row in mine])
    return Series(title_of(policy), edges * 1.0, counts * 1.0)


def draw(data: Sequence[StepRow], settings: Settings) -> Figure:
    """Draw completions and evictions, a curve a policy."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(7.0, 2.8), layout="constrained")
        axes = figure.subplots(1, 2)
        for ax, column in zip(axes, ("completed", "evicted"), strict=True):
            plot_throughput(
                [series(data, p, column, settings) for p in POLICIES], ax=ax
            )
            ax.set_ylabel(f"requests {column} in a round")
        figure.legend(
            *axes[0].get_legend_handles_labels(),
            loc="outside lower center",
            ncols=2,
        )
    return figure
