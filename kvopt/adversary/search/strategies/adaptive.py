"""Hill climbing in which the changes that helped are made more often."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from kvopt.adversary.search.conditions import Conditions
from kvopt.adversary.search.mutators import random_recipe
from kvopt.adversary.search.recipe import Recipe
from kvopt.adversary.search.strategies.base import Trial
from kvopt.adversary.search.strategies.climbing import PATIENCE
from kvopt.adversary.search.strategies.pattern import PatternSearch

__all__ = ["AdaptiveClimbing"]

# Recipes that are drawn before each climb, which begins at the worst of them.
DRAWS = 4
# Share of turns that all changes get alike, and how fast credit is forgotten.
ALIKE, FORGETTING = 0.4, 0.02
# Chance of one more change in a candidate.
MORE = 0.5


class AdaptiveClimbing(PatternSearch):
    """Climb by elementary and structured changes that earn their turns.

    A change is chosen more often the more often candidates made by it were
    gains (probability matching).

    Parameters
    ----------
    conditions
        What candidates keep.
    """

    name: ClassVar[str] = "adaptive"

    def __init__(self, conditions: Conditions) -> None:
        super().__init__(conditions)
        # Recipes drawn for the present climb.
        self.drawn = 0
        kinds = len(self.mutators)
        self.credit = [1.0 / kinds] * kinds
        # Changes that made the present candidate; none for another one.
        self.used: list[int] = []

    def ask(self, rng: np.random.Generator) -> Trial:
        """Draw a start, go on where a gain led, or change the recipe."""
        self.used = []
        if self.idle >= PATIENCE:
            self.here, self.ratio, self.idle, self.drawn = None, 1.0, 0, 0
        if self.here is None or self.drawn < DRAWS:
            self.drawn += 1
            self.before = None
            return Trial(random_recipe(rng, self.conditions), self.ratio)
        return self.onward() or Trial(
            self._changed(self.here, rng), self.ratio
        )

    def _changed(self, recipe: Recipe, rng: np.random.Generator) -> Recipe:
        credit = np.array(self.credit)
        chances = ALIKE / credit.size + (1 - ALIKE) * credit / credit.sum()
        limits = np.cumsum(chances)
        changed = recipe
        for _ in range(20):
            self.used = []
            more = True
            while more:
                k = int(np.searchsorted(limits, rng.random() * limits[-1]))
                self.used.append(k)
                changed = self.mutators[k](changed, rng)
                more = rng.random() < MORE
            changed = self.conditions.fit(changed)
            if changed != recipe:
                break
        return changed

    def tell(self, trial: Trial, ratio: float | None) -> None:
        """Go there unless it is worse; give credit for a gain."""
        gained = ratio is not None and ratio > self.ratio
        for k in self.used:
            self.credit[k] += FORGETTING * (gained - self.credit[k])
        super().tell(trial, ratio)

    def document(self) -> dict[str, Any]:
        """See :class:`Strategy`."""
        mine = {"drawn": self.drawn, "credit": self.credit}
        return {**super().document(), **mine}

    def restore(self, document: dict[str, Any]) -> None:
        """See :class:`Strategy`."""
        super().restore(document)
        self.drawn = int(document["drawn"])
        rows = zip(self.mutators, document["credit"], strict=True)
        self.credit = [float(value) for _, value in rows]
