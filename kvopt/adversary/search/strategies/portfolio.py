"""Two strategies side by side that hand each other what they find."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from kvopt.adversary.search.conditions import Conditions
from kvopt.adversary.search.strategies.base import Trial
from kvopt.adversary.search.strategies.generators import GeneratorSearch
from kvopt.adversary.search.strategies.novelty import NoveltyPopulation

__all__ = ["Portfolio"]


class Portfolio:
    """The population and the generators in turn, each with half of the trials.

    A record of one is offered to the other.

    Parameters
    ----------
    conditions
        What candidates keep.
    """

    name: ClassVar[str] = "portfolio"

    def __init__(self, conditions: Conditions) -> None:
        self.members: tuple[NoveltyPopulation | GeneratorSearch, ...] = (
            NoveltyPopulation(conditions),
            GeneratorSearch(conditions),
        )
        self.turn = 0
        self.top = 1.0

    def ask(self, rng: np.random.Generator) -> Trial:
        """Ask the member whose turn it is."""
        return self.members[self.turn].ask(rng)

    def tell(self, trial: Trial, ratio: float | None) -> None:
        """Tell that member; offer a record to the other one."""
        self.members[self.turn].tell(trial, ratio)
        self.turn = 1 - self.turn
        if ratio is not None and ratio > self.top:
            self.top = ratio
            self.members[self.turn].offer(trial.recipe, ratio)

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
