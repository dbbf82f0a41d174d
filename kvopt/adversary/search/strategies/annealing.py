"""Simulated annealing with restarts. A baseline."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from kvopt.adversary.search.conditions import Conditions
from kvopt.adversary.search.mutators import mutated, random_recipe
from kvopt.adversary.search.recipe import Recipe
from kvopt.adversary.search.strategies.base import Trial

__all__ = ["SimulatedAnnealing"]

# Candidates of one cooling, and the temperatures it goes from and to, in
# relative change of the ratio.
LENGTH, HOT, COLD = 3_000, 0.2, 0.002


class SimulatedAnnealing:
    """Accept a loss of ``x`` with probability ``exp(-x / temperature)``.

    Losses are of the logarithm of the ratio. The chance is drawn before the
    candidate is evaluated, so that hopeless ones are dismissed early.

    Parameters
    ----------
    conditions
        What candidates keep.
    """

    name: ClassVar[str] = "annealing"

    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions
        self.here: Recipe | None = None
        self.ratio = 1.0
        self.step = 0

    def ask(self, rng: np.random.Generator) -> Trial:
        """Change the present recipe, or start anew."""
        if self.here is None or self.step >= LENGTH:
            self.here, self.ratio, self.step = None, 1.0, 0
            return Trial(random_recipe(rng, self.conditions), 1.0)
        heat = HOT * (COLD / HOT) ** (self.step / LENGTH)
        loss = heat * -math.log(1 - rng.random())
        least = max(1.0, self.ratio * math.exp(-loss))
        return Trial(mutated(self.here, rng, self.conditions), least)

    def tell(self, trial: Trial, ratio: float | None) -> None:
        """Go there if it was accepted."""
        self.step += 1
        if ratio is not None:
            self.here, self.ratio = trial.recipe, ratio

    def document(self) -> dict[str, Any]:
        """See :class:`Strategy`."""
        return {
            "here": self.here and self.here.document(),
            "ratio": self.ratio,
            "step": self.step,
        }

    def restore(self, document: dict[str, Any]) -> None:
        """See :class:`Strategy`."""
        here = document["here"]
        self.here = None if here is None else Recipe.read(here)
        self.ratio = float(document["ratio"])
        self.step = int(document["step"])
