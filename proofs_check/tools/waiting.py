"""WAIT on Poisson arrivals of one type: what is unfinished after T."""

from __future__ import annotations

from math import log
from statistics import fmean

from proofs_check.evidence import Finding, NotCheckedError, measured
from proofs_check.tools.intervals import mean_interval

__all__ = ["exponent_against", "growth", "unfinished"]

RATE = 4


def unfinished(
    threshold: int, rounds: tuple[int, ...], seed: int
) -> list[int]:
    """Return the requests that have arrived and not ended, at given times.

    Parameters
    ----------
    threshold
        WAIT's threshold; four requests arrive in a round on average.
    rounds
        The times, ascending; an iteration takes one.
    seed
        Seed of the arrivals.
    """
    try:
        import numpy as np

        from kvopt.model import Instance
        from kvopt.simulation.staged import simulate_staged
    except ImportError as error:
        raise NotCheckedError(f"kvopt cannot be imported: {error}") from None
    rng = np.random.default_rng(seed)
    # Arrivals go on after the last time: WAIT does not see an end.
    counts = rng.poisson(RATE, rounds[-1] + 60)
    requests = [(t, 1, 1) for t, k in enumerate(counts) for _ in range(k)]
    result = simulate_staged(
        Instance.of(10**6, requests), f"wait:thresholds=1x1:{threshold}"
    )
    done = list(result.completions())
    return [
        int(counts[:t].sum()) - sum(k for end, k in done if end <= t)
        for t in rounds
    ]


def growth(
    threshold: int, rounds: tuple[int, int], seeds: int
) -> tuple[float, float, float, float]:
    """Return an interval of the exponent, and the two means.

    What is unfinished grows like ``T**b``; the interval of ``b`` comes from
    the 99 % intervals of the means at the two times.

    Parameters
    ----------
    threshold, rounds
        As in :func:`unfinished`.
    seeds
        Number of runs, seeds from 0 on.
    """
    runs = [unfinished(threshold, rounds, seed) for seed in range(seeds)]
    early, late = ([float(run[k]) for run in runs] for k in (0, 1))
    low_early, high_early = mean_interval(early)
    low_late, high_late = mean_interval(late)
    scale = log(rounds[1] / rounds[0])
    low = log(max(low_late, 0.1) / high_early) / scale
    high = log(high_late / max(low_early, 0.1)) / scale
    return low, high, fmean(early), fmean(late)


def exponent_against(
    threshold: int, published: float, last: int, seeds: int
) -> Finding:
    """Compare the exponent of what is unfinished with the published one.

    Parameters
    ----------
    threshold
        WAIT's threshold.
    published
        The exponent that the paper states.
    last
        The later of the two times, in iterations; the other is an eighth.
    seeds
        Number of runs, seeds from 0 on.
    """
    low, high, early, late = growth(threshold, (last // 8, last), seeds)
    return measured(
        f"{seeds} runs, l = l' = 1, four Poisson arrivals an iteration, "
        f"threshold {threshold}: {early:.1f} requests unfinished after "
        f"{last // 8} iterations, {late:.1f} after {last}; the interval is "
        "of the exponent b of growth like T^b.",
        published,
        low,
        high,
        numbers={"early": f"{early:.1f}", "late": f"{late:.1f}"},
        tried=seeds,
    )
