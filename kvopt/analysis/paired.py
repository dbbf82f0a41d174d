"""What several seeds say of policies: intervals and paired differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from kvopt.analysis.bootstrap import Interval

__all__ = ["SeedRow", "seed_rows", "t_interval"]

# What no seed decides: which it was, and how long the computation took.
_BESIDE = ("seed", "seconds")


@dataclass(frozen=True)
class SeedRow:
    """The mean latencies of one policy over several seeds.

    Parameters
    ----------
    policy
        Text form of the policy.
    seeds
        How many there were.
    mean, interval
        Mean over the seeds of the mean latency of a request, in the unit of
        the rows, and its 95 % interval; None where the seed changes nothing.
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


def seed_rows(rows: Sequence[dict[str, Any]]) -> list[SeedRow]:
    """Compare policies over the same seeds.

    Parameters
    ----------
    rows
        Rows of :func:`kvopt.analysis.comparison.row_of`, for each policy one
        a seed, in the same order of seeds, at least two. A policy of which a
        row says ``"failed"`` is left out.

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
        latency = np.array([row["mean"] for row in own])
        varies = _varies(own)
        apart = None if first is None else latency - first
        spread = apart is not None and bool(np.ptp(apart) > 0)
        found.append(
            SeedRow(
                policy,
                len(own),
                float(latency.mean()),
                t_interval(latency.tolist()) if varies else None,
                None if apart is None else float(apart.mean()),
                t_interval(apart.tolist())
                if apart is not None and spread
                else None,
                varies,
            )
        )
        if first is None:
            first = latency
    return found


def _varies(rows: Sequence[dict[str, Any]]) -> bool:
    """Return whether any number differs between the runs of a policy."""
    numbers = [
        {key: value for key, value in row.items() if key not in _BESIDE}
        for row in rows
    ]
    return any(row != numbers[0] for row in numbers)
