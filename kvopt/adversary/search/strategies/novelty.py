"""A population that keeps what is new beside what is bad for the policy."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from kvopt.adversary.search.conditions import Conditions
from kvopt.adversary.search.moves import STRUCTURED
from kvopt.adversary.search.mutators import (
    MOST_BLOCKS,
    drawn,
    mutated,
    random_recipe,
)
from kvopt.adversary.search.recipe import Recipe
from kvopt.adversary.search.strategies.base import Trial

__all__ = ["NoveltyPopulation"]

# Candidates drawn at random in the beginning, and now and then later.
FIRST, FRESH = 40, 0.03
# Chance of a parent among the best, and how many those are.
GREEDY, ELITE = 0.6, 6
CROSSED = 0.1


class NoveltyPopulation:
    """Keep the worst instance of each kind, and change one of them.

    Kinds differ in scale: numbers of requests, groups and blocks, memory, and
    whether it has prompts. A new kind is kept whatever its ratio, so that a
    detour through small ratios is not cut off (novelty search; MAP-Elites).
    Changes are elementary and structured; sometimes the blocks of two are
    put together.

    Parameters
    ----------
    conditions
        What candidates keep.
    """

    name: ClassVar[str] = "population"

    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions
        self.kept: dict[tuple[int, ...], tuple[Recipe, float]] = {}
        self.asked = 0

    def ask(self, rng: np.random.Generator) -> Trial:
        """Change one that is kept."""
        self.asked += 1
        if self.asked <= FIRST or not self.kept or rng.random() < FRESH:
            recipe = random_recipe(rng, self.conditions)
        else:
            parent = self._parent(rng)
            if rng.random() < CROSSED:
                parent = self._crossed(parent, self._parent(rng))
            recipe = mutated(parent, rng, self.conditions, STRUCTURED)
        kept = self.kept.get(_kind(recipe))
        return Trial(recipe, 1.0 if kept is None else kept[1])

    def tell(self, trial: Trial, ratio: float | None) -> None:
        """Keep the candidate if it is the worst of its kind."""
        if ratio is not None:
            self.kept[_kind(trial.recipe)] = trial.recipe, ratio

    def offer(self, recipe: Recipe, ratio: float) -> None:
        """Keep what another strategy has found, if it is worse."""
        kept = self.kept.get(_kind(recipe))
        if kept is None or kept[1] <= ratio:
            self.kept[_kind(recipe)] = recipe, ratio

    def _parent(self, rng: np.random.Generator) -> Recipe:
        """Return one of the best, or the best of two of any kind."""
        everyone = list(self.kept.values())
        if rng.random() < GREEDY:
            best = sorted(everyone, key=lambda kept: -kept[1])[:ELITE]
            return best[drawn(rng, 0, len(best) - 1)][0]
        pair = [everyone[drawn(rng, 0, len(everyone) - 1)] for _ in range(2)]
        return max(pair, key=lambda kept: kept[1])[0]

    def _crossed(self, one: Recipe, other: Recipe) -> Recipe:
        blocks = (one.blocks + other.blocks)[:MOST_BLOCKS]
        return self.conditions.fit(Recipe(one.memory, blocks))

    def document(self) -> dict[str, Any]:
        """See :class:`Strategy`."""
        return {
            "kept": [[r.document(), ratio] for r, ratio in self.kept.values()],
            "asked": self.asked,
        }

    def restore(self, document: dict[str, Any]) -> None:
        """See :class:`Strategy`."""
        self.kept = {}
        for row, ratio in document["kept"]:
            recipe = Recipe.read(row)
            self.kept[_kind(recipe)] = recipe, float(ratio)
        self.asked = int(document["asked"])


def _kind(recipe: Recipe) -> tuple[int, ...]:
    """Return what a recipe is like, coarsely."""
    return (
        round(2 * math.log2(recipe.requests)) // 3,
        round(2 * math.log2(recipe.memory)) // 3,
        min(3, len(recipe.groups)),
        min(2, len(recipe.blocks)),
        int(any(group.prompt for group in recipe.groups)),
    )
