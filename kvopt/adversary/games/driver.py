"""Searching the games of several settings, under a time limit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

from kvopt.adversary.games.clairvoyant import ClairvoyantGame
from kvopt.adversary.games.randomised import (
    RandomisedGame,
    RandomisedSettings,
)
from kvopt.adversary.games.restarts import RestartGame, RestartSettings
from kvopt.adversary.games.settings import GameSettings
from kvopt.model.showing import Fact, Shown

__all__ = ["Game", "GameResult", "Settings", "search_games"]

Game = ClairvoyantGame | RestartGame | RandomisedGame
Settings = GameSettings | RestartSettings | RandomisedSettings

# Positions between two looks at the clock.
_LOOK = 512


@dataclass(frozen=True)
class GameResult(Shown):
    """What the search of some games has found.

    Parameters
    ----------
    game
        The game that was won with the best ratio; None when none above 1 is.
    ratio
        That ratio.
    positions
        Positions looked at, in all games.
    games
        Games that were searched to their end.
    ended
        ``"complete"``: every game was; ``"target"``, ``"time limit"`` or
        ``"interrupted"``: the search ended before; ``"too deep"``: it did
        because plays take more rounds than Python can follow.
    """

    game: Game | None
    ratio: Fraction
    positions: int
    games: int
    ended: str

    def summary(self) -> list[Fact]:
        """Return the ratio and how far the search got."""
        found = self.game is not None
        return [
            ("ratio", f"{self.ratio}, {float(self.ratio):.6f}"),
            ("game", "won" if found else "none won with a ratio above 1"),
            ("positions", self.positions),
            ("games searched", self.games),
            ("ended", self.ended),
        ]


class _OutOfTimeError(Exception):
    """The time limit has passed."""


class _Clock:
    """Tells a search, now and then, whether its time is over."""

    def __init__(
        self, seconds: float | None, tell: Callable[[float], None]
    ) -> None:
        self._began = time.monotonic()
        self._seconds = seconds
        self._tell = tell
        self._calls = 0

    def look_up(self) -> None:
        """Raise when the time is over."""
        self._calls += 1
        if self._calls % _LOOK:
            return
        elapsed = time.monotonic() - self._began
        self._tell(elapsed)
        if self._seconds is not None and elapsed >= self._seconds:
            raise _OutOfTimeError


def _game(settings: Settings, look_up: Callable[[], None]) -> Game:
    """Return the game of a setting."""
    match settings:
        case RandomisedSettings():
            return RandomisedGame(settings, look_up)
        case GameSettings():
            return ClairvoyantGame(settings, look_up)
        case RestartSettings():
            return RestartGame(settings, look_up)
        case _:
            assert_never(settings)


def search_games(
    settings: Iterable[Settings],
    target: Fraction | None = None,
    time_limit: float | None = None,
    progress: Callable[[float, Fraction, int], None] | None = None,
) -> GameResult:
    """Search games for the largest ratio against every policy.

    Parameters
    ----------
    settings
        The settings, searched one after the other.
    target
        The search ends when it has proved this ratio.
    time_limit
        Wall time in seconds; None is none. Ctrl-C ends the search as well,
        and what was proved until then is kept.
    progress
        Called now and then with the seconds gone, the best ratio and the
        number of positions looked at.
    """
    best: Game | None = None
    ratio = Fraction(1)
    before = games = 0
    current: Game | None = None

    def tell(seconds: float) -> None:
        if progress is not None:
            now = current.positions if current else 0
            progress(seconds, ratio, before + now)

    clock = _Clock(time_limit, tell)
    ended = "complete"
    try:
        for setting in settings:
            current = _game(setting, clock.look_up)
            while (found := current.improve(ratio)) is not None:
                best, ratio = current, found
                if target is not None and ratio >= target:
                    ended = "target"
                    break
            if ended == "target":
                break
            games += 1
            before += current.positions
            current = None
    except _OutOfTimeError:
        ended = "time limit"
    except KeyboardInterrupt:
        ended = "interrupted"
    except RecursionError:
        ended = "too deep"
    before += current.positions if current else 0
    return GameResult(best, ratio, before, games, ended)
