"""The primal side: annealing, and beams once there are costs to go."""

from __future__ import annotations

import numpy as np

from kvopt.exact.heuristics.annealing import MAX_ROUNDS, Annealing
from kvopt.exact.heuristics.corridor import improve
from kvopt.exact.search.guide import Guide
from kvopt.exact.search.labels import Labels
from kvopt.exact.search.shared import Closed, Shared
from kvopt.exact.session import Stopped
from kvopt.model import Instance

__all__ = ["Improver"]

BEAMS = (300, 1_000, 3_000, 8_000, 20_000)
# Moves of a first run, for each request; later runs grow to MOST_RUN times.
MOVES = 4_000
MOST_RUN = 16
# Placed tokens of one run at most, for instances that are large.
MAX_WORK = 4e8


class Improver:
    """A sequence of heuristic runs that never ends by itself.

    Parameters
    ----------
    instance
        What is solved.
    shared
        Holds the best schedule; told of better ones.
    labels
        The label search, or None where it cannot be used.
    seed
        Seed of the annealing.
    """

    def __init__(
        self,
        instance: Instance,
        shared: Shared,
        labels: Labels | None,
        seed: int,
    ) -> None:
        self.shared, self.labels = shared, labels
        self.annealing: Annealing | None = None
        if Annealing.span(instance) <= MAX_ROUNDS:
            rng = np.random.default_rng(seed)
            self.annealing = Annealing(instance, rng)
        work = int(instance.output.sum()) + 10 * len(instance)
        self.moves = int(min(MOVES * len(instance), MAX_WORK / work)) + 1
        self.heat = 0.5 * float(instance.output.mean())
        self.runs = 0
        self.beam = 0
        self.guide: Guide | None = None

    def step(self) -> None:
        """Do one run of the heuristic that is due."""
        shared = self.shared
        guide = shared.guide
        if self.labels and guide and self.beam < len(BEAMS):
            starts, latency = shared.best()
            reached = improve(
                self.labels,
                guide,
                starts,
                latency,
                BEAMS[self.beam],
                shared.found,
                shared.checkpoint,
            )
            self.guide = guide
            if reached < latency:
                return
            self.beam += 1
        elif self.labels and guide and guide is not self.guide:
            # A new guide is worth wide beams again.
            self.beam = len(BEAMS) - 3
        self._anneal()

    def _anneal(self) -> None:
        annealing, shared = self.annealing, self.shared
        if annealing is None:
            return
        starts, heat = shared.best()[0], 0.4 * self.heat
        if self.runs % 3 == 0:
            starts = annealing.shortest_first(0.5 if self.runs else 0.0)
            heat = self.heat
        growth = min(1 + self.runs // 2, MOST_RUN)
        annealing.run(
            starts, self.moves * growth, heat, shared.found, shared.checkpoint
        )
        self.runs += 1

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
