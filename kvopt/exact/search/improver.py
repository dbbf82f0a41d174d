"""The primal side: a population, and neighbourhood searches by labels.

The latter once there are costs to go.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from kvopt.exact.control.session import Stopped
from kvopt.exact.heuristics.annealing import Annealing
from kvopt.exact.heuristics.population import Member, Population
from kvopt.exact.relaxation.groups import Groups
from kvopt.exact.search.guide import Guide
from kvopt.exact.search.labels import Labels
from kvopt.exact.search.neighbourhoods import Neighbourhoods
from kvopt.exact.search.repair import Repair
from kvopt.exact.search.shared import Closed, Shared
from kvopt.model import Instance, SearchParams
from kvopt.model.instance import IntArray

__all__ = ["Improver"]


class Improver:
    """A sequence of heuristic runs that never ends by itself.

    Parameters
    ----------
    instance, groups
        What is solved.
    shared
        Holds the best schedule; told of better ones.
    labels
        The label search, or None where it cannot be used.
    seed
        Seed of the population.
    params
        Of the heuristics.
    most_labels
        Labels after which a neighbourhood search ends, so that others have
        their turn.
    """

    def __init__(
        self,
        instance: Instance,
        groups: Groups,
        shared: Shared,
        labels: Labels | None,
        seed: int,
        params: SearchParams,
        most_labels: float = math.inf,
    ) -> None:
        self.shared, self.params = shared, params
        rng = np.random.default_rng(seed)
        self.near = Neighbourhoods(labels, rng) if labels else None
        self.population = Population(Annealing(instance, rng, params))
        self.repair = Repair(groups, rng, params.early_cost)
        self.paths: Sequence[IntArray] = ()
        self.most_labels = most_labels
        self.wait = 0

    def step(self) -> None:
        """Do one run of the heuristic that is due."""
        if self.near and self.shared.guide and self.wait <= 0:
            self._search_near(self.near)
        for _ in range(self.params.children):
            self._breed()
        self.wait -= self.params.children

    def _breed(self) -> None:
        """Make a child, from the paths of the relaxation too if there are."""
        shared, population = self.shared, self.population
        if shared.paths is not self.paths:
            # Those of a finer relaxation are worth a fresh beginning.
            self.paths, population.fitted = shared.paths, 0
        model = self._model if self.paths else None
        population.breed(shared.found, shared.checkpoint, model)

    def _model(self) -> IntArray:
        """Return starts repaired from one of the paths."""
        number = int(self.population.rng.integers(len(self.paths)))
        return self.repair.starts(self.paths[number])

    def _search_near(self, near: Neighbourhoods) -> None:
        """Search near the best schedule or one of the population."""
        shared, population = self.shared, self.population
        members = population.members
        starts, latency = shared.best()
        first: Member = (latency, starts)
        if members and population.rng.random() >= self.params.lns_best:
            number = int(population.rng.integers(len(members)))
            first = members[number]
        told = shared.found, shared.checkpoint
        last, made = near.search_near(
            self._guide, first, self.most_labels, *told
        )
        self.wait = made // self.params.labels_a_child
        if last[0] < first[0]:
            population.replace(first, last)

    def _guide(self) -> Guide:
        """Return the newest costs to go; others improve them meanwhile."""
        guide = self.shared.guide
        assert guide is not None
        return guide

    def loop(self) -> None:
        """Go on until the search is over; hand a failure to the others."""
        try:
            while True:
                self.shared.checkpoint()
                self.step()
        except (Closed, Stopped):
            pass
        except Exception as failure:
            self.shared.end(failure)
