"""Bad for smallest volume first: peaks that reach the memory."""

from __future__ import annotations

from dataclasses import dataclass

from kvopt.model import Instance
from kvopt.model.instance import whole_number
from kvopt.workloads.parameters import INTEGER, Generator, Parameter
from kvopt.workloads.ranges import MAX_REQUESTS

__all__ = ["GENERATOR", "SVFPeaks"]


@dataclass(frozen=True)
class SVFPeaks:
    """Numbers of the family.

    Parameters
    ----------
    output
        ``a``: rounds of the long requests, at least 2; ``M = a(a+1)/2``.
    pairs
        Number of pairs of a long request and a large one.

    Notes
    -----
    Long ``(s, o) = (0, a)`` and large ``(M-1, 1)`` alternate. All have the
    volume ``M``, and ties go by number, so that SVF serves one after the
    other: a large one never fits beside a long one. Serving the large ones
    first, then one long one a round, tends to ``(a+1)/2`` times less: the
    theorem of SVF needs peaks of at most ``alpha*M``, ``alpha < 1``. Source:
    readings.md 6.1, found with kvopt [checked].
    """

    output: int = 6
    pairs: int = 50

    def __post_init__(self) -> None:
        whole_number(self.output, "output", 2, 10**4)
        whole_number(self.pairs, "pairs", 1, MAX_REQUESTS // 2)

    @property
    def memory(self) -> int:
        """``M``, in units."""
        return self.output * (self.output + 1) // 2

    def svf_cost(self) -> int:
        """Total latency of SVF, in rounds."""
        a, p = self.output, self.pairs
        # Pair k runs from k(a+1) on: a rounds, then one.
        return (a + 1) * p * (p - 1) + p * (2 * a + 1)

    def reference_cost(self) -> int:
        """Total latency of the large ones first, in rounds."""
        a, p = self.output, self.pairs
        return p * (p + 1) // 2 + p * (p + a) + p * (p - 1) // 2

    def instance(self) -> Instance:
        """Return the instance."""
        pair = [(0, 0, self.output), (0, self.memory - 1, 1)]
        return Instance.of(
            self.memory,
            pair * self.pairs,
            name=f"SVF with peaks at M={self.memory}, {self.pairs} pairs",
            source=f"{self}: readings.md 6.1",
        )


GENERATOR = Generator(
    "svf-peaks",
    "equal volumes in alternation: SVF serves them one by one",
    "P6, arXiv 2606.22327, at alpha = 1; readings.md 6.1, ours",
    (
        Parameter(
            "output", INTEGER, SVFPeaks.output, "rounds of the long ones"
        ),
        Parameter("pairs", INTEGER, SVFPeaks.pairs, "number of pairs"),
    ),
    lambda rng, values: SVFPeaks(**values).instance(),
)
