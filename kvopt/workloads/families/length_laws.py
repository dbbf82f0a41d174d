"""Random output lengths: the laws for which P3 states constants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, assert_never, get_args

import numpy as np
from numpy.typing import NDArray

from kvopt.model import InputError, Instance
from kvopt.model.instance import MAX_SIZE, IntArray, real_number, whole_number
from kvopt.workloads.parameters import (
    INTEGER,
    NUMBER,
    TEXT,
    Generator,
    Parameter,
)
from kvopt.workloads.predictions.intervals import with_common_interval
from kvopt.workloads.ranges import MAX_REQUESTS

__all__ = ["GENERATOR", "LAWS", "Law", "LengthLawFamily"]

Law = Literal["two-point", "geometric", "linear-geometric", "uniform"]
LAWS = get_args(Law)


@dataclass(frozen=True)
class LengthLawFamily:
    """Numbers of the family.

    Parameters
    ----------
    law
        ``"two-point"``: ``u`` with probability ``share``, else 1;
        ``"geometric"``: ``k`` in ``1..u`` with a probability in proportion to
        ``share**k``; ``"linear-geometric"``: to ``k * share**k``;
        ``"uniform"`` on ``1..u``, where ``share`` means nothing.
    longest
        ``u``; every request is told ``[1, u]``.
    share
        See ``law``, above 0 and at most 1.
    memory, prompt
        Capacity and prompt length, in units.
    requests
        ``n``, their number; all arrive at 0.

    Notes
    -----
    Source: P3 (arXiv 2508.14544), distribution results; the statements were
    not found, the constants (1.5, 1.7, 1.56) are remembered, and the set-up
    is that of readings.md 3.4 [inferred].
    """

    law: Law = "two-point"
    longest: int = 16
    share: float = 0.2
    memory: int = 600
    prompt: int = 0
    requests: int = 1200

    def __post_init__(self) -> None:
        if self.law not in LAWS:
            raise InputError(
                f"must be one of {', '.join(LAWS)}",
                field="law",
                value=self.law,
            )
        whole_number(self.longest, "longest", 1, 10**6)
        real_number(self.share, "share", 1e-9, 1)
        whole_number(self.memory, "memory", 1, MAX_SIZE)
        whole_number(self.prompt, "prompt", 0, MAX_SIZE)
        whole_number(self.requests, "requests", 1, MAX_REQUESTS)

    def probabilities(self) -> tuple[IntArray, NDArray[np.float64]]:
        """Return the lengths that occur and their probabilities."""
        k = np.arange(1, self.longest + 1, dtype=np.int64)
        falling = np.array([self.share**i for i in k.tolist()], np.float64)
        match self.law:
            case "two-point":
                ends = np.array([1, self.longest])
                return ends, np.array([1 - self.share, self.share])
            case "uniform":
                weights = np.ones(k.size)
            case "geometric":
                weights = falling
            case "linear-geometric":
                weights = k * falling
            case _:
                assert_never(self.law)
        return k, weights / weights.sum()

    def instance(self, rng: np.random.Generator) -> Instance:
        """Draw the lengths, independently of each other."""
        lengths, probabilities = self.probabilities()
        output = rng.choice(lengths, self.requests, p=probabilities)
        instance = Instance.of(
            self.memory,
            [(0, self.prompt, o) for o in output.tolist()],
            name=f"length law {self.law}, u={self.longest}",
            source=f"{self}: readings.md 3.4 (P3, arXiv 2508.14544)",
        )
        return with_common_interval(instance, 1, self.longest)


GENERATOR = Generator(
    "length-law",
    "random outputs: two-point, geometric, linear-geometric or uniform",
    "P3, arXiv 2508.14544, distribution results; readings.md 3.4",
    (
        Parameter("law", TEXT, LengthLawFamily.law, ", ".join(LAWS)),
        Parameter("longest", INTEGER, LengthLawFamily.longest, "u, tokens"),
        Parameter(
            "share",
            NUMBER,
            LengthLawFamily.share,
            "of long ones, or ratio of probabilities",
        ),
        Parameter(
            "memory", INTEGER, LengthLawFamily.memory, "capacity M, units"
        ),
        Parameter(
            "prompt", INTEGER, LengthLawFamily.prompt, "every prompt, tokens"
        ),
        Parameter(
            "requests", INTEGER, LengthLawFamily.requests, "their number n"
        ),
    ),
    lambda rng, values: LengthLawFamily(**values).instance(rng),
)
