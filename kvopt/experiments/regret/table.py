"""Regret by horizon, with intervals, and how fast it grows."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kvopt.analysis.bootstrap import Interval
from kvopt.analysis.seeds import task_rng
from kvopt.experiments.regret.runs import OPTIMUM, RegretRow, Setting
from kvopt.model import InputError

__all__ = [
    "Growth",
    "RegretCell",
    "exponent_range",
    "exponents",
    "regret_growth",
    "regret_table",
]

RESAMPLES = 2000
LEVEL = 0.95
# Exponents are looked for between these ends.
STEEPEST = 20.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class RegretCell(Setting):
    """Regret of a policy at a horizon.

    Parameters
    ----------
    horizon, policy
        Which.
    runs, proved, failed, optimal
        Number of runs; of those whose optimum is proved; of those that the
        policy did not finish; of those on which it was surely optimal.
    requests
        Mean number of requests.
    total_low, total_high
        The mean regret of a run, in rounds, lies between them; equal when
        every optimum is proved.
    total_from, total_to
        95 % bootstrap interval of the mean, from that of the lower ends to
        that of the upper ends.
    each_low, each_high, each_from, each_to
        The same of the regret divided by the number of requests.

    Notes
    -----
    Without the runs that it did not finish a policy would look better than
    it is: with one of them the means are None.
    """

    horizon: int
    policy: str
    runs: int
    proved: int
    failed: int
    optimal: int
    requests: float
    total_low: float | None
    total_high: float | None
    total_from: float | None
    total_to: float | None
    each_low: float | None
    each_high: float | None
    each_from: float | None
    each_to: float | None

    def text(self, reading: str) -> str:
        """Return mean and interval, ``reading`` being "total" or "each"."""
        ends = [
            getattr(self, f"{reading}_{end}")
            for end in ("low", "high", "from", "to")
        ]
        return _text(".3g", *ends)


@dataclass(frozen=True, kw_only=True)
class Growth(Setting):
    """The exponent ``b`` of a fit of the regret by ``a * T^b``.

    Parameters
    ----------
    policy, reading
        Which policy, and ``"total"`` or ``"per request"``.
    first, last
        Least and largest horizon.
    low, high
        The exponent lies between them; equal when every optimum is proved.
        None when the regret is 0 or a run failed.
    from_, to
        95 % bootstrap interval, over both ends.
    """

    policy: str
    reading: str
    first: int
    last: int
    low: float | None
    high: float | None
    from_: float | None
    to: float | None

    @property
    def text(self) -> str:
        """The exponent and its interval."""
        return _text(".2f", self.low, self.high, self.from_, self.to)


def _text(
    digits: str,
    low: float | None,
    high: float | None,
    start: float | None,
    end: float | None,
) -> str:
    """Return ``"1.5 [1.2, 1.9]"``, or ``"1.5 to 1.6 [1.2, 1.9]"``."""
    if low is None or high is None or start is None or end is None:
        return "none"
    first, last, least, most = (
        f"{value:,.0f}" if value >= 1000 else f"{value:{digits}}"
        for value in (low, high, start, end)
    )
    mean = first if low == high else f"{first} to {last}"
    return f"{mean} [{least}, {most}]"


@dataclass(frozen=True, eq=False)
class _Gaps:
    """Regret of a policy in a setting; arrays of shape (horizons, runs)."""

    setting: Setting
    policy: str
    horizons: tuple[int, ...]
    low: Floats
    high: Floats
    requests: Floats

    @property
    def failed(self) -> bool:
        return bool(np.isnan(self.low).any())


def _setting(row: Setting) -> Setting:
    return Setting(*(getattr(row, f.name) for f in fields(Setting)))


def _gaps(rows: Sequence[RegretRow]) -> list[_Gaps]:
    """Pair every policy's rows with the optimum's.

    Raises
    ------
    InputError
        When a row is missing: means over different runs do not compare.
    """
    found: dict[tuple[Setting, str], dict[tuple[int, int], RegretRow]]
    found = defaultdict(dict)
    for row in rows:
        found[_setting(row), row.policy][row.horizon, row.index] = row
    gaps = []
    for (setting, policy), mine in found.items():
        if policy == OPTIMUM:
            continue
        optimum = found.get((setting, OPTIMUM), {})
        horizons = sorted({horizon for horizon, _ in mine})
        runs = sorted({index for _, index in mine})
        pairs = [(t, i) for t in horizons for i in runs]
        missing = [p for p in pairs if p not in mine or p not in optimum]
        if missing:
            raise InputError(
                f"run {missing[0][1]} of {policy} at horizon "
                f"{missing[0][0]} has no row, or none of the optimum",
                field="rows",
                value=len(rows),
            )
        ends = np.array([_gap(mine[pair], optimum[pair]) for pair in pairs])
        low, high, requests = ends.T.reshape(3, len(horizons), len(runs))
        gaps.append(
            _Gaps(setting, policy, tuple(horizons), low, high, requests)
        )
    return gaps


def _gap(row: RegretRow, optimum: RegretRow) -> tuple[float, float, float]:
    assert optimum.low is not None and optimum.high is not None
    if row.low is None:
        return math.nan, math.nan, row.requests
    # The policy's own schedule bounds the optimum too.
    best = min(optimum.high, row.low)
    return row.low - best, row.low - optimum.low, row.requests


def regret_table(rows: Sequence[RegretRow], seed: int = 0) -> list[RegretCell]:
    """Return a cell a setting, policy and horizon, in the order of the rows.

    Raises
    ------
    InputError
        When the rows of a policy and of the optimum are not of the same runs.
    """
    proved = {
        (_setting(row), row.horizon, row.index)
        for row in rows
        if row.status == "PROVED"
    }
    cells = []
    for gaps in _gaps(rows):
        runs = gaps.low.shape[1]
        for h, horizon in enumerate(gaps.horizons):
            low, high = gaps.low[h], gaps.high[h]
            failed = int(np.isnan(low).sum())
            means: dict[str, Any] = dict.fromkeys(_MEANS)
            if not failed:
                rng = task_rng(seed, h)
                n = gaps.requests[h]
                ends = (
                    *_mean(low, high, rng),
                    *_mean(low / n, high / n, rng),
                )
                means = dict(zip(_MEANS, ends, strict=True))
            cells.append(
                RegretCell(
                    **vars(gaps.setting),
                    horizon=horizon,
                    policy=gaps.policy,
                    runs=runs,
                    proved=sum(
                        (gaps.setting, horizon, i) in proved
                        for i in range(runs)
                    ),
                    failed=failed,
                    optimal=int((high == 0).sum()),
                    requests=float(gaps.requests[h].mean()),
                    **means,
                )
            )
    return cells


_MEANS = tuple(
    f"{reading}_{end}"
    for reading in ("total", "each")
    for end in ("low", "high", "from", "to")
)


def _mean(
    low: Floats, high: Floats, rng: np.random.Generator
) -> tuple[float, float, float, float]:
    """Return the means of both ends, and the outer ends of their intervals.

    One set of resamples serves both.
    """
    rows = rng.integers(low.size, size=(RESAMPLES, low.size))
    ends = _outer(low[rows].mean(axis=1), high[rows].mean(axis=1))
    return float(low.mean()), float(high.mean()), ends.low, ends.high


def _outer(low: Floats, high: Floats) -> Interval:
    return Interval(
        float(np.quantile(low, (1 - LEVEL) / 2)),
        float(np.quantile(high, (1 + LEVEL) / 2)),
    )


def exponents(horizons: Sequence[int], means: Floats) -> Floats:
    """Return ``b`` of the fit ``a * T^b`` of each row of ``means``.

    Poisson pseudo-likelihood: ``b`` solves ``sum(mean_T - a T^b) =
    sum((mean_T - a T^b) log T) = 0``. It is consistent whatever the law of
    the regret is, as long as its mean has that form, and unlike a line
    through logarithms it takes means of 0 (Gourieroux, Monfort and Trognon,
    Econometrica 52, 1984).

    Parameters
    ----------
    horizons
        At least two, ascending.
    means
        Shape ``(k, len(horizons))``, at least 0.

    Returns
    -------
    array
        Shape ``(k,)``, within -20 and 20; nan where all means are 0.
    """
    logs = np.log(np.asarray(horizons, dtype=np.float64))
    totals = means.sum(axis=1)
    with np.errstate(invalid="ignore"):
        target = means @ logs / totals
    # The mean of log T under weights T^b rises with b.
    low = np.full(len(means), -STEEPEST)
    high = np.full(len(means), STEEPEST)
    for _ in range(60):
        b = (low + high) / 2
        weights = np.exp(b[:, None] * (logs - logs[-1]))
        above = weights @ logs / weights.sum(axis=1) > target
        high = np.where(above, b, high)
        low = np.where(above, low, b)
    found: Floats = np.where(totals > 0, (low + high) / 2, np.nan)
    return found


def exponent_range(
    horizons: Sequence[int], low: Floats, high: Floats
) -> tuple[Floats, Floats]:
    """Return the least and largest exponents of means between two ends.

    The exponent rises with ``sum(mean_T log T) / sum(mean_T)``. A ratio of
    two linear functions is extreme at a corner, here one that has one end up
    to some horizon and the other end beyond.

    Parameters
    ----------
    horizons
        At least two, ascending.
    low, high
        Ends of the means, shape ``(k, len(horizons))``.
    """
    if (low == high).all():
        both = exponents(horizons, low)
        return both, both
    least, most = [], []
    for j in range(len(horizons) + 1):
        flat = np.hstack([high[:, :j], low[:, j:]])
        steep = np.hstack([low[:, :j], high[:, j:]])
        least.append(exponents(horizons, flat))
        most.append(exponents(horizons, steep))
    return np.fmin.reduce(least), np.fmax.reduce(most)


def regret_growth(
    rows: Sequence[RegretRow], first: int = 1, seed: int = 0
) -> list[Growth]:
    """Return the growth of every policy's regret, in both readings.

    Parameters
    ----------
    rows
        All rows; at least two horizons from ``first`` on.
    first
        Least horizon that takes part.
    seed
        Of the bootstrap, which draws runs, each with all its horizons: they
        are nested, and so not independent.

    Raises
    ------
    InputError
        With fewer than two horizons.
    """
    fits = []
    for gaps in _gaps(rows):
        used = [h for h, t in enumerate(gaps.horizons) if t >= first]
        horizons = [gaps.horizons[h] for h in used]
        if len(horizons) < 2:
            raise InputError(
                "a growth needs two of them", field="horizons", value=horizons
            )
        for reading in ("total", "per request"):
            scale = gaps.requests if reading == "per request" else 1.0
            low, high = ((g / scale)[used] for g in (gaps.low, gaps.high))
            ends: tuple[float | None, ...] = (None,) * 4
            if not gaps.failed:
                rng = task_rng(seed, 10**6)
                ends = _fit(horizons, low, high, rng)
            fits.append(
                Growth(
                    **vars(gaps.setting),
                    policy=gaps.policy,
                    reading=reading,
                    first=horizons[0],
                    last=horizons[-1],
                    low=ends[0],
                    high=ends[1],
                    from_=ends[2],
                    to=ends[3],
                )
            )
    return fits


def _fit(
    horizons: Sequence[int],
    low: Floats,
    high: Floats,
    rng: np.random.Generator,
) -> tuple[float | None, ...]:
    """Return the ends of the exponent, and of its bootstrap interval."""
    runs = low.shape[1]
    rows = rng.integers(runs, size=(RESAMPLES, runs))
    least, most = exponent_range(
        horizons,
        np.vstack([low.mean(axis=1), low[:, rows].mean(axis=2).T]),
        np.vstack([high.mean(axis=1), high[:, rows].mean(axis=2).T]),
    )
    known = ~np.isnan(most[1:])
    if np.isnan(most[0]) or not known.any():
        return (None,) * 4
    ends = _outer(least[1:][known], most[1:][known])
    return float(least[0]), float(most[0]), ends.low, ends.high
