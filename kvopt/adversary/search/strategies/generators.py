"""A search over schemes, at growing size."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import numpy as np

from kvopt.adversary.search.conditions import Conditions
from kvopt.adversary.search.moves import STRUCTURED
from kvopt.adversary.search.mutators import drawn, mutated, random_recipe
from kvopt.adversary.search.recipe import Recipe
from kvopt.adversary.search.schemes import Scheme, changed_rules
from kvopt.adversary.search.strategies.base import Trial

__all__ = ["GeneratorSearch"]

# Schemes that are kept; how many compete for a place; chance of a new one.
SIZE, RIVALS, FRESH = 24, 4, 0.05
# Changes of size that are tried, and how often.
FACTORS, RESIZED = (0.7, 0.85, 1.2, 1.5, 2.0, 3.0), 0.4
LEAST_SCALE, MOST_SCALE = 0.1, 1e4


class _Kept(NamedTuple):
    """A scheme, its scale, and the ratio there."""

    scheme: Scheme
    scale: float
    ratio: float


class GeneratorSearch:
    """Change the rules and the scale of small programs that make instances.

    Each candidate is a kept scheme at another scale, with another rule, or
    with a change of its recipe. It takes the place of its parent if it is
    worse for the policy; a new one takes that of the least bad of some.

    Parameters
    ----------
    conditions
        What candidates keep.
    """

    name: ClassVar[str] = "generators"

    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions
        self.kept: list[_Kept] = []
        self.asked: tuple[int, Scheme, float] | None = None

    def ask(self, rng: np.random.Generator) -> Trial:
        """Make a recipe of a changed scheme."""
        if len(self.kept) < SIZE or rng.random() < FRESH:
            scheme = Scheme(random_recipe(rng, self.conditions))
            scheme = changed_rules(scheme, rng)
            place, scale, least = -1, 1.0, 1.0
            if len(self.kept) == SIZE:
                rivals = [drawn(rng, 0, SIZE - 1) for _ in range(RIVALS)]
                place = min(rivals, key=lambda k: self.kept[k].ratio)
                least = self.kept[place].ratio
        else:
            rivals = [drawn(rng, 0, SIZE - 1) for _ in range(2)]
            place = max(rivals, key=lambda k: self.kept[k].ratio)
            scheme, scale, least = self.kept[place]
            scheme, scale = self._changed(scheme, scale, rng)
        recipe = self.conditions.fit(scheme.at(scale))
        self.asked = place, scheme, scale
        origin = "" if scale == 1 else f"k = {scale:.3g} of {scheme}"
        return Trial(recipe, least, origin)

    def _changed(
        self, scheme: Scheme, scale: float, rng: np.random.Generator
    ) -> tuple[Scheme, float]:
        draw = rng.random()
        if draw < RESIZED:
            scale *= float(rng.choice(FACTORS))
            return scheme, min(max(scale, LEAST_SCALE), MOST_SCALE)
        for _ in range(1 + (rng.random() < 0.3)):
            scheme = changed_rules(scheme, rng)
        if draw > 0.65:
            recipe = mutated(scheme.recipe, rng, self.conditions, STRUCTURED)
            scheme = Scheme(**{**vars(scheme), "recipe": recipe})
        return scheme, scale

    def tell(self, trial: Trial, ratio: float | None) -> None:
        """Put the candidate in the place it competes for."""
        assert self.asked is not None
        place, scheme, scale = self.asked
        if place < 0:
            self.kept.append(_Kept(scheme, scale, ratio or 1.0))
        elif ratio is not None:
            self.kept[place] = _Kept(scheme, scale, ratio)

    def offer(self, recipe: Recipe, ratio: float) -> None:
        """Make a scheme of what another strategy has found."""
        if len(self.kept) < SIZE:
            return
        place = min(range(SIZE), key=lambda k: self.kept[k].ratio)
        if self.kept[place].ratio < ratio:
            self.kept[place] = _Kept(Scheme(recipe), 1.0, ratio)

    def document(self) -> dict[str, Any]:
        """See :class:`Strategy`."""
        return {
            "kept": [
                [kept.scheme.document(), kept.scale, kept.ratio]
                for kept in self.kept
            ]
        }

    def restore(self, document: dict[str, Any]) -> None:
        """See :class:`Strategy`."""
        self.kept = [
            _Kept(Scheme.read(scheme), float(scale), float(ratio))
            for scheme, scale, ratio in document["kept"]
        ]
