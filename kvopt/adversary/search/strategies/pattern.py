"""Hill climbing that repeats, with doubled step, a change that helped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from kvopt.adversary.search.conditions import Conditions
from kvopt.adversary.search.moves import STRUCTURED
from kvopt.adversary.search.mutators import Mutator
from kvopt.adversary.search.recipe import Block, Group, Recipe
from kvopt.adversary.search.strategies.base import Trial
from kvopt.adversary.search.strategies.climbing import HillClimbing

__all__ = ["PatternSearch"]

# Numbers that grow are cut here; conditions cut them further.
MOST_NUMBER = 10**9


class PatternSearch(HillClimbing):
    """Climb; after a gain go on in the direction of it, twice as far.

    The pattern move of Hooke and Jeeves (1961). A change that adds or drops
    a group has no direction, and is not repeated.

    Parameters
    ----------
    conditions
        What candidates keep.
    mutators
        The changes to choose from.
    """

    name: ClassVar[str] = "pattern"

    def __init__(
        self,
        conditions: Conditions,
        mutators: Sequence[Mutator] = STRUCTURED,
    ) -> None:
        super().__init__(conditions, mutators)
        # Where the last candidate led from, if it was a gain.
        self.before: Recipe | None = None

    def ask(self, rng: np.random.Generator) -> Trial:
        """Go on where the last gain led, or change the present recipe."""
        return self.onward() or super().ask(rng)

    def onward(self) -> Trial | None:
        """Return where the last gain leads, once; None if it leads nowhere."""
        before, self.before = self.before, None
        if before is None or self.here is None:
            return None
        further = _extrapolated(before, self.here)
        if further is None:
            return None
        fitted = self.conditions.fit(further)
        return None if fitted == self.here else Trial(fitted, self.ratio)

    def tell(self, trial: Trial, ratio: float | None) -> None:
        """Go there unless it is worse; note a gain."""
        old, was = self.here, self.ratio
        super().tell(trial, ratio)
        gained = ratio is not None and ratio > was
        self.before = old if gained else None

    def document(self) -> dict[str, Any]:
        """See :class:`Strategy`."""
        before = self.before and self.before.document()
        return {**super().document(), "before": before}

    def restore(self, document: dict[str, Any]) -> None:
        """See :class:`Strategy`."""
        super().restore(document)
        before = document["before"]
        self.before = None if before is None else Recipe.read(before)


def _extrapolated(before: Recipe, here: Recipe) -> Recipe | None:
    """Return ``here + 2 (here - before)``; None if their shapes differ."""
    shapes = [[len(b.groups) for b in r.blocks] for r in (before, here)]
    if shapes[0] != shapes[1]:
        return None
    blocks = tuple(
        Block(
            _beyond(old.repeat, new.repeat, 1),
            _beyond(old.shift, new.shift, 0),
            tuple(
                Group(
                    _beyond(a.copies, b.copies, 1),
                    _beyond(a.arrival, b.arrival, 0),
                    _beyond(a.prompt, b.prompt, 0),
                    _beyond(a.output, b.output, 1),
                    _beyond(a.guess, b.guess, 1),
                )
                for a, b in zip(old.groups, new.groups, strict=True)
            ),
        )
        for old, new in zip(before.blocks, here.blocks, strict=True)
    )
    return Recipe(_beyond(before.memory, here.memory, 2), blocks)


def _beyond(old: int, new: int, least: int) -> int:
    return min(MOST_NUMBER, max(least, new + 2 * (new - old)))
