"""The independent checker of bounds against every policy: game files.

A ``kvopt-game/1`` document states a ratio ``r`` that no online policy of a
setting stays below. ``docs/games.md`` defines the games and proves that what
is checked here suffices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kvopt.check.budget import Budget, Meter
from kvopt.check.documents import text
from kvopt.check.game_clairvoyant import check_clairvoyant
from kvopt.check.game_randomised import check_randomised
from kvopt.check.game_restarts import check_restarts
from kvopt.check.game_verdict import GameVerdict
from kvopt.model.errors import InputError

__all__ = ["check_game"]

_CHECKS: Mapping[str, Callable[[Any, Meter], GameVerdict]] = {
    "clairvoyant": check_clairvoyant,
    "restarts": check_restarts,
    "randomised": check_randomised,
}


def check_game(game_document: Any, budget: int = 1) -> GameVerdict:
    """Check a ``kvopt-game/1`` document.

    Parameters
    ----------
    game_document
        The parsed JSON document.
    budget
        Work that may be done, a multiple of half a minute and 0.6 GB; see
        :class:`kvopt.check.budget.Budget`.

    Raises
    ------
    InputError
        When a part of the document is malformed, or checking it takes more
        than the budget; a document that is well formed and proves nothing
        gets a verdict with problems.
    """
    document = game_document
    if (
        not isinstance(document, dict)
        or document.get("format") != "kvopt-game/1"
    ):
        stated = document.get("format") if isinstance(document, dict) else None
        raise InputError(
            "must be 'kvopt-game/1'", field="format", value=stated
        )
    game = text(document.get("game"), "game")
    if game not in _CHECKS:
        raise InputError(
            f"must be one of {', '.join(_CHECKS)}", field="game", value=game
        )
    meter = Meter(Budget(budget), "the play of the game")
    try:
        return _CHECKS[game](document, meter)
    except RecursionError:
        raise InputError(
            "plays too many rounds, or has too many types, to be checked",
            field="game",
            value=game,
        ) from None
