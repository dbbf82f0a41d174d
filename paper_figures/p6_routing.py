"""Regime-aware routing (arXiv 2607.09248): Rect, Response, Route, GSA, SVF.

Each of the rules has inputs on which it is unbounded; Route has none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import isqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kvopt.check.gate import verified_bound, verified_latency
from kvopt.exact import lower_bound
from kvopt.model import Instance
from kvopt.plots import (
    ScalingCurve,
    house_style,
    plain_log_ticks,
    plot_scaling,
)
from kvopt.simulation import simulate
from kvopt.workloads.families.svf_peaks import SVFPeaks
from paper_figures.frame.figure import Findings
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "FULL",
    "SECONDS",
    "RoutingRow",
    "Settings",
    "data",
    "describe",
    "draw",
]

# Names for the legend; the titles of the policies are long.
POLICIES = {
    "rect": "Rect",
    "response": "Response",
    "route": "Route",
    "gsa": "GSA",
    "svf": "SVF",
    "largest-area-first": "largest area first",
}


class Family(NamedTuple):
    """Instances by size, on which one of the rules is unbounded."""

    title: str
    bad_for: str
    build: Callable[[int], Instance]


def prompts_beside_one(size: int) -> Instance:
    """Return ``size`` prompt-heavy requests and a response-heavy one."""
    requests = [(0, size, 1)] * size + [(0, 0, 2 * size)]
    return Instance.of(size * (size + 1), requests)


def long_beside_wide(size: int) -> Instance:
    """Return two long requests, short ones between them, and wide ones."""
    memory = 2 * size + 1
    short = [(0, 0, 1)] * (memory - 1)
    wide = [(0, memory - 1, 1)] * isqrt(8 * size)
    long = [(0, 0, size)]
    return Instance.of(memory, long + short + long + wide)


def long_and_large(size: int) -> Instance:
    """Return requests of one volume in alternation, long and large."""
    return SVFPeaks(output=size, pairs=15).instance()


def one_large(size: int) -> Instance:
    """Return one large request and as many small ones as there is memory."""
    memory = size * size
    return Instance.of(
        memory, [(0, memory - size, size)] + [(0, 0, 1)] * memory
    )


FAMILIES = (
    Family("long and wide", "rect", long_beside_wide),
    Family("prompt-heavy, one long", "response", prompts_beside_one),
    Family("equal volumes", "svf", long_and_large),
    Family("one large, many small", "largest-area-first", one_large),
)

SECONDS = 20.0


@dataclass(frozen=True)
class Settings:
    """How large the instances are.

    Parameters
    ----------
    sizes
        The family's parameter: lengths, prompts, or the root of the memory.
    """

    sizes: tuple[int, ...] = (4, 8, 16, 32)


FULL = Settings(sizes=(4, 8, 16, 32, 64))


@dataclass(frozen=True)
class RoutingRow:
    """One policy on one instance; total latency and bound in rounds."""

    family: str
    size: int
    policy: str
    requests: int
    memory: int
    total: int
    bound: int


def data(settings: Settings, work: Work) -> list[RoutingRow]:
    """Run every policy on every family."""

    def compute() -> list[RoutingRow]:
        return [
            row
            for family in FAMILIES
            for size in sorted(settings.sizes)
            for row in rows_of(family, size)
        ]

    return work.kept_rows(settings, RoutingRow, compute)


def rows_of(family: Family, size: int) -> list[RoutingRow]:
    """Run the policies on one instance."""
    instance = family.build(size)
    bound = verified_bound(instance, lower_bound(instance))
    return [
        RoutingRow(
            family.title,
            size,
            policy,
            len(instance),
            instance.memory,
            verified_latency(instance, simulate(instance, policy).schedule),
            bound,
        )
        for policy in POLICIES
    ]


def ratios(
    rows: Sequence[RoutingRow], family: str, policy: str
) -> dict[int, float]:
    """Return the ratio to the lower bound by size."""
    return {
        row.size: row.total / row.bound
        for row in rows
        if (row.family, row.policy) == (family, policy)
    }


def describe(data: Sequence[RoutingRow], settings: Settings) -> Findings:
    """Say where each rule fails, and what Route costs."""
    most = max(settings.sizes)
    route = max(
        ratio
        for family in FAMILIES
        for ratio in ratios(data, family.title, "route").values()
    )
    return Findings(
        "Rect, Response, Route against GSA and SVF",
        proved=(
            f"at size {most} "
            + "; ".join(
                f"{POLICIES[family.bad_for]} costs "
                f"{ratios(data, family.title, family.bad_for)[most]:.2f} "
                f"times a lower bound on '{family.title}'"
                for family in FAMILIES
            )
            + f"; Route at most {route:.2f} on all of them",
        ),
        not_proved=(),
        numbers={
            "settings": asdict(settings),
            "rows": [asdict(row) for row in data],
        },
        table=(
            ("policy", *(family.title for family in FAMILIES)),
            [
                (
                    name,
                    *(
                        f"{ratios(data, family.title, policy)[most]:.2f}"
                        for family in FAMILIES
                    ),
                )
                for policy, name in POLICIES.items()
            ],
        ),
        shows="Total latency over a proved lower bound against the size of "
        "four families, each bad for one of the rules",
        original="Feng, Liu, Yang, Zhang (arXiv 2607.09248): the rules that "
        "are unbounded outside their regime, and Route, which is not",
        notes=(
            "SVF and largest area first are told the lengths, the others "
            "are not",
            "GSA is defined for equal prompts, which these are not",
            "nothing depends on chance: each point is one instance",
        ),
        same=("the rules as summarised; all requests at 0",),
        differs=(
            "the paper's bad instances were not found, these are ours; it "
            "gives no numbers",
            "how Route's branches resume is a reading of ours",
        ),
    )


def draw(data: Sequence[RoutingRow], settings: Settings) -> Figure:
    """Draw a panel for each family."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(7.0, 4.6), layout="constrained")
        axes = figure.subplots(2, 2).ravel()
        for ax, family in zip(axes, FAMILIES, strict=True):
            curves = []
            for policy, name in POLICIES.items():
                found = ratios(data, family.title, policy)
                curves.append(
                    ScalingCurve(
                        name,
                        np.array(list(found)),
                        np.array([*found.values()]),
                    )
                )
            plot_scaling(curves, ax, "size", "latency / lower bound")
            ax.get_legend().remove()
            ax.set_title(f"{family.title}: bad for {POLICIES[family.bad_for]}")
            ax.set_xticks(settings.sizes, settings.sizes)
            ax.minorticks_off()
            plain_log_ticks(ax.yaxis)
        figure.legend(
            *axes[0].get_legend_handles_labels(),
            loc="outside lower center",
            ncols=6,
            columnspacing=1.0,
        )
    return figure
