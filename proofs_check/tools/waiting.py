"""Staged policies on Poisson arrivals: what is unfinished after T."""

from __future__ import annotations

from math import log
from statistics import fmean
from typing import NamedTuple

from proofs_check.evidence import Finding, NotCheckedError, measured
from proofs_check.tools.intervals import mean_interval

__all__ = ["SINGLE", "Load", "exponent_against", "unfinished"]

# More memory than any batch needs.
AMPLE = 10**6


class Load(NamedTuple):
    """A staged policy, and the requests that come; an iteration takes 1.

    Parameters
    ----------
    policy
        Its text form.
    kinds
        ``(lam, l, l')`` of each type, lam arrivals in a round on average.
    memory
        Capacity ``C``, in units.
    """

    policy: str
    kinds: tuple[tuple[int, int, int], ...]
    memory: int = AMPLE


# Four requests a round of prompt 1 and output 1.
SINGLE = ((4, 1, 1),)


def unfinished(load: Load, rounds: tuple[int, ...], seed: int) -> list[int]:
    """Return the requests that have arrived and not ended, at given times.

    Parameters
    ----------
    load
        What is simulated.
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
    # Arrivals go on after the last time: no policy sees an end.
    counts = [rng.poisson(k[0], rounds[-1] + 60) for k in load.kinds]
    requests = [
        (t, prompt, output)
        for t, arrived in enumerate(zip(*counts, strict=True))
        for (_, prompt, output), k in zip(load.kinds, arrived, strict=True)
        for _ in range(k)
    ]
    result = simulate_staged(Instance.of(load.memory, requests), load.policy)
    done = list(result.completions())
    total = np.sum(counts, axis=0)
    return [
        int(total[:t].sum()) - sum(k for end, k in done if end <= t)
        for t in rounds
    ]


def _growth(
    load: Load, rounds: tuple[int, int], seeds: int
) -> tuple[float, float, float, float]:
    """Return an interval of the exponent, and the two means.

    What is unfinished grows like ``T**b``; the interval of ``b`` comes from
    the 99 % intervals of the means at the two times.
    """
    runs = [unfinished(load, rounds, seed) for seed in range(seeds)]
    early, late = ([float(run[k]) for run in runs] for k in (0, 1))
    low_early, high_early = mean_interval(early)
    low_late, high_late = mean_interval(late)
    scale = log(rounds[1] / rounds[0])
    low = log(max(low_late, 0.1) / high_early) / scale
    high = log(high_late / max(low_early, 0.1)) / scale
    return low, high, fmean(early), fmean(late)


def exponent_against(
    load: Load, published: float, last: int, seeds: int
) -> Finding:
    """Compare the exponent of what is unfinished with the published one.

    Parameters
    ----------
    load
        What is simulated.
    published
        The exponent that the paper states.
    last
        The later of the two times, in iterations; the other is an eighth.
    seeds
        Number of runs, seeds from 0 on.
    """
    low, high, early, late = _growth(load, (last // 8, last), seeds)
    kinds = ", ".join(f"{r} of ({p},{o})" for r, p, o in load.kinds)
    return measured(
        f"{seeds} runs of {load.policy}, Poisson arrivals an iteration "
        f"{kinds}: {early:.1f} requests unfinished after {last // 8} "
        f"iterations, {late:.1f} after {last}; the interval is of the "
        "exponent b of growth like T^b.",
        published,
        low,
        high,
        numbers={"early": f"{early:.1f}", "late": f"{late:.1f}"},
        tried=seeds,
    )
