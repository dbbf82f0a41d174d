"""Arrival Models 1 and 2: the random instances of P1's experiments.

Source: P1 (arXiv 2502.07115 v4/v5), section on synthetic experiments, as
read in readings.md 1.9. All draws are uniform on integer ranges, both ends
included, except the arrival rate, which is uniform on an interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kvopt.model import InputError, Instance
from kvopt.model.instance import MAX_SIZE, IntArray
from kvopt.workloads.ranges import (
    MAX_REQUESTS,
    integer_range,
    real_range,
)

__all__ = ["PUBLISHED_1", "PUBLISHED_2", "Model1", "Model2"]
__all__ += ["model_1", "model_2"]

# Below this rate the wait for a first request would take too many rounds.
MIN_RATE, MAX_RATE = 1e-3, 1e6


@dataclass(frozen=True)
class Sizes:
    """Ranges of the capacity and of the request sizes.

    Parameters
    ----------
    memory
        Range of the capacity ``M``, in units.
    prompt
        Range of the prompt lengths ``s_i``, in tokens.
    output
        Range of the output lengths ``o_i``, in tokens. The upper end is cut
        at ``M - s_i``; None as the upper end means ``M - s_i`` itself.
    """

    memory: tuple[int, int] = (30, 50)
    prompt: tuple[int, int] = (1, 5)
    output: tuple[int, int | None] = (1, None)

    def __post_init__(self) -> None:
        memory = integer_range(self.memory, "memory", 2, MAX_SIZE)
        prompt = integer_range(self.prompt, "prompt", 0, MAX_SIZE)
        output = self.output
        if isinstance(output, tuple) and len(output) == 2:
            output = (output[0], MAX_SIZE if output[1] is None else output[1])
        shortest = integer_range(output, "output", 1, MAX_SIZE)[0]
        if prompt[1] + shortest > memory[0]:
            raise InputError(
                "the longest prompt and the shortest output must fit into "
                f"the smallest memory, {memory[0]}",
                field="prompt.high + output.low",
                value=prompt[1] + shortest,
            )

    def draw_memory(self, rng: np.random.Generator) -> int:
        """Draw the capacity ``M``."""
        return int(rng.integers(*self.memory, endpoint=True))

    def draw_requests(
        self, rng: np.random.Generator, n: int, memory: int
    ) -> tuple[IntArray, IntArray]:
        """Draw ``n`` prompts, then ``n`` outputs, each of shape ``(n,)``.

        Parameters
        ----------
        rng
            Source of randomness; it is advanced.
        n
            Number of requests.
        memory
            ``M``, in units of KV memory.
        """
        prompt = rng.integers(*self.prompt, size=n, endpoint=True)
        low, high = self.output
        longest = memory - prompt
        if high is not None:
            longest = np.minimum(longest, high)
        return prompt, rng.integers(low, longest, endpoint=True)


@dataclass(frozen=True)
class Model1(Sizes):
    """Ranges of Arrival Model 1; the defaults are the published ones.

    Parameters
    ----------
    requests
        Range of the number of requests ``n``.
    """

    requests: tuple[int, int] = (40, 60)

    def __post_init__(self) -> None:
        super().__post_init__()
        integer_range(self.requests, "requests", 1, MAX_REQUESTS)


@dataclass(frozen=True)
class Model2(Sizes):
    """Ranges of Arrival Model 2; the defaults are the published ones.

    Parameters
    ----------
    horizon
        Range of the number of rounds ``T`` in which requests arrive.
    rate
        Interval of the Poisson arrival rate, in requests a round.
    requests
        None for everything that arrives within ``T`` rounds, as published;
        a number for exactly the first so many requests, however long they
        take to arrive.
    """

    horizon: tuple[int, int] = (40, 60)
    rate: tuple[float, float] = (0.5, 1.5)
    requests: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        integer_range(self.horizon, "horizon", 1, MAX_REQUESTS)
        real_range(self.rate, "rate", MIN_RATE, MAX_RATE)
        if self.requests is not None:
            n = self.requests
            integer_range((n, n), "requests", 1, MAX_REQUESTS)


PUBLISHED_1 = Model1()
PUBLISHED_2 = Model2()


def model_1(
    rng: np.random.Generator, params: Model1 = PUBLISHED_1
) -> Instance:
    """Draw an instance of Arrival Model 1: every request is there at 0.

    Draws ``M``, then ``n``, then all prompts, then all outputs
    ``o_i ~ U{1..M-s_i}``. ``O(n)``.
    """
    memory = params.draw_memory(rng)
    n = int(rng.integers(*params.requests, endpoint=True))
    prompt, output = params.draw_requests(rng, n, memory)
    return Instance(
        memory,
        np.zeros(n, dtype=np.int64),
        prompt,
        output,
        name=f"model-1, n={n}, M={memory}",
        source=f"Arrival Model 1 of P1 (arXiv 2502.07115): {params}",
    )


def model_2(
    rng: np.random.Generator, params: Model2 = PUBLISHED_2
) -> Instance:
    """Draw an instance of Arrival Model 2: Poisson arrivals, round by round.

    Draws ``M``, then ``T``, then one rate for the whole instance, then the
    number of arrivals of each round ``0..T-1`` from a Poisson law of that
    rate, then all prompts, then all outputs. Requests are listed in order of
    arrival; those of one round are exchangeable. ``O(n + T)``.

    Notes
    -----
    Readings, all [inferred]: the first round with arrivals is 0; the rate is
    drawn once an instance. When nobody arrives (or fewer than
    ``params.requests``), the process goes on for another ``T`` rounds: an
    instance needs a request, and latency does not depend on the origin of
    time. With the published ranges that has probability below ``2.1e-9``.
    """
    memory = params.draw_memory(rng)
    rounds = int(rng.integers(*params.horizon, endpoint=True))
    rate = float(rng.uniform(*params.rate))
    needed = 1 if params.requests is None else params.requests
    blocks: list[IntArray] = []
    arrived = 0
    while arrived < needed:
        counts = rng.poisson(rate, size=rounds)
        first = rounds * len(blocks)
        blocks.append(np.repeat(np.arange(first, first + rounds), counts))
        arrived += blocks[-1].size
    arrival = np.concatenate(blocks)[: params.requests]
    n = arrival.size
    prompt, output = params.draw_requests(rng, n, memory)
    return Instance(
        memory,
        arrival,
        prompt,
        output,
        name=f"model-2, n={n}, M={memory}",
        source=(
            f"Arrival Model 2 of P1 (arXiv 2502.07115): {params}; "
            f"drawn rate {rate:.6g} a round"
        ),
    )
