"""P1 v2, stochastic arrivals: regret of MC-SF against the horizon.

No figure of the paper shows this; it is the picture of the claim of constant
regret, which v2 makes and v4 and v5 do not repeat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from kvopt.analysis import write_rows
from kvopt.experiments.regret.load import area_load, capacity
from kvopt.experiments.regret.runs import (
    OPTIMUM,
    RegretRow,
    Setting,
    regret_sweep_task,
    regret_tasks,
)
from kvopt.experiments.regret.table import (
    Growth,
    RegretCell,
    regret_growth,
    regret_table,
)
from kvopt.plots import (
    RegretCurve,
    house_style,
    legend_below,
    plot_regret,
)
from paper_figures.frame.figure import Findings
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "FULL",
    "SECONDS",
    "Measured",
    "Settings",
    "curves",
    "data",
    "describe",
    "draw",
    "draw_cells",
]

POLICIES = ("mc-sf", "re-solving")
RATES = (0.25, 0.4, 0.7)


SECONDS = 15.0


@dataclass(frozen=True)
class Settings:
    """How much to do; the defaults take about a quarter of a minute.

    Parameters
    ----------
    runs
        Runs a rate and horizon.
    horizons
        Horizons, ascending, at least two.
    seed
        Seed of the arrivals and of the bootstrap.
    """

    runs: int = 40
    horizons: tuple[int, ...] = (20, 40, 80, 160, 320)
    seed: int = 0


FULL = Settings(runs=200, horizons=(20, 40, 80, 160, 320, 640))


@dataclass(frozen=True)
class Measured:
    """The table of regrets, its growth, and how many optima are proved."""

    cells: Sequence[RegretCell]
    fits: Sequence[Growth]
    proved: int
    optima: int


def used() -> list[Setting]:
    """Return the settings of the experiment, one a rate."""
    return [replace(Setting(), rate=rate) for rate in RATES]


def data(settings: Settings, work: Work) -> Measured:
    """Measure regrets against proved hindsight optima."""
    rows = work.run(
        regret_sweep_task,
        regret_tasks(
            used(), settings.horizons, settings.runs, POLICIES, settings.seed
        ),
        RegretRow,
        "regret",
        "rows",
    )
    cells = regret_table(rows, settings.seed)
    write_rows(cells, RegretCell, work.csv())
    optima = [row for row in rows if row.policy == OPTIMUM]
    proved = sum(row.status == "PROVED" for row in optima)
    fits = regret_growth(rows, seed=settings.seed)
    return Measured(cells, fits, proved, len(optima))


def describe(data: Measured, settings: Settings) -> Findings:
    """Say how many optima are proved, and how regret grows."""
    optima = f"{data.proved} of {data.optima} hindsight optima proved"
    growth = tuple(
        sentence(setting, data.cells, data.fits) for setting in used()
    )
    every = data.proved == data.optima
    return Findings(
        "Regret of MC-SF for random arrivals",
        proved=(optima,) if every else (),
        not_proved=growth if every else (optima, *growth),
        numbers={
            "cells": [asdict(cell) for cell in data.cells],
            "growth": [asdict(fit) for fit in data.fits],
        },
        table=(
            ("rate", "policy", "T", "total", "95 %", "per request", "95 %"),
            [table_row(cell) for cell in data.cells],
        ),
        shows="Regret of MC-SF against the horizon, in total and per request",
        original="the claim of P1 v2 (arXiv 2502.07115v2, abstract) of "
        "constant regret for stochastic arrivals",
        notes=(
            "bands are 95 % bootstrap intervals of the mean; every optimum "
            "is that of a dynamic program over rounds, exact for few types, "
            "every schedule was verified by the independent checker",
            "what is proved about the growth is in "
            "docs/claims/constant-regret.md",
        ),
        same=("finitely many types, random arrivals, known lengths",),
        differs=(
            "the paper has no such figure, and v4 and v5 do not repeat the "
            "claim",
            "worker, types and rates are ours: M=9, s=1, o in {1,3,5} with "
            "equal shares, Poisson arrivals; what v2 calls regret, and that "
            "its algorithm is MC-SF, are readings",
        ),
    )


def curves(cells: Sequence[RegretCell], reading: str) -> list[RegretCurve]:
    """Return the curves of MC-SF by rate, and of re-solving at the last.

    ``reading`` is ``"total"`` or ``"each"``.
    """
    found = []
    names = [("mc-sf", rate) for rate in RATES] + [("re-solving", RATES[-1])]
    for policy, rate in names:
        mine = [c for c in cells if (c.policy, c.rate) == (policy, rate)]
        mine.sort(key=lambda cell: cell.horizon)
        low, high, start, end = (
            np.array([getattr(cell, f"{reading}_{name}") for cell in mine])
            for name in ("low", "high", "from", "to")
        )
        # The interval of a skewed mean may miss it on one side.
        start, end = np.minimum(start, low), np.maximum(end, high)
        title = {"mc-sf": "MC-SF", "re-solving": "re-solving"}[policy]
        found.append(
            RegretCurve(
                f"{title}, $\\lambda = {rate:g}$",
                np.array([cell.horizon for cell in mine]),
                low,
                high,
                start,
                end,
            )
        )
    return found


def draw(data: Measured, settings: Settings) -> Figure:
    """Draw the table of regrets."""
    return draw_cells(data.cells)


def draw_cells(cells: Sequence[RegretCell]) -> Figure:
    """Draw total regret on the left, regret per request on the right."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(7.0, 3.3), layout="constrained")
        axes = figure.subplots(1, 2)
        plot_regret(curves(cells, "total"), axes[0])
        plot_regret(curves(cells, "each"), axes[1], per_request=True)
        legend_below(figure, axes, 3)
    return figure


def sentence(
    setting: Setting, cells: Sequence[RegretCell], fits: Sequence[Growth]
) -> str:
    """Say how MC-SF's regret grows at one rate."""
    mine = [c for c in cells if (c.policy, c.rate) == ("mc-sf", setting.rate)]
    last = max(mine, key=lambda cell: cell.horizon)
    total, each = (
        next(
            fit
            for fit in fits
            if (fit.policy, fit.rate, fit.reading)
            == ("mc-sf", setting.rate, reading)
        )
        for reading in ("total", "per request")
    )
    load = setting.rate / capacity(setting.types, setting.mix)
    return (
        f"rate {setting.rate:g} "
        f"({area_load(setting.types, setting.mix, setting.rate):.0%} of the "
        f"memory's area, {load:.0%} of the worker's capacity): MC-SF's mean "
        f"regret at T={last.horizon} is {last.text('total')} in total and "
        f"{last.text('each')} per request, over {last.runs} runs; it grows "
        f"as T to the power {total.text} and {each.text}"
    )


def table_row(cell: RegretCell) -> tuple[str, ...]:
    """Return the cells of a row of the summary."""
    total, total_ends = cell.text("total").split(" [")
    each, each_ends = cell.text("each").split(" [")
    return (
        f"{cell.rate:g}",
        cell.policy,
        str(cell.horizon),
        total,
        f"[{total_ends}",
        each,
        f"[{each_ends}",
    )
