"""Short climbs from new starts, one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from kvopt.adversary.search.conditions import Conditions
from kvopt.adversary.search.strategies.adaptive import AdaptiveClimbing
from kvopt.adversary.search.strategies.base import Trial
from kvopt.adversary.search.strategies.climbing import HillClimbing

__all__ = ["Newcomer"]

# Candidates without a better ratio after which a climb is given up.
SHORT = 150
# One kind of climb after the other.
KINDS = (HillClimbing, AdaptiveClimbing)


class Newcomer:
    """Climb from a new start whenever the last climb has stalled.

    A climb by elementary changes and an adaptive one take turns. It is a
    member of the portfolio that hears of no other's finds, which would lead
    it to where the others are.

    Parameters
    ----------
    conditions
        What candidates keep.
    """

    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions
        self.begin(0)

    def begin(self, climbs: int) -> None:
        """Begin climb number ``climbs``."""
        self.climbs = climbs
        self.climb = KINDS[climbs % len(KINDS)](self.conditions)

    def ask(self, rng: np.random.Generator) -> Trial:
        """Ask the climb, or one from a new start."""
        if self.climb.idle >= SHORT:
            self.begin(self.climbs + 1)
        return self.climb.ask(rng)

    def tell(self, trial: Trial, ratio: float | None) -> None:
        """Tell the climb."""
        self.climb.tell(trial, ratio)

    def document(self) -> dict[str, Any]:
        """See :class:`Strategy`."""
        return {"climbs": self.climbs, "climb": self.climb.document()}

    def restore(self, document: dict[str, Any]) -> None:
        """See :class:`Strategy`."""
        self.begin(int(document["climbs"]))
        self.climb.restore(document["climb"])
