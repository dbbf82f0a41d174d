"""Confidence intervals of means, and rows of the benchmarks' results."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from math import sqrt
from statistics import fmean, stdev

from proofs_check.evidence import NotCheckedError
from proofs_check.ledger import ROOT

__all__ = ["mean_interval", "result_rows"]

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
