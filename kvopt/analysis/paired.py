"""What several seeds say of policies: intervals and paired differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from kvopt.analysis.bootstrap import Interval

__all__ = [
    "COMPARED",
    "ComparedMetric",
    "ComparisonRow",
    "SeedRow",
    "comparison_rows",
    "seed_rows",
    "t_interval",
]


@dataclass(frozen=True)
class ComparedMetric:
    """A metric by which policies are compared.

    Parameters
    ----------
    name
        Its key in the rows of :func:`kvopt.analysis.comparison.row_of`.
    title
        What it is called.
    unit
        Its unit, in which ``{}`` stands for that of time.
    less
        Whether less is better.
    """

    name: str
    title: str
    unit: str
    less: bool = True


COMPARED = (
    ComparedMetric("mean", "mean latency", "{}"),
    ComparedMetric("p95", "P95 latency", "{}"),
    ComparedMetric("first_token_mean", "mean TTFT", "{}"),
    ComparedMetric("throughput", "throughput", "tokens/{}", less=False),
    ComparedMetric("energy_per_token", "energy", "J/token"),
)

# What no seed decides: which it was, and how long the computation took.
_BESIDE = ("seed", "seconds")


@dataclass(frozen=True)
class SeedRow:
    """One metric of one policy over several seeds.

    Parameters
    ----------
    policy
        Text form of the policy.
    seeds
        How many there were.
    mean, interval
        Mean over the seeds of the metric, in the unit of the rows, and its
        95 % interval; None where the seed changes nothing.
    difference, difference_interval
        The same of the difference to the first policy, seed by seed; None
        for the first policy itself.
    varies
        False if every seed gave the same instance and the same numbers.
    """

    policy: str
    seeds: int
    mean: float
    interval: Interval | None
    difference: float | None
    difference_interval: Interval | None
    varies: bool


def t_interval(values: Sequence[float], level: float = 0.95) -> Interval:
    """Return Student's interval of a mean.

    Right for values of a normal law, and for few values safer than a
    bootstrap, which is too narrow (:mod:`kvopt.analysis.bootstrap`).

    Parameters
    ----------
    values
        The observations, independent; at least two.
    level
        Confidence level, inside (0, 1).
    """
    # Loading it takes a good part of a second.
    from scipy.special import stdtrit

    n = len(values)
    mean = float(np.mean(values))
    quantile = float(stdtrit(n - 1, (1 + level) / 2))
    half = quantile * float(np.std(values, ddof=1)) / sqrt(n)
    return Interval(mean - half, mean + half)


def seed_rows(
    rows: Sequence[dict[str, Any]], metric: str = "mean"
) -> list[SeedRow]:
    """Compare policies over the same seeds.

    Parameters
    ----------
    rows
        Rows of :func:`kvopt.analysis.comparison.row_of`, for each policy one
        a seed, in the same order of seeds. A policy of which a row says
        ``"failed"`` is left out.
    metric
        What is compared: a key of the rows; ``"mean"`` is the mean latency
        of a request.

    Notes
    -----
    Differences are paired: both policies saw the same instances, so that
    what the instances have in common cancels.
    """
    runs: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        runs.setdefault(row["policy"], []).append(row)
    complete = {
        policy: own
        for policy, own in runs.items()
        if not any("failed" in row for row in own)
    }
    first: np.ndarray | None = None
    found = []
    for policy, own in complete.items():
        values = np.array([row[metric] for row in own], np.float64)
        varies = _varies(own)
        apart = None if first is None else values - first
        spread = apart is not None and bool(np.ptp(apart) > 0)
        found.append(
            SeedRow(
                policy,
                len(own),
                float(values.mean()),
                t_interval(values.tolist()) if varies else None,
                None if apart is None else float(apart.mean()),
                t_interval(apart.tolist())
                if apart is not None and spread
                else None,
                varies,
            )
        )
        if first is None:
            first = values
    return found


@dataclass(frozen=True)
class ComparisonRow:
    """One metric of one policy over several seeds, as a row of a file.

    Parameters
    ----------
    policy, metric, title, unit
        What was measured, what that is called, and its unit.
    less
        Whether less is better.
    seeds
        How many there were.
    failed
        Why some seed gave no number; then there is no mean at all.
    mean, low, high
        Mean over the seeds, and its 95 % interval; without an interval
        where the seed changes nothing or there is one seed only.
    difference, difference_low, difference_high
        The same of the difference to the first policy, seed by seed.
    """

    policy: str
    metric: str
    title: str
    unit: str
    less: bool
    seeds: int
    failed: str
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None


def comparison_rows(rows: Sequence[dict[str, Any]]) -> list[ComparisonRow]:
    """Compare policies over the same seeds, by every metric of COMPARED.

    Differences are to the first policy that finished with every seed.

    Parameters
    ----------
    rows
        As for :func:`seed_rows`. A metric that no run has (energy, where
        the clock counts rounds) is left out.
    """
    runs: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        runs.setdefault(row["policy"], []).append(row)
    failed = {
        policy: next((r["failed"] for r in own if "failed" in r), "")
        for policy, own in runs.items()
    }
    whole = [row for row in rows if not failed[row["policy"]]]
    time = whole[0]["unit"] if whole else ""
    found = []
    for metric in COMPARED:
        if any(row[metric.name] is None for row in whole):
            continue
        of = {row.policy: row for row in seed_rows(whole, metric.name)}
        for policy, own in runs.items():
            unit = metric.unit.format(time)
            what = (metric.name, metric.title, unit, metric.less)
            head = (policy, *what, len(own))
            if failed[policy]:
                found.append(ComparisonRow(*head, failed[policy]))
                continue
            over = of[policy]
            low, high = over.interval or (None, None)
            least, most = over.difference_interval or (None, None)
            found.append(
                ComparisonRow(
                    *head,
                    "",
                    over.mean,
                    low,
                    high,
                    over.difference,
                    least,
                    most,
                )
            )
    return found


def _varies(rows: Sequence[dict[str, Any]]) -> bool:
    """Return whether any number differs between the runs of a policy."""
    numbers = [
        {key: value for key, value in row.items() if key not in _BESIDE}
        for row in rows
    ]
    return any(row != numbers[0] for row in numbers)
