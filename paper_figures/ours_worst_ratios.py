"""Ours: the worst ratio of each policy over all tiny instances of a size.

The table is ``benchmarks/results/exhaustive.csv``, made by hours of
enumeration; here its smallest sizes are enumerated anew and compared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.exhaustive import (
    BOUNDED,
    COMPILED,
    OUT,
    WorstRow,
    names_of,
    row_of,
)
from kvopt.adversary.exhaustive import Space, worst_ratios
from kvopt.analysis import read_rows, write_rows
from kvopt.plots import house_style, plot_worst_ratios
from kvopt.policies import parse_policy
from paper_figures.frame.figure import Findings
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "FULL",
    "SECONDS",
    "Ratios",
    "Settings",
    "data",
    "describe",
    "draw",
]

SECONDS = 15.0


@dataclass(frozen=True)
class Settings:
    """What is enumerated anew.

    Parameters
    ----------
    memory
        Three requests on memories 2 to this one.
    """

    memory: int = 4


FULL = Settings(memory=6)


@dataclass(frozen=True)
class Ratios:
    """The stored rows, and those that were computed again."""

    stored: tuple[WorstRow, ...]
    again: tuple[WorstRow, ...]

    @property
    def differ(self) -> list[WorstRow]:
        """Rows computed again that are not as stored."""
        known = {
            (row.policy, row.space): (row.cost, row.optimum)
            for row in self.stored
        }
        return [
            row
            for row in self.again
            if known.get((row.policy, row.space)) != (row.cost, row.optimum)
        ]


def data(settings: Settings, work: Work) -> Ratios:
    """Read the table, and enumerate its smallest sizes."""

    def compute() -> list[WorstRow]:
        names = (*COMPILED, "sps", *BOUNDED)
        policies = [parse_policy(name) for name in names]
        return [
            row_of(worst)
            for memory in range(2, settings.memory + 1)
            for equal in (True, False)
            for worst in worst_ratios(policies, Space(3, memory, equal))
        ]

    stored = read_rows(WorstRow, OUT)
    write_rows(stored, WorstRow, work.csv())
    again = work.kept_rows(settings, WorstRow, compute, "again")
    return Ratios(tuple(stored), tuple(again))


def describe(data: Ratios, settings: Settings) -> Findings:
    """Give the largest ratio of each policy, and what was compared."""
    lines = []
    for policy in names_of(data.stored):
        mine = [
            row
            for row in data.stored
            if row.policy == policy and not row.latest_arrival
        ]
        cells = []
        for prompts in ("equal", "free"):
            ratios = [
                math.inf if row.ratio is None else row.ratio
                for row in mine
                if row.prompts == prompts
            ]
            cells.append(f"{max(ratios):.4f}" if ratios else "")
        lines.append((policy, *cells))
    return Findings(
        "Worst ratios over all tiny instances",
        proved=(
            f"{len(data.again) - len(data.differ)} of {len(data.again)} "
            f"worst ratios for three requests and M <= {settings.memory} "
            "enumerated anew are as stored",
        ),
        not_proved=(),
        numbers={
            "settings": asdict(settings),
            "worst": {name: cells for name, *cells in lines},
        },
        table=(("policy", "equal prompts", "free prompts"), lines),
        ok=not data.differ,
        shows="The largest ratio to the optimum over all instances with n "
        "requests and memory M, all at 0; equal prompts (above), free ones "
        "(below); infinite: some instance is never finished",
        original="nobody; the largest sizes took minutes to hours",
        notes=(
            "each cell is proved by enumeration; where a cell is empty "
            "nothing was enumerated",
            "the witness of each policy's largest ratio is in "
            "benchmarks/results/exhaustive",
        ),
        same=("the policies, as read",),
        differs=("no paper has such a table",),
    )


def draw(data: Ratios, settings: Settings) -> Figure:
    """Draw the worst ratios of equal and of free prompts."""
    from matplotlib.figure import Figure

    rows = [row for row in data.stored if not row.latest_arrival]
    policies = names_of(rows)
    sizes = sizes_of(rows)
    with house_style():
        figure = Figure(figsize=(7.2, 6.6), layout="constrained")
        panels = figure.subplots(2, 1)
        for ax, prompts in zip(panels, ("equal", "free"), strict=True):
            ratio = np.full((len(policies), len(sizes)), np.nan)
            for row in rows:
                size = row.requests, row.memory
                if row.prompts == prompts and size in sizes:
                    value = math.inf if row.ratio is None else row.ratio
                    place = policies.index(row.policy), sizes.index(size)
                    ratio[place] = value
            plot_worst_ratios(
                ratio,
                [policy.partition(":")[0] for policy in policies],
                sizes,
                ax,
                title=f"{prompts} prompts, all requests at 0",
            )
    return figure


def sizes_of(rows: Sequence[WorstRow]) -> list[tuple[int, int]]:
    """Return requests and memory of the columns: 3 to 5 requests."""
    found = {(r.requests, r.memory) for r in rows if 3 <= r.requests <= 5}
    return sorted(found)
