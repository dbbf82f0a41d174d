"""What the checker of games says."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from kvopt.check.showing import ShownLines

__all__ = ["GameVerdict"]


@dataclass(frozen=True)
class GameVerdict(ShownLines):
    """The checker's findings about a game.

    Parameters
    ----------
    game
        Which game: what the policy knows and may do.
    memory
        The limit ``M``, in units.
    types
        The ``(prompt, output)`` pairs that requests may have.
    requests
        Most requests of any branch.
    ratio
        The ratio that every policy is said to reach, at least 1.
    nodes
        Positions of the game looked at.
    stops
        Positions in which the adversary stops.
    problems
        Whatever makes the game worthless, in words.
    """

    game: str
    memory: int
    types: tuple[tuple[int, int], ...]
    requests: int
    ratio: Fraction
    nodes: int
    stops: int
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """True when the ratio is proved."""
        return not self.problems

    def lines(self) -> list[str]:
        """Return the verdict for people."""
        sizes = " ".join(f"({s}, {o})" for s, o in self.types)
        return [
            "game accepted" if self.ok else "REJECTED",
            f"every policy of the game '{self.game}' has ratio at least "
            f"{self.ratio} = {float(self.ratio):.6f}"
            + ("" if self.ok else ", as stated and not proved"),
            f"memory {self.memory}, at most {self.requests} requests of "
            f"(prompt, output) {sizes}",
            f"{self.nodes:,} positions, {self.stops:,} of them stops",
            *(f"problem: {problem}" for problem in self.problems),
        ]

    def document(self) -> dict[str, Any]:
        """Return the verdict as plain JSON values."""
        return {
            "ok": self.ok,
            "game": self.game,
            "memory": self.memory,
            "types": [list(pair) for pair in self.types],
            "requests": self.requests,
            "ratio": [self.ratio.numerator, self.ratio.denominator],
            "nodes": self.nodes,
            "stops": self.stops,
            "problems": list(self.problems),
        }
