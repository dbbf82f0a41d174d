"""The tables of ``docs/claims/constant-regret.md``, of what is stored.

Run ``python -m benchmarks.regret_tables`` after ``python -m
benchmarks.regret``. It writes what stands between ``<!-- table:NAME -->``
and ``<!-- end -->`` anew; ``python -m paper_figures.frame.docs_pictures``
draws the pictures.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.exact_tables import filled, markdown
from kvopt.analysis import read_rows
from kvopt.experiments.regret.runs import Setting
from kvopt.experiments.regret.table import Growth, RegretCell
from kvopt.model import write_atomically

__all__ = ["PAGE", "tables"]

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "claims" / "constant-regret.md"
RATES = (0.25, 0.4, 0.7)
# Rates whose disagreements are shown, and how many states.
COUPLED, STATES = (0.25, 0.4), 8


def tables() -> dict[str, str]:
    """Return the tables by name, of what is stored."""
    cells = read_rows(RegretCell, RESULTS / "regret.csv")
    fits = read_rows(Growth, RESULTS / "regret_growth.csv")
    return {
        "runs": runs(cells),
        "policies": policies(cells),
        "settings": settings(cells, fits),
        "growth": growth(fits),
        "rates": rates(stored("disagreement_rates.csv")),
        "states": states(stored("disagreements.csv")),
    }


def stored(name: str) -> list[dict[str, str]]:
    """Return the rows of a table without a type of its own."""
    with (RESULTS / name).open(newline="") as file:
        return list(csv.DictReader(file))


def usual(rows: Sequence[Any]) -> list[Any]:
    """Return the rows of the default worker with Poisson arrivals."""
    plain = Setting()
    return [
        row
        for row in rows
        if (row.output, row.process) == (plain.output, plain.process)
    ]


def common(cells: Sequence[RegretCell]) -> int:
    """Return the largest horizon of all policies."""
    return max(c.horizon for c in cells if c.policy == "mc-benchmark")


def runs(cells: Sequence[RegretCell]) -> str:
    """MC-SF by rate and horizon."""
    lines = [
        (
            f"{cell.rate:g}",
            str(cell.horizon),
            cell.text("total"),
            cell.text("each"),
            f"{cell.optimal} of {cell.runs}",
            f"{cell.proved} of {cell.runs}",
        )
        for cell in usual(cells)
        if cell.policy == "mc-sf" and cell.rate in RATES
    ]
    return markdown(
        (
            "rate",
            "`T`",
            "total regret",
            "per request",
            "MC-SF optimal",
            "optimum proved",
        ),
        lines,
    )


def policies(cells: Sequence[RegretCell]) -> str:
    """All policies at the largest common horizon."""
    last = common(cells)
    shown = [c for c in usual(cells) if c.horizon == last and c.rate in RATES]
    lines = []
    for policy in dict.fromkeys(cell.policy for cell in shown):
        mine = {c.rate: c.text("each") for c in shown if c.policy == policy}
        lines.append([f"`{policy}`", *(mine[rate] for rate in RATES)])
    head = [f"rate {rate:g}" for rate in RATES]
    return markdown([f"per request, `T = {last}`", *head], lines)


def settings(cells: Sequence[RegretCell], fits: Sequence[Growth]) -> str:
    """MC-SF at the largest common horizon, and what the load is."""
    last = common(cells)
    mine = [c for c in cells if (c.policy, c.horizon) == ("mc-sf", last)]
    lines = []
    for row in stored("regret_loads.csv"):
        cell = next(c for c in mine if same(c, row))
        total, each = (
            next(
                fit.text
                for fit in fits
                if same(fit, row)
                and (fit.policy, fit.reading) == ("mc-sf", reading)
            )
            for reading in ("total", "per request")
        )
        prompt, output = row["prompt"], row["output"]
        lines.append(
            (
                f"`M={row['memory']}, s=({prompt}), o=({output})`",
                f"{row['process']}, {row['rate']}",
                f"{float(row['area_load']):.0%}",
                f"{float(row['load']):.0%}",
                f"{float(row['mc_sf_keeps_up_to']):.2f}",
                cell.text("each"),
                total,
                each,
            )
        )
    return markdown(
        (
            "worker",
            "arrivals, rate",
            "of the area",
            "of the capacity",
            "MC-SF keeps up to",
            f"per request, `T = {last}`",
            "total grows as `T` to the",
            "per request as `T` to the",
        ),
        lines,
    )


def same(cell: RegretCell | Growth, row: dict[str, str]) -> bool:
    """Whether both are of the same setting."""
    return (
        cell.output == row["output"]
        and cell.process == row["process"]
        and cell.rate == float(row["rate"])
    )


def growth(fits: Sequence[Growth]) -> str:
    """Exponents of MC-SF and re-solving."""
    lines = []
    chosen = [fit for fit in usual(fits) if fit.rate in RATES]
    for policy in ("mc-sf", "re-solving"):
        for rate in RATES:
            mine = [
                fit
                for fit in chosen
                if (fit.policy, fit.rate) == (policy, rate)
            ]
            span = f"{mine[0].first} to {mine[0].last}"
            texts = [fit.text for fit in mine]
            lines.append([f"`{policy}`", f"{rate:g}", span, *texts])
    return markdown(("policy", "rate", "`T`", "total", "per request"), lines)


def rates(rows: Sequence[dict[str, str]]) -> str:
    """Disagreements a round and run, over time."""
    firsts = list(dict.fromkeys(row["first"] for row in rows))
    lines = []
    for policy in ("mc-sf", "re-solving"):
        for rate in COUPLED:
            mine = {
                row["first"]: f"{float(row['frequency']):.4f}"
                for row in rows
                if row["policy"] == policy and float(row["rate"]) == rate
            }
            cells = [mine.get(first, "") for first in firsts]
            lines.append([f"`{policy}`", f"{rate:g}", *cells])
    head = [f"from round {first}" for first in firsts]
    return markdown(["policy", "rate", *head], lines)


def states(rows: Sequence[dict[str, str]]) -> str:
    """The states in which MC-SF loses most at the larger rate."""
    lines = [
        (
            row["waiting"],
            row["running"],
            row["visits"],
            row["times"],
            f"{float(row['probability']):.2f} "
            f"[{float(row['from']):.2f}, {float(row['to']):.2f}]",
            row["lost"],
        )
        for row in rows
        if row["policy"] == "mc-sf" and float(row["rate"]) == COUPLED[-1]
    ]
    return markdown(
        (
            "waiting",
            "running",
            "visits",
            "disagreements",
            "probability",
            "rounds lost",
        ),
        lines[:STATES],
    )


def main() -> None:
    """Write the tables into the page."""
    page = filled(PAGE.read_text("utf-8"), tables())
    with write_atomically(PAGE) as part:
        part.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
