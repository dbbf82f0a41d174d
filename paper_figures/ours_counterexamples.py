"""Ours: the smallest instances on which policies are not optimal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from kvopt.adversary.exhaustive import Space, Worst, worst_ratios
from kvopt.check.gate import verified_latency
from kvopt.exact import solve
from kvopt.model import Instance, Schedule, Status
from kvopt.plots import house_style, plot_pair
from kvopt.policies import parse_policy
from kvopt.simulation import simulate
from paper_figures.frame.figure import Findings
from paper_figures.frame.serving import label
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "FULL",
    "SECONDS",
    "Settings",
    "SmallestRow",
    "data",
    "describe",
    "draw",
]

# Policy, and whether prompts are equal.
CASES = (("mc-sf", True), ("mc-sf", False), ("svf", False))

SECONDS = 8.0


@dataclass(frozen=True)
class Settings:
    """Where the enumeration stops.

    Parameters
    ----------
    requests, memory
        Largest number of requests, and largest memory.
    """

    requests: int = 5
    memory: int = 6


FULL = Settings()


@dataclass(frozen=True)
class SmallestRow:
    """The least size at which a policy is not optimal, and its worst there.

    ``worst`` lists the requests as ``s:o``; latencies in rounds.
    """

    policy: str
    prompts: str
    requests: int
    memory: int
    worst: str
    cost: int
    optimum: int
    instances: int

    @property
    def instance(self) -> Instance:
        """The instance."""
        sizes = [part.split(":") for part in self.worst.split()]
        return Instance.of(
            self.memory, [(0, int(s), int(o)) for s, o in sizes]
        )


def data(settings: Settings, work: Work) -> list[SmallestRow]:
    """Enumerate sizes, the fewest requests and then the least memory first."""

    def compute() -> list[SmallestRow]:
        found = [smallest(settings, *case) for case in CASES]
        return [row for row in found if row is not None]

    return work.kept_rows(settings, SmallestRow, compute)


def smallest(
    settings: Settings, policy: str, equal: bool
) -> SmallestRow | None:
    """Return the worst instance of the least size that is not optimal."""
    looked = 0
    for requests in range(1, settings.requests + 1):
        for memory in range(1, settings.memory + 1):
            space = Space(requests, memory, equal)
            (worst,) = worst_ratios([parse_policy(policy)], space)
            looked += worst.instances
            if worst.cost is not None and worst.cost > worst.optimum:
                return row_of(worst, looked)
    return None


def row_of(worst: Worst, looked: int) -> SmallestRow:
    """Return the row of a result, after so many instances."""
    assert worst.cost is not None
    types = [worst.space.types[place] for place in worst.listing]
    return SmallestRow(
        worst.policy,
        "equal" if worst.space.equal_prompts else "free",
        worst.space.requests,
        worst.space.memory,
        " ".join(f"{s}:{o}" for _, s, o in types),
        worst.cost,
        worst.optimum,
        looked,
    )


def schedules(row: SmallestRow) -> list[tuple[str, Schedule]]:
    """Return the policy's schedule and an optimal one, by name."""
    best = solve(row.instance, solver="brute-force")
    assert best.status is Status.OPTIMAL
    mine = simulate(row.instance, row.policy).schedule
    return [
        (f"{label(row.policy)}, {row.prompts} prompts", mine),
        ("optimum", best.schedule),
    ]


def describe(data: Sequence[SmallestRow], settings: Settings) -> Findings:
    """Say which instances are smallest, and how many were looked at."""
    costs = [
        [verified_latency(row.instance, made) for _, made in schedules(row)]
        for row in data
    ]
    return Findings(
        "The smallest counterexamples to optimality",
        proved=tuple(
            f"{label(row.policy)} with {row.prompts} prompts is optimal on "
            f"all smaller sizes; with n = {row.requests}, M = {row.memory} "
            f"it costs {row.cost} where {row.optimum} is possible, on (s:o) "
            f"{row.worst}"
            for row in data
        ),
        not_proved=(),
        numbers={
            "settings": asdict(settings),
            "rows": [asdict(row) for row in data],
        },
        table=(
            (
                "policy",
                "prompts",
                "n",
                "M",
                "requests s:o",
                "costs",
                "optimum",
                "instances",
            ),
            [tuple(str(v) for v in asdict(row).values()) for row in data],
        ),
        ok=costs == [[row.cost, row.optimum] for row in data],
        shows="Memory over time of the policy (left) and of an optimal "
        "schedule (right) on the smallest instances, all requests at 0, on "
        "which the policy is not optimal",
        original="nobody; the claim of P1 v2 (arXiv 2502.07115v2) that "
        "shortest first is optimal, and what SVF misses",
        notes=(
            "smallest: the fewest requests, then the least memory; all "
            "smaller instances were enumerated, and of those of this size "
            "the worst is drawn",
            "with equal prompts SVF and MC-SF are one rule",
        ),
        same=("all requests at 0, lengths known",),
        differs=("no paper draws them",),
    )


def draw(data: Sequence[SmallestRow], settings: Settings) -> Figure:
    """Draw a row of two schedules for each counterexample."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(
            figsize=(7.0, 0.3 + 1.9 * len(data)), layout="constrained"
        )
        axes = figure.subplots(len(data), 2, sharey="row", squeeze=False)
        for pair, row in zip(axes, data, strict=True):
            plot_pair(row.instance, schedules(row), pair)
            pair[1].set_ylabel("")
            for ax in pair:
                ax.get_legend().remove()
                ax.set_title(ax.get_title(), pad=6)
                if row is not data[-1]:
                    ax.set_xlabel("")
    return figure
