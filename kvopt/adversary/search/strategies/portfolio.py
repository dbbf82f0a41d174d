"""Three strategies side by side that hand each other what they find."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from kvopt.adversary.search.conditions import Conditions
from kvopt.adversary.search.moves import STRUCTURED
from kvopt.adversary.search.strategies.base import Trial
from kvopt.adversary.search.strategies.climbing import HillClimbing
from kvopt.adversary.search.strategies.generators import GeneratorSearch
from kvopt.adversary.search.strategies.novelty import NoveltyPopulation

__all__ = ["Portfolio"]


# Whose turn it is: the climber's every other time.
TURNS = (0, 2, 1, 2)


class Portfolio:
    """Population, generators and a climber in turn.

    A record of one is offered to the others; the climber, which knows the
    structured changes, goes on from it. Where an evaluation is slow, it is
    what gets somewhere at all; where it is fast, the two others find what it
    would not climb to.

    Parameters
    ----------
    conditions
        What candidates keep.
    """

    name: ClassVar[str] = "portfolio"

    def __init__(self, conditions: Conditions) -> None:
        self.members: tuple[
            NoveltyPopulation | GeneratorSearch | HillClimbing, ...
        ] = (
            NoveltyPopulation(conditions),
            GeneratorSearch(conditions),
            HillClimbing(conditions, STRUCTURED),
        )
        self.turn = 0
        self.top = 1.0

    def ask(self, rng: np.random.Generator) -> Trial:
        """Ask the member whose turn it is."""
        return self.members[TURNS[self.turn]].ask(rng)

    def tell(self, trial: Trial, ratio: float | None) -> None:
        """Tell that member; offer a record to the others."""
        asked = self.members[TURNS[self.turn]]
        asked.tell(trial, ratio)
        if ratio is not None and ratio > self.top:
            self.top = ratio
            for member in self.members:
                if member is not asked:
                    member.offer(trial.recipe, ratio)
        self.turn = (self.turn + 1) % len(TURNS)

    def document(self) -> dict[str, Any]:
        """See :class:`Strategy`."""
        return {
            "members": [member.document() for member in self.members],
            "turn": self.turn,
            "top": self.top,
        }

    def restore(self, document: dict[str, Any]) -> None:
        """See :class:`Strategy`."""
        for member, row in zip(self.members, document["members"], strict=True):
            member.restore(row)
        self.turn = int(document["turn"])
        self.top = float(document["top"])
