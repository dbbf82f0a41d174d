"""Random search: every candidate is drawn anew. A baseline."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from kvopt.adversary.search.conditions import Conditions
from kvopt.adversary.search.mutators import random_recipe
from kvopt.adversary.search.strategies.base import Trial

__all__ = ["RandomSearch"]


class RandomSearch:
    """Draw candidates independently.

    Parameters
    ----------
    conditions
        What candidates keep.
    """

    name: ClassVar[str] = "random"

    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions
        self.top = 1.0

    def ask(self, rng: np.random.Generator) -> Trial:
        """Draw a candidate; only a better one is of interest."""
        return Trial(random_recipe(rng, self.conditions), self.top)

    def tell(self, trial: Trial, ratio: float | None) -> None:
        """Remember the largest ratio."""
        self.top = max(self.top, ratio or 1.0)

    def document(self) -> dict[str, Any]:
        """See :class:`Strategy`."""
        return {"top": self.top}

    def restore(self, document: dict[str, Any]) -> None:
        """See :class:`Strategy`."""
        self.top = float(document["top"])
