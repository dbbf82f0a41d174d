"""Bad for the staggered pipeline: a gap that is rounded from a division."""

from __future__ import annotations

from dataclasses import dataclass

from kvopt.model import Instance
from kvopt.model.instance import whole_number
from kvopt.workloads.parameters import INTEGER, Generator, Parameter
from kvopt.workloads.ranges import MAX_REQUESTS

__all__ = ["GENERATOR", "SPSBadSizes"]


@dataclass(frozen=True)
class SPSBadSizes:
    """Numbers of the family.

    Parameters
    ----------
    half
        ``q``, at least 2: outputs are ``2q`` tokens, prompts 0, and
        ``M = 3q - 1``.
    requests
        ``n``, their number.

    Notes
    -----
    Two runs that are ``q`` rounds apart hold ``3q``, one unit too much; so
    SPS with the gap ``ceil(o/k)`` runs one at a time. A gap of ``q+1`` fits,
    and the ratio tends to ``2q/(q+1)``, up to 2. The formula of the gap is a
    reading of P4 (arXiv 2601.22996), readings.md 4.2 [inferred]; the family
    is ours, docs/identical-requests.md.
    """

    half: int = 10
    requests: int = 100

    def __post_init__(self) -> None:
        whole_number(self.half, "half", 2, 10**4)
        whole_number(self.requests, "requests", 1, MAX_REQUESTS)

    def sps_cost(self) -> int:
        """Total latency of SPS, in rounds."""
        n = self.requests
        return self.half * n * (n + 1)

    def reference_cost(self) -> int:
        """Total latency of one start every ``q+1`` rounds, in rounds."""
        n, q = self.requests, self.half
        return (q + 1) * (n * (n - 1) // 2) + 2 * q * n

    def instance(self) -> Instance:
        """Return the instance."""
        return Instance.of(
            3 * self.half - 1,
            [(0, 0, 2 * self.half)] * self.requests,
            name=f"bad sizes for SPS, q={self.half}, n={self.requests}",
            source=f"{self}: docs/identical-requests.md",
        )


GENERATOR = Generator(
    "sps-bad-sizes",
    "identical requests that SPS runs one at a time",
    "P4, arXiv 2601.22996, SPS in our reading; docs/identical-requests.md",
    (
        Parameter(
            "half", INTEGER, SPSBadSizes.half, "q: outputs are 2q, M = 3q - 1"
        ),
        Parameter("requests", INTEGER, SPSBadSizes.requests, "their number"),
    ),
    lambda rng, values: SPSBadSizes(**values).instance(),
)
