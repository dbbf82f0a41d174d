"""A synthetic sample with the four published statistics of an LMSYS sample.

P1 (arXiv 2502.07115) experiments with 10,000 conversations of the LMSYS chat
data and prints four statistics of them (readings.md 1.9). The sample itself is
not public. What is made here shares those four numbers and nothing else: it
is called "lmsys-like" and must not be called LMSYS data.

Prompt and output lengths are independent; each is a lognormal variable
rounded to the nearest integer, at least 1. Pairs with prompt + output above
the capacity ``M`` are drawn again. Rounding puts the published median strictly
inside the median cell, so the medians are exact; the two spreads are solved so
that the means are exact too, after the cut at ``M = 16492`` (which rejects 3.2
pairs in a million). What is not calibrated: higher moments, and the
dependence between prompt and output.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kvopt.model import Trace
from kvopt.model.instance import IntArray, real_number, whole_number
from kvopt.workloads.ranges import MAX_REQUESTS

__all__ = [
    "LMSYS_MEMORY",
    "OUTPUT_LAW",
    "PROMPT_LAW",
    "PUBLISHED",
    "Fit",
    "LengthLaw",
    "fit_report",
    "lmsys_like_lengths",
    "lmsys_like_trace",
    "sample_fit_report",
]

LMSYS_MEMORY = 16_492
MAX_MEMORY = 10**6

PUBLISHED = {
    "prompt mean": 40.62,
    "prompt median": 11.0,
    "output mean": 85.32,
    "output median": 45.0,
}


@dataclass(frozen=True)
class LengthLaw:
    """``max(1, round(X))`` for a lognormal ``X``.

    Parameters
    ----------
    median
        Median of ``X``, in tokens.
    sigma
        Standard deviation of ``ln X``.
    """

    median: float
    sigma: float

    def draw(self, rng: np.random.Generator, n: int) -> IntArray:
        """Draw ``n`` lengths, shape ``(n,)``."""
        x = rng.lognormal(log(self.median), self.sigma, size=n)
        return np.maximum(np.rint(x).astype(np.int64), 1)

    def probabilities(self, longest: int) -> NDArray[np.float64]:
        """``P(length = k)`` for ``k = 0..longest``, shape ``(longest+1,)``."""
        normal = NormalDist(log(self.median), self.sigma)
        below = [0.0] + [normal.cdf(log(k + 0.5)) for k in range(1, longest)]
        below.append(normal.cdf(log(longest + 0.5)))
        return np.diff(below, prepend=0.0)


# The sigmas solve "mean = published mean" for the cut distribution; a test
# computes the means from them.
PROMPT_LAW = LengthLaw(median=11, sigma=1.6171416028655994)
OUTPUT_LAW = LengthLaw(median=45, sigma=1.1311657422352224)


class Fit(NamedTuple):
    """One statistic: published, achieved, and ``achieved/published - 1``."""

    statistic: str
    published: float
    achieved: float
    relative_error: float


def lmsys_like_lengths(
    rng: np.random.Generator, n: int, memory: int = LMSYS_MEMORY
) -> tuple[IntArray, IntArray]:
    """Draw ``n`` pairs of lengths with ``prompt + output <= memory``.

    Returns prompt and output lengths in tokens, shape ``(n,)`` each. The
    means are as published for ``memory = 16492``; :func:`fit_report` says
    what another capacity does to them.

    Parameters
    ----------
    rng
        Source of randomness; it is advanced.
    n
        Number of requests.
    memory
        ``M``, in units of KV memory.
    """
    n = whole_number(n, "requests", 1, MAX_REQUESTS)
    memory = _capacity(memory)
    prompt = np.empty(0, dtype=np.int64)
    output = np.empty(0, dtype=np.int64)
    while prompt.size < n:
        missing = n - prompt.size
        s = PROMPT_LAW.draw(rng, missing)
        o = OUTPUT_LAW.draw(rng, missing)
        fits = s + o <= memory
        prompt = np.concatenate([prompt, s[fits]])
        output = np.concatenate([output, o[fits]])
    return prompt, output


def lmsys_like_trace(
    rng: np.random.Generator,
    n: int,
    rate: float = 50.0,
    memory: int = LMSYS_MEMORY,
) -> Trace:
    """Draw a trace of ``n`` requests with Poisson arrivals.

    ``rate`` is in requests a second; P1 uses 50 (high demand) and 10 (low
    demand). Times are rounded to milliseconds; the first request is at 0.

    Parameters
    ----------
    rng
        Source of randomness; it is advanced.
    n
        Number of requests.
    rate
        Requests a second.
    memory
        ``M``, in units of KV memory.
    """
    rate = real_number(rate, "rate", 1e-6, 1e6)
    prompt, output = lmsys_like_lengths(rng, n, memory)
    gaps = rng.exponential(1 / rate, size=n)
    times = np.cumsum(gaps) - gaps[0]
    return Trace(
        output,
        prompt,
        np.round(times, 3),
        source=f"lmsys-like: synthetic, Poisson {rate:g} a second",
    )


def fit_report(memory: int = LMSYS_MEMORY) -> tuple[Fit, ...]:
    """Mean and median of the distribution itself, against the published.

    Computed exactly (up to floating point) from the probabilities of all
    pairs of lengths with sum at most ``memory``; ``O(memory)``.
    """
    memory = _capacity(memory)
    prompt = PROMPT_LAW.probabilities(memory)
    output = OUTPUT_LAW.probabilities(memory)
    # A prompt of k survives when the output is at most memory - k.
    prompt_kept = prompt * np.cumsum(output)[::-1]
    output_kept = output * np.cumsum(prompt)[::-1]
    return _report(
        *_mean_and_median(prompt_kept), *_mean_and_median(output_kept)
    )


def sample_fit_report(prompt: IntArray, output: IntArray) -> tuple[Fit, ...]:
    """Mean and median of a sample, against the published."""
    return _report(
        float(np.mean(prompt)),
        float(np.median(prompt)),
        float(np.mean(output)),
        float(np.median(output)),
    )


def _mean_and_median(weights: NDArray[np.float64]) -> tuple[float, float]:
    below = np.cumsum(weights)
    mean = float(weights @ np.arange(weights.size)) / float(below[-1])
    return mean, float(np.searchsorted(below, below[-1] / 2))


def _report(*achieved: float) -> tuple[Fit, ...]:
    return tuple(
        Fit(name, published, value, value / published - 1)
        for (name, published), value in zip(
            PUBLISHED.items(), achieved, strict=True
        )
    )


def _capacity(memory: int) -> int:
    # Below 50 most pairs would be drawn again.
    return whole_number(memory, "memory", 50, MAX_MEMORY)
