"""Ascent along a sampled gradient, with restarts. A baseline."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from kvopt.adversary.search.conditions import Conditions
from kvopt.adversary.search.mutators import random_recipe
from kvopt.adversary.search.recipe import Block, Group, Recipe
from kvopt.adversary.search.strategies.base import Trial

__all__ = ["SampledGradient"]

# Samples of one gradient, how far they lie off, the step that follows, all in
# logarithms of the numbers; and steps without gain that end an ascent.
SAMPLES, SPREAD, STEP, PATIENCE = 8, 0.3, 0.5, 6


class SampledGradient:
    """Follow the mean of random directions, each times what it gains.

    The numbers of a recipe are moved together, in logarithms, and rounded
    (evolution strategies; the sampled gradient of MetaEase and MetaOpt).

    Parameters
    ----------
    conditions
        What candidates keep.
    """

    name: ClassVar[str] = "gradient"

    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions
        self.here: Recipe | None = None
        self.ratio = 1.0
        self.idle = 0
        self.directions: list[list[float]] = []
        self.gains: list[float] = []

    def ask(self, rng: np.random.Generator) -> Trial:
        """Look in a random direction, or step along all that were seen."""
        if self.here is None or self.idle >= PATIENCE:
            self.here, self.ratio, self.idle = None, 1.0, 0
            self.directions, self.gains = [], []
            return Trial(random_recipe(rng, self.conditions), 1.0)
        point = _numbers(self.here)
        if len(self.gains) < SAMPLES:
            direction = rng.normal(0, 1, point.size)
            self.directions.append(direction.tolist())
            return Trial(self._moved(point, SPREAD * direction), 1.0)
        gradient = np.array(self.gains) @ np.array(self.directions)
        length = float(np.linalg.norm(gradient))
        move = STEP * math.sqrt(point.size) * gradient / (length or 1.0)
        return Trial(self._moved(point, move), 1.0)

    def tell(self, trial: Trial, ratio: float | None) -> None:
        """Note what a direction gains; after a step, start from there."""
        ratio = ratio or 1.0
        sampling = len(self.gains) < len(self.directions)
        if self.here is not None and sampling:
            self.gains.append(ratio - self.ratio)
        else:
            self.idle = 0 if ratio > self.ratio else self.idle + 1
            self.directions, self.gains = [], []
        if self.here is None or ratio > self.ratio:
            self.here, self.ratio = trial.recipe, ratio
            self.directions, self.gains = [], []

    def _moved(
        self, point: NDArray[np.float64], move: NDArray[np.float64]
    ) -> Recipe:
        assert self.here is not None
        ends = np.clip(point + move, 0, math.log(1e9))
        numbers = iter(np.rint(np.expm1(ends)).astype(np.int64).tolist())
        memory = next(numbers)
        blocks = tuple(
            Block(
                next(numbers),
                next(numbers),
                tuple(
                    Group(*(next(numbers) for _ in group))
                    for group in block.groups
                ),
            )
            for block in self.here.blocks
        )
        kept = Recipe(memory, blocks)
        return self.conditions.fit(kept) if kept.requests else self.here

    def document(self) -> dict[str, Any]:
        """See :class:`Strategy`."""
        return {
            "here": self.here and self.here.document(),
            "ratio": self.ratio,
            "idle": self.idle,
            "directions": self.directions,
            "gains": self.gains,
        }

    def restore(self, document: dict[str, Any]) -> None:
        """See :class:`Strategy`."""
        here = document["here"]
        self.here = None if here is None else Recipe.read(here)
        self.ratio = float(document["ratio"])
        self.idle = int(document["idle"])
        self.directions = [list(row) for row in document["directions"]]
        self.gains = list(document["gains"])


def _numbers(recipe: Recipe) -> NDArray[np.float64]:
    """Return the logarithms of one plus each number, in a fixed order."""
    numbers: list[int] = [recipe.memory]
    for block in recipe.blocks:
        numbers += [block.repeat, block.shift]
        for group in block.groups:
            numbers += group
    return np.log1p(np.array(numbers, np.float64))
