"""Ours: long-run ratios of MC-SF, SPS and GBA on identical requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from kvopt.exact.few_types.identical import best_pattern
from kvopt.experiments.identical import long_run_rate
from kvopt.plots import house_style, plot_ratio_map
from paper_figures.frame.figure import Findings
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "FULL",
    "SECONDS",
    "RateRow",
    "Settings",
    "data",
    "describe",
    "draw",
]

RULES = {"mc-sf": "MC-SF", "sps": "SPS", "gba": "GBA"}

SECONDS = 25.0


@dataclass(frozen=True)
class Settings:
    """Which requests and memories are looked at.

    Parameters
    ----------
    prompts
        Prompt lengths, a column of panels each.
    longest
        Outputs are 1 up to this one.
    memory
        Memories are up to this one.
    """

    prompts: tuple[int, ...] = (0, 1, 2, 4)
    longest: int = 8
    memory: int = 28


FULL = Settings(longest=10, memory=40)


@dataclass(frozen=True)
class RateRow:
    """Starts a round in the long run, as exact fractions."""

    prompt: int
    output: int
    memory: int
    rule: str
    rate: str
    best: str

    @property
    def ratio(self) -> Fraction:
        """The limit of the ratio of total latencies."""
        return Fraction(self.best) / Fraction(self.rate)


def data(settings: Settings, work: Work) -> list[RateRow]:
    """Compute the rates of the rules, and the best there is."""

    def compute() -> list[RateRow]:
        progress = work.progress("identical requests")
        cells = [
            (s, o, memory)
            for s in settings.prompts
            for o in range(1, settings.longest + 1)
            for memory in range(s + o, settings.memory + 1)
        ]
        rows = []
        for done, (s, o, memory) in enumerate(cells, start=1):
            best = str(best_pattern(memory, s, o).rate)
            rows += [
                RateRow(
                    s,
                    o,
                    memory,
                    rule,
                    str(long_run_rate(rule, memory, s, o)),
                    best,
                )
                for rule in RULES
            ]
            progress(done, len(cells))
        return rows

    return work.kept_rows(settings, RateRow, compute)


def describe(data: Sequence[RateRow], settings: Settings) -> Findings:
    """Say where each rule has the best rate, and where it is worst."""
    lines = []
    for rule, name in RULES.items():
        mine = [row for row in data if row.rule == rule]
        worst = max(mine, key=lambda row: row.ratio)
        lines.append(
            (
                name,
                f"{sum(row.ratio == 1 for row in mine)} of {len(mine)}",
                f"{float(worst.ratio):.4f}",
                f"s={worst.prompt}, o={worst.output}, M={worst.memory}",
            )
        )
    return Findings(
        "Identical requests: who starts them fast enough",
        proved=tuple(
            f"{name} has the best long-run rate in {best} cases (s, o, M), "
            f"at worst {worst} times too slow, at {where}"
            for name, best, worst, where in lines
        ),
        not_proved=(),
        numbers={"settings": asdict(settings)},
        table=(("rule", "best rate in", "worst ratio", "where"), lines),
        ok=all(row.ratio < 2 for row in data if row.rule == "mc-sf"),
        shows="Best long-run rate of starts over that of each rule, for "
        "identical requests of prompt s and output o and memory M",
        original="nobody; P4 (arXiv 2601.22996) proves a ratio of 2 for SPS",
        notes=(
            "rates are exact: the best is a maximum ratio cycle over the "
            "phases, docs/identical-requests.md",
            "MC-SF stays below 2, as is proved there; white: the request "
            "does not fit",
        ),
        same=("SPS and GBA as read, docs/readings.md",),
        differs=("no paper has such a map",),
    )


def draw(data: Sequence[RateRow], settings: Settings) -> Figure:
    """Draw a panel for each rule and prompt."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(7.0, 5.2), layout="constrained")
        axes = figure.subplots(
            len(RULES),
            len(settings.prompts),
            sharex=True,
            sharey=True,
            squeeze=False,
        )
        for axis_row, (rule, name) in zip(axes, RULES.items(), strict=True):
            for axis, s in zip(axis_row, settings.prompts, strict=True):
                grid = np.full((settings.longest, settings.memory), np.nan)
                for row in data:
                    if (row.rule, row.prompt) == (rule, s):
                        grid[row.output - 1, row.memory - 1] = row.ratio
                plot_ratio_map(grid, axis, title=f"{name}, $s={s}$")
        for axis in axes[-1]:
            axis.set_xlabel("memory $M$")
        for axis in axes[:, 0]:
            axis.set_ylabel("output $o$")
        figure.colorbar(
            axes[0, 0].images[-1],
            ax=axes,
            label="best long-run rate / that of the rule",
            extend="max",
        )
    return figure
