"""Strategies side by side that hand each other what they find."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from kvopt.adversary.search.conditions import Conditions
from kvopt.adversary.search.moves import STRUCTURED
from kvopt.adversary.search.recipe import Recipe
from kvopt.adversary.search.strategies.adaptive import AdaptiveClimbing
from kvopt.adversary.search.strategies.base import Trial
from kvopt.adversary.search.strategies.climbing import HillClimbing
from kvopt.adversary.search.strategies.generators import GeneratorSearch
from kvopt.adversary.search.strategies.newcomer import Newcomer
from kvopt.adversary.search.strategies.novelty import NoveltyPopulation

__all__ = ["Portfolio"]

# What the small climber's limits are divided by, and the least of them.
SMALLER, LEAST_REQUESTS, LEAST_MEMORY = 4, 8, 12
# Candidates without a gain after which the leading climber shares its turns,
# and by what factor a ratio has to rise to count as one.
KEEN, GAIN = 120, 1.003
# Candidates in all up to which the plain climber gets as much work as the
# leader: where a run of the policy is slow, that is the whole search.
OPENING = 400
# Shares in the work: of the leader and of the newcomer, and of each other.
LEADING, HELPING = 12, 1
# Work of an evaluation that does not depend on its size.
FIXED_WORK = 20

_Listener = (
    AdaptiveClimbing | NoveltyPopulation | GeneratorSearch | HillClimbing
)


class Portfolio:
    """Two climbers open; one leads; when it stalls, others help or begin anew.

    Two climbs from different starts open the search, one by changes that earn
    their turns, one by elementary changes. What one finds the other hears of,
    and goes on from there: so a bad start costs half of the work. Then the
    first of them leads. It has all turns while it gains; when it has not
    gained for some candidates, the member whose work so far is least, for its
    share, is next. The work of a candidate is estimated from its size, so
    that equal shares are about equal times. The newcomer has as large a share
    as the leader, and climbs from new starts; it hears of nobody, as all would
    soon be in one place otherwise. Another climber is kept to small instances:
    where evaluations are slow it gets many of them. What raises a member's own
    record is offered to the others (never to the newcomer or the small
    climber), and the generators try it at other sizes.

    Parameters
    ----------
    conditions
        What candidates keep.
    """

    name: ClassVar[str] = "portfolio"

    def __init__(self, conditions: Conditions) -> None:
        self.leader = AdaptiveClimbing(conditions)
        self.plain = HillClimbing(conditions)
        self.small = HillClimbing(_smaller(conditions), STRUCTURED)
        self.newcomer = Newcomer(conditions)
        self.listeners: tuple[_Listener, ...] = (
            self.leader,
            self.plain,
            GeneratorSearch(conditions),
            NoveltyPopulation(conditions),
        )
        self.members = (*self.listeners, self.small, self.newcomer)
        self.work = [0] * len(self.members)
        self.tops = [1.0] * len(self.members)
        self.candidates = 0
        self.turn = 0
        # The leader's ratio at its last gain, and its candidates since.
        self.mark, self.quiet = 1.0, 0

    def ask(self, rng: np.random.Generator) -> Trial:
        """Ask the member whose turn it is."""
        self.turn = self._next()
        trial = self.members[self.turn].ask(rng)
        self.candidates += 1
        self.work[self.turn] += _work(trial.recipe)
        return trial

    def _next(self) -> int:
        """Return the number of the member whose turn it is."""
        opening = self.candidates < OPENING
        shares = [
            LEADING if one in (self.leader, self.newcomer) else HELPING
            for one in self.members
        ]
        able = range(len(self.members))
        if opening:
            shares[1] = LEADING
        if self.quiet < KEEN:
            able = range(2 if opening else 1)
        return min(able, key=lambda k: self.work[k] / shares[k])

    def tell(self, trial: Trial, ratio: float | None) -> None:
        """Tell that member; offer its record to the others."""
        asked = self.members[self.turn]
        asked.tell(trial, ratio)
        self.quiet += asked is self.leader
        if ratio is not None and ratio > self.tops[self.turn]:
            self.tops[self.turn] = ratio
            for member in self.listeners:
                if member is not asked:
                    member.offer(trial.recipe, ratio)
        if self.leader.ratio > GAIN * self.mark:
            self.mark, self.quiet = self.leader.ratio, 0

    def document(self) -> dict[str, Any]:
        """See :class:`Strategy`."""
        return {
            "members": [one.document() for one in self.members],
            "work": self.work,
            "tops": self.tops,
            "candidates": self.candidates,
            "mark": self.mark,
            "quiet": self.quiet,
        }

    def restore(self, document: dict[str, Any]) -> None:
        """See :class:`Strategy`."""
        rows = (document[name] for name in ("members", "work", "tops"))
        self.work, self.tops = [], []
        for member, row, work, top in zip(self.members, *rows, strict=True):
            member.restore(row)
            self.work.append(int(work))
            self.tops.append(float(top))
        self.candidates = int(document["candidates"])
        self.mark = float(document["mark"])
        self.quiet = int(document["quiet"])


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
