"""Hill climbing with random restarts. A baseline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from kvopt.adversary.search.conditions import Conditions
from kvopt.adversary.search.mutators import (
    ELEMENTARY,
    Mutator,
    mutated,
    random_recipe,
)
from kvopt.adversary.search.recipe import Recipe
from kvopt.adversary.search.strategies.base import Trial

__all__ = ["HillClimbing"]

# Candidates without a better ratio after which a climb is given up.
PATIENCE = 500


class HillClimbing:
    """Go on to what is not worse: plateaus are wandered over.

    Parameters
    ----------
    conditions
        What candidates keep.
    mutators
        The changes to choose from.
    """

    name: ClassVar[str] = "climbing"

    def __init__(
        self,
        conditions: Conditions,
        mutators: Sequence[Mutator] = ELEMENTARY,
    ) -> None:
        self.conditions = conditions
        self.mutators = mutators
        self.here: Recipe | None = None
        self.ratio = 1.0
        self.idle = 0

    def ask(self, rng: np.random.Generator) -> Trial:
        """Change the present recipe, or start anew."""
        if self.here is None or self.idle >= PATIENCE:
            self.here, self.ratio, self.idle = None, 1.0, 0
            return Trial(random_recipe(rng, self.conditions), 1.0)
        changed = mutated(self.here, rng, self.conditions, self.mutators)
        return Trial(changed, self.ratio)

    def tell(self, trial: Trial, ratio: float | None) -> None:
        """Go there unless it is worse."""
        self.idle += 1
        if ratio is None:
            return
        if ratio > self.ratio:
            self.idle = 0
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
        }

    def restore(self, document: dict[str, Any]) -> None:
        """See :class:`Strategy`."""
        here = document["here"]
        self.here = None if here is None else Recipe.read(here)
        self.ratio = float(document["ratio"])
        self.idle = int(document["idle"])
