"""Requests of a few types that arrive at random, round by round."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kvopt.model import InputError, Instance
from kvopt.model.instance import MAX_SIZE, IntArray, real_number, whole_number
from kvopt.workloads.ranges import MAX_REQUESTS

__all__ = ["FewTypes", "few_types"]

MIN_RATE, MAX_RATE = 1e-3, 100.0


@dataclass(frozen=True)
class FewTypes:
    """Numbers of the few-types family.

    Parameters
    ----------
    memory
        Capacity ``M``, in units.
    prompt, output
        Prompt and output length of each type, in tokens.
    weights
        Share of each type among the arrivals, up to a common factor.
    rate
        Mean number of arrivals a round.
    horizon
        Rounds in which requests arrive.
    process
        ``"poisson"``: a Poisson number in each round; ``"bernoulli"``: one
        with probability ``rate``, else none. Rounds are independent.
    """

    memory: int = 9
    prompt: tuple[int, ...] = (1, 1, 1)
    output: tuple[int, ...] = (1, 3, 5)
    weights: tuple[int, ...] = (1, 1, 1)
    rate: float = 0.25
    horizon: int = 40
    process: str = "poisson"

    def __post_init__(self) -> None:
        whole_number(self.memory, "memory", 1, MAX_SIZE)
        for name, least in (("prompt", 0), ("output", 1), ("weights", 0)):
            for k, value in enumerate(getattr(self, name)):
                whole_number(value, f"{name}[{k}]", least, MAX_SIZE)
        if not len(self.prompt) == len(self.output) == len(self.weights):
            raise InputError(
                "prompt, output and weights must be of equal length",
                field="output",
                value=",".join(map(str, self.output)),
            )
        if not sum(self.weights):
            raise InputError(
                "at least one must be positive",
                field="weights",
                value=",".join(map(str, self.weights)),
            )
        whole_number(self.horizon, "horizon", 1, MAX_REQUESTS)
        if self.process not in ("poisson", "bernoulli"):
            raise InputError(
                "must be one of poisson, bernoulli",
                field="process",
                value=self.process,
            )
        most = 1.0 if self.process == "bernoulli" else MAX_RATE
        real_number(self.rate, "rate", MIN_RATE, most)


def few_types(rng: np.random.Generator, params: FewTypes) -> Instance:
    """Draw the arrivals of ``params.horizon`` rounds.

    Round 0 is that of the first arrival: latency does not depend on the
    origin of time, and an instance needs a request. So round 0 has the law
    of any round under the condition that somebody arrives. ``O(n + T)``.

    Notes
    -----
    Common random numbers: each round has one uniform number, from which its
    arrivals are found by inversion, and each arrival another one for its
    type. For the same generator a shorter horizon gives the first part of a
    longer one, and a lower rate gives no more arrivals in any round.
    """
    rounds, types = rng.spawn(2)
    number = rounds.random(params.horizon)
    none = np.exp(-params.rate)
    if params.process == "bernoulli":
        counts = (number < params.rate).astype(np.int64)
        counts[0] = 1
    else:
        number[0] = none + (1 - none) * number[0]
        counts = _poisson(params.rate, number)
        counts[0] = max(1, counts[0])  # only rounding can make it 0
    arrival = np.repeat(np.arange(params.horizon), counts)
    shares = np.cumsum(params.weights) / sum(params.weights)
    kind = np.searchsorted(shares, types.random(arrival.size), side="right")
    return Instance(
        params.memory,
        arrival,
        np.asarray(params.prompt, np.int64)[kind],
        np.asarray(params.output, np.int64)[kind],
        name=f"few-types, n={arrival.size}, M={params.memory}",
        source=f"random arrivals of few types: {params}",
    )


def _poisson(rate: float, number: np.ndarray) -> IntArray:
    """Return Poisson variables by inversion of uniform numbers."""
    most = int(rate + 12 * np.sqrt(rate) + 30)
    terms = np.empty(most + 1)
    terms[0] = np.exp(-rate)
    for k in range(1, most + 1):
        terms[k] = terms[k - 1] * rate / k
    found: IntArray = np.searchsorted(np.cumsum(terms), number, side="right")
    return np.minimum(found, most)
