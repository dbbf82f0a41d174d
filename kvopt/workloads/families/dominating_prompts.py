"""Bad for A_min and A_max: prompts so large that nothing is learned."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kvopt.model import InputError, Instance
from kvopt.model.instance import MAX_SIZE, whole_number
from kvopt.workloads.parameters import INTEGER, TEXT, Generator, Parameter
from kvopt.workloads.predictions.intervals import with_common_interval
from kvopt.workloads.ranges import MAX_REQUESTS

__all__ = ["GENERATOR", "DominatingPrompts"]


@dataclass(frozen=True)
class DominatingPrompts:
    """Numbers of the family.

    Parameters
    ----------
    longest
        ``u = 1/alpha``: outputs are 1 or ``u`` tokens, and every request is
        told ``[1, u]``.
    prompt_factor
        Prompts are this many times ``u``, at least 2.
    places
        How many requests fit at once: ``M = places * (s + u)``.
    requests
        ``n``, their number; one of ``1 + sqrt(u)`` is long, rounded.
    order
        ``"long-first"``, or ``"shuffled"`` by the random generator.

    Notes
    -----
    The usage of a request hardly grows, so that nothing overflows and A_min
    learns nothing: requests run in the order in which they are listed, on
    ``places`` machines. With one place and the long ones first, A_min over
    H-SF tends to ``sqrt(1/alpha)``, where ``O(log(1/alpha))`` is claimed;
    so either the theorem needs prompts that are small, or the published
    algorithm is not our reading of it. Shuffled, A_max and A_min tend to
    ``(1 + alpha**(-1/2))/2``, the factor of A_max's lower bound. Source:
    readings.md 3.5, found with kvopt [checked], after P3 (arXiv 2508.14544).
    """

    longest: int = 25
    prompt_factor: int = 2
    places: int = 1
    requests: int = 60
    order: str = "long-first"

    def __post_init__(self) -> None:
        whole_number(self.longest, "longest", 2, 10**6)
        whole_number(self.prompt_factor, "prompt_factor", 2, 10**4)
        whole_number(self.places, "places", 1, 10**4)
        whole_number(self.requests, "requests", 2, MAX_REQUESTS)
        if self.order not in ("long-first", "shuffled"):
            raise InputError(
                "must be one of long-first, shuffled",
                field="order",
                value=self.order,
            )

    @property
    def memory(self) -> int:
        """``M``, in units."""
        each = (self.prompt_factor + 1) * self.longest
        return whole_number(self.places * each, "M", 1, MAX_SIZE)

    @property
    def long(self) -> int:
        """Number of long requests."""
        return round(self.requests / (1 + math.sqrt(self.longest)))

    def one_by_one(self, *, long_first: bool) -> int:
        """Total latency with one place: A_min's and A_max's, or H-SF's.

        Parameters
        ----------
        long_first
            As A_min and A_max have it on a listing with the long ones
            first; if not, as H-SF has it, which knows the lengths. In
            rounds.
        """
        k, short, u = self.long, self.requests - self.long, self.longest
        longs = u * k * (k + 1) // 2
        shorts = short * (short + 1) // 2
        wait = short * k * u if long_first else k * short
        return longs + shorts + wait

    def instance(self, rng: np.random.Generator) -> Instance:
        """Return the instance; ``rng`` decides a shuffled order."""
        output = [self.longest] * self.long
        output += [1] * (self.requests - self.long)
        if self.order == "shuffled":
            output = rng.permutation(output).tolist()
        prompt = self.prompt_factor * self.longest
        instance = Instance.of(
            self.memory,
            [(0, prompt, o) for o in output],
            name=f"dominating prompts, u={self.longest}, {self.order}",
            source=f"{self}: readings.md 3.5 (P3, arXiv 2508.14544)",
        )
        return with_common_interval(instance, 1, self.longest)


GENERATOR = Generator(
    "dominating-prompts",
    "prompts that leave A_min nothing to learn; intervals [1, u]",
    "P3, arXiv 2508.14544; readings.md 3.5, ours",
    (
        Parameter("longest", INTEGER, DominatingPrompts.longest, "u, tokens"),
        Parameter(
            "prompt_factor",
            INTEGER,
            DominatingPrompts.prompt_factor,
            "prompts over u",
        ),
        Parameter(
            "places",
            INTEGER,
            DominatingPrompts.places,
            "how many fit at once",
        ),
        Parameter(
            "requests", INTEGER, DominatingPrompts.requests, "their number n"
        ),
        Parameter(
            "order", TEXT, DominatingPrompts.order, "long-first or shuffled"
        ),
    ),
    lambda rng, values: DominatingPrompts(**values).instance(rng),
)
