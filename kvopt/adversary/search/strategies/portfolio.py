"""Strategies side by side that hand each other what they find."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

import numpy as np

from kvopt.adversary.search.conditions import Conditions
from kvopt.adversary.search.moves import STRUCTURED
from kvopt.adversary.search.recipe import Recipe
from kvopt.adversary.search.strategies.adaptive import AdaptiveClimbing
from kvopt.adversary.search.strategies.base import Trial
from kvopt.adversary.search.strategies.climbing import HillClimbing
from kvopt.adversary.search.strategies.generators import GeneratorSearch
from kvopt.adversary.search.strategies.novelty import NoveltyPopulation

__all__ = ["Portfolio"]

# What the small climber's limits are divided by, and the least of them.
SMALLER, LEAST_REQUESTS, LEAST_MEMORY = 4, 8, 12
# Candidates without a gain after which the leading climber shares its turns.
KEEN = 120
# Work of an evaluation that does not depend on its size.
FIXED_WORK = 20


class _Member(NamedTuple):
    """A strategy, and the share of the work that it gets."""

    strategy: (
        AdaptiveClimbing | NoveltyPopulation | GeneratorSearch | HillClimbing
    )
    share: int


class Portfolio:
    """A climber that leads; population and generators help when it stalls.

    The climber has all turns while it gains, so that a short search is one
    climb. When it has not gained for some candidates, whose work so far is
    least, for its share, is next; the work of a candidate is estimated from
    its size, so that equal shares are about equal times. Another climber is
    kept to small instances: where evaluations are slow it gets many of them.
    What raises a member's own record is offered to the others (never to the
    small climber), and the generators try it at other sizes.

    Parameters
    ----------
    conditions
        What candidates keep.
    """

    name: ClassVar[str] = "portfolio"

    def __init__(self, conditions: Conditions) -> None:
        self.leader = AdaptiveClimbing(conditions)
        small = HillClimbing(_smaller(conditions), STRUCTURED)
        self.members = (
            _Member(self.leader, 12),
            _Member(GeneratorSearch(conditions), 1),
            _Member(NoveltyPopulation(conditions), 1),
            _Member(small, 1),
        )
        self.small = small
        self.work = [0] * len(self.members)
        self.tops = [1.0] * len(self.members)
        self.turn = 0

    def ask(self, rng: np.random.Generator) -> Trial:
        """Ask the member whose turn it is."""
        self.turn = 0
        if self.leader.idle >= KEEN:
            self.turn = min(
                range(len(self.members)),
                key=lambda k: self.work[k] / self.members[k].share,
            )
        trial = self.members[self.turn].strategy.ask(rng)
        self.work[self.turn] += _work(trial.recipe)
        return trial

    def tell(self, trial: Trial, ratio: float | None) -> None:
        """Tell that member; offer its record to the others."""
        asked = self.members[self.turn].strategy
        asked.tell(trial, ratio)
        if ratio is not None and ratio > self.tops[self.turn]:
            self.tops[self.turn] = ratio
            for member in self.members:
                if member.strategy not in (asked, self.small):
                    member.strategy.offer(trial.recipe, ratio)

    def document(self) -> dict[str, Any]:
        """See :class:`Strategy`."""
        return {
            "members": [one.strategy.document() for one in self.members],
            "work": self.work,
            "tops": self.tops,
        }

    def restore(self, document: dict[str, Any]) -> None:
        """See :class:`Strategy`."""
        for member, row in zip(self.members, document["members"], strict=True):
            member.strategy.restore(row)
        self.work = [int(work) for work in document["work"]]
        self.tops = [float(top) for top in document["tops"]]


def _smaller(conditions: Conditions) -> Conditions:
    """Return the conditions with limits for small instances."""
    peak = conditions.peak
    # The least memory in which a peak of 1 is allowed, at least.
    room = -(-peak.denominator // peak.numerator)
    requests = max(conditions.requests // SMALLER, LEAST_REQUESTS)
    memory = max(conditions.memory // SMALLER, LEAST_MEMORY, room)
    return replace(
        conditions,
        requests=min(requests, conditions.requests),
        memory=min(memory, conditions.memory),
    )


def _work(recipe: Recipe) -> int:
    """Return about how much an evaluation takes: requests and rounds."""
    volume = 0
    for block in recipe.blocks:
        for group in block.groups:
            s, o = group.prompt, group.output
            copies = block.repeat * group.copies
            volume += copies * (s * o + o * (o + 1) // 2)
    return FIXED_WORK + recipe.requests + volume // recipe.memory
