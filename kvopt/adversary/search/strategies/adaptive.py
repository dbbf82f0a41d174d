"""Hill climbing in which the changes that helped are made more often."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from kvopt.adversary.search.conditions import Conditions
from kvopt.adversary.search.moves import STRUCTURED
from kvopt.adversary.search.mutators import random_recipe
from kvopt.adversary.search.recipe import Recipe
from kvopt.adversary.search.strategies.base import Trial
from kvopt.adversary.search.strategies.pattern import extrapolated

__all__ = ["AdaptiveClimbing"]

# Recipes that are drawn before each climb, which begins at the worst of them.
DRAWS = 4
# Candidates without a better ratio after which a climb is given up.
PATIENCE = 500
# Share of turns that all changes get alike, and how fast credit is forgotten.
ALIKE, FORGETTING = 0.4, 0.02
# Chance of one more change in a candidate.
MORE = 0.5


class AdaptiveClimbing:
    """Climb by elementary and structured changes that earn their turns.

    A change is chosen more often the more often candidates made by it were
    gains (probability matching). After a gain the climb goes on in its
    direction, as :class:`PatternSearch` does.

    Parameters
    ----------
    conditions
        What candidates keep.
    """

    name: ClassVar[str] = "adaptive"

    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions
        self.here: Recipe | None = None
        self.ratio = 1.0
        self.idle = 0
        # Recipes drawn for the present climb.
        self.drawn = 0
        # Where the last candidate led from, if it was a gain.
        self.before: Recipe | None = None
        self.credit = [1.0 / len(STRUCTURED)] * len(STRUCTURED)
        # Changes that made the present candidate; none for another one.
        self.used: list[int] = []

    def ask(self, rng: np.random.Generator) -> Trial:
        """Draw a start, go on where a gain led, or change the recipe."""
        before, self.before, self.used = self.before, None, []
        if self.idle >= PATIENCE:
            self.here, self.ratio, self.idle, self.drawn = None, 1.0, 0, 0
        if self.here is None or self.drawn < DRAWS:
            self.drawn += 1
            return Trial(random_recipe(rng, self.conditions), self.ratio)
        if before is not None:
            further = extrapolated(before, self.here)
            if further is not None:
                fitted = self.conditions.fit(further)
                if fitted != self.here:
                    return Trial(fitted, self.ratio)
        return Trial(self._changed(self.here, rng), self.ratio)

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
                changed = STRUCTURED[k](changed, rng)
                more = rng.random() < MORE
            changed = self.conditions.fit(changed)
            if changed != recipe:
                break
        return changed

    def tell(self, trial: Trial, ratio: float | None) -> None:
        """Go there unless it is worse; give credit for a gain."""
        gained = ratio is not None and ratio > self.ratio
        self.idle += 1
        for k in self.used:
            self.credit[k] += FORGETTING * (gained - self.credit[k])
        if ratio is None:
            return
        if gained:
            self.idle = 0
            self.before = self.here
        self.here, self.ratio = trial.recipe, ratio

    def offer(self, recipe: Recipe, ratio: float) -> None:
        """Go to what another strategy has found, if it is worse."""
        if ratio > self.ratio:
            self.here, self.ratio, self.idle = recipe, ratio, 0

    def document(self) -> dict[str, Any]:
        """See :class:`Strategy`."""
        return {
            "here": self.here and self.here.document(),
            "ratio": self.ratio,
            "idle": self.idle,
            "drawn": self.drawn,
            "before": self.before and self.before.document(),
            "credit": self.credit,
        }

    def restore(self, document: dict[str, Any]) -> None:
        """See :class:`Strategy`."""
        here, before = document["here"], document["before"]
        self.here = None if here is None else Recipe.read(here)
        self.before = None if before is None else Recipe.read(before)
        self.ratio = float(document["ratio"])
        self.idle = int(document["idle"])
        self.drawn = int(document["drawn"])
        self.credit = [float(one) for one in document["credit"]]
