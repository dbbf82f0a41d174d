"""The primal side: a population, and beams once there are costs to go."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kvopt.exact.bounds.groups import Groups
from kvopt.exact.heuristics.annealing import Annealing
from kvopt.exact.heuristics.corridor import improve
from kvopt.exact.heuristics.mending import Mending
from kvopt.exact.heuristics.population import Population
from kvopt.exact.search.guide import Guide
from kvopt.exact.search.labels import Labels
from kvopt.exact.search.shared import Closed, Shared
from kvopt.exact.session import Stopped
from kvopt.model import Instance
from kvopt.model.instance import IntArray

__all__ = ["Improver"]

BEAMS = (300, 1_000, 3_000, 8_000, 20_000)
# Schedules that are bred in a step; and labels of a beam for each: about a
# fifth of the time goes to beams.
CHILDREN, LABELS_A_CHILD = 20, 10_000


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
    """

    def __init__(
        self,
        instance: Instance,
        groups: Groups,
        shared: Shared,
        labels: Labels | None,
        seed: int,
    ) -> None:
        self.shared, self.labels = shared, labels
        rng = np.random.default_rng(seed)
        self.population = Population(Annealing(instance, rng))
        self.mending = Mending(groups, rng)
        self.paths: Sequence[IntArray] = ()
        self.wait = 0
        self.beam = 0
        self.guide: Guide | None = None

    def step(self) -> None:
        """Do one run of the heuristic that is due."""
        guide = self.shared.guide
        if self.labels and guide and self.wait <= 0:
            if self.beam < len(BEAMS):
                self._widen(self.labels, guide)
            elif guide is not self.guide:
                # A new guide is worth wide beams again.
                self.beam = len(BEAMS) - 3
        for _ in range(CHILDREN):
            self._breed()
        self.wait -= CHILDREN

    def _breed(self) -> None:
        """Make a child, from the paths of the relaxation too if there are."""
        shared, population = self.shared, self.population
        if shared.paths is not self.paths:
            # Those of a finer relaxation are worth a fresh beginning.
            self.paths, population.fitted = shared.paths, 0
        model = self._model if self.paths else None
        population.breed(shared.found, shared.checkpoint, model)

    def _model(self) -> IntArray:
        """Return starts mended from one of the paths."""
        number = int(self.population.rng.integers(len(self.paths)))
        return self.mending.starts(self.paths[number])

    def _widen(self, labels: Labels, guide: Guide) -> None:
        """Search near the best schedule; with a wider beam the next time."""
        shared, beam = self.shared, BEAMS[self.beam]
        starts, latency = shared.best()
        reached, made = improve(
            labels,
            guide,
            starts,
            latency,
            beam,
            shared.found,
            shared.checkpoint,
        )
        self.guide = guide
        self.wait = made // LABELS_A_CHILD
        if reached < latency:
            starts, latency = shared.best()
            self.population.join(latency, starts)
        else:
            self.beam += 1

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
