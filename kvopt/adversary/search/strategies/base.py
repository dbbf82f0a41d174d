"""What a strategy is: it proposes candidates, and hears their ratios."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np

from kvopt.adversary.search.recipe import Recipe

__all__ = ["Strategy", "Trial"]


class Trial(NamedTuple):
    """A candidate to evaluate.

    Parameters
    ----------
    recipe
        The candidate; it keeps the conditions.
    least
        Ratios below this one need not be known.
    origin
        Where it comes from, in words; "" for what explains itself.
    """

    recipe: Recipe
    least: float
    origin: str = ""


class Strategy(Protocol):
    """A way to search, deterministic but for the generator it is handed.

    Attributes
    ----------
    name
        Name on the command line.
    """

    name: ClassVar[str]

    def ask(self, rng: np.random.Generator) -> Trial:
        """Return the next candidate."""
        ...

    def tell(self, trial: Trial, ratio: float | None) -> None:
        """Hear a candidate's ratio; None if it is below ``trial.least``.

        Called once after each :meth:`ask`, before the next one.
        """
        ...

    def document(self) -> dict[str, Any]:
        """Return all that is remembered, as plain JSON values."""
        ...

    def restore(self, document: dict[str, Any]) -> None:
        """Go on from where :meth:`document` was called."""
        ...
