"""Bad for starting together: identical requests, better staggered."""

from __future__ import annotations

from dataclasses import dataclass

from kvopt.model import Instance
from kvopt.model.instance import MAX_SIZE, whole_number
from kvopt.workloads.parameters import INTEGER, Generator, Parameter
from kvopt.workloads.ranges import MAX_REQUESTS

__all__ = ["GENERATOR", "IdenticalRequests"]


@dataclass(frozen=True)
class IdenticalRequests:
    """Numbers of the family.

    Parameters
    ----------
    output
        ``o``, in tokens; the prompt is 0.
    together
        ``b``: how many fit when they end together; ``M = b*o``.
    requests
        ``n``, their number.

    Notes
    -----
    A policy that starts what fits has ``b`` at 0 fill the memory in round
    ``o``, and starts no other before. One start every ``gap`` rounds, where
    the gap is as small as memory allows in the steady state, is better: with
    ``o`` odd and ``b = (o+1)/2`` one a round fits, and the ratio tends to
    ``2o/(o+1)``. Source: P4 (arXiv 2601.22996), SPS; that 2 is the supremum
    is proved in docs/identical-requests.md.
    """

    output: int = 9
    together: int = 5
    requests: int = 200

    def __post_init__(self) -> None:
        whole_number(self.output, "output", 1, 10**4)
        whole_number(self.together, "together", 1, 10**4)
        whole_number(self.requests, "requests", 1, MAX_REQUESTS)

    @property
    def memory(self) -> int:
        """``M``, in units."""
        return whole_number(self.together * self.output, "M", 1, MAX_SIZE)

    @property
    def gap(self) -> int:
        """Rounds between two starts of the pipeline, at least 1."""

        def peak(gap: int) -> int:
            return sum(range(self.output, 0, -gap))

        gap = 1
        while peak(gap) > self.memory:
            gap += 1
        return gap

    def greedy_cost(self) -> int:
        """Total latency of MC-SF, FCFS and their like, in rounds."""
        o, b = self.output, self.together
        return sum((j // b + 1) * o for j in range(self.requests))

    def pipeline_cost(self) -> int:
        """Total latency of one start every ``gap`` rounds, in rounds."""
        n = self.requests
        return self.gap * (n * (n - 1) // 2) + n * self.output

    def instance(self) -> Instance:
        """Return the instance."""
        return Instance.of(
            self.memory,
            [(0, 0, self.output)] * self.requests,
            name=f"identical requests, o={self.output}, M={self.memory}",
            source=f"{self}: docs/identical-requests.md",
        )


GENERATOR = Generator(
    "identical-requests",
    "equal requests: those started together end together",
    "P4, arXiv 2601.22996, SPS; docs/identical-requests.md",
    (
        Parameter("output", INTEGER, IdenticalRequests.output, "tokens"),
        Parameter(
            "together",
            INTEGER,
            IdenticalRequests.together,
            "how many fit when they end together",
        ),
        Parameter(
            "requests", INTEGER, IdenticalRequests.requests, "their number n"
        ),
    ),
    lambda rng, values: IdenticalRequests(**values).instance(),
)
