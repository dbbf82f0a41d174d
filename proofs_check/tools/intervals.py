"""Confidence intervals of means, and rows of the benchmarks' results."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from fractions import Fraction
from math import sqrt
from statistics import fmean, stdev

from proofs_check.evidence import Finding, NotCheckedError, scanned
from proofs_check.ledger import ROOT

__all__ = ["largest_mean_ratio", "mean_interval", "result_rows"]

# Student's quantiles at 99.5 %, by degrees of freedom.
QUANTILES = {2: 9.925, 4: 4.604, 9: 3.250, 39: 2.708, 199: 2.601}


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 99 % interval of a mean, by Student's distribution.

    Parameters
    ----------
    values
        The sample: 3, 5, 10, 40 or 200 values.
    """
    spread = QUANTILES[len(values) - 1] * stdev(values) / sqrt(len(values))
    return fmean(values) - spread, fmean(values) + spread


def result_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a file in ``benchmarks/results``."""
    path = ROOT / "benchmarks" / "results" / name
    if not path.exists():
        raise NotCheckedError(f"benchmarks/results/{name} is missing")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def largest_mean_ratio(law: str, bound: Fraction) -> Finding:
    """Take A_min's largest mean ratio over all parameters of a law.

    Parameters
    ----------
    law
        A law of output lengths in ``a_min_ratios.csv``.
    bound
        What the paper states.
    """
    rows = [
        row
        for row in result_rows("a_min_ratios.csv")
        if row["law"] == law and row["policy"].startswith("a-min")
    ]
    ratios = {Fraction(row["mean_ratio"]): row for row in rows}
    worst = max(ratios)
    where = ratios[worst]
    draws = sum(int(row["draws"]) for row in rows)
    return scanned(
        f"{len(rows)} settings with {draws} draws in all, M = 600, s = 0, "
        "l = 1 (python -m benchmarks.a_min_ratios): the largest mean ratio "
        f"to shortest first is {float(worst):.4f}, standard error "
        f"{where['standard_error']}, at {where['parameters']} with "
        f"{where['requests']} requests.",
        draws,
        [f"{where['parameters']}: {worst}"] if worst > bound else [],
        numbers={"worst": str(worst)},
        largest_ratio=worst,
        bound=bound,
    )
