"""The online clairvoyant game, solved by search with memory.

The adversary releases requests round by round; the policy, which sees all
lengths, starts what it likes of what waits. ``docs/games.md`` has the rules
and the proof that a won game bounds the ratio of every policy.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import NamedTuple

from kvopt.adversary.games.settings import GameSettings
from kvopt.adversary.games.worker import (
    Counts,
    GameWorker,
    Ratio,
    Releases,
    Usage,
    less,
    plus,
)

__all__ = ["ClairvoyantGame", "GamePosition"]


class GamePosition(NamedTuple):
    """A position before the adversary's move.

    Parameters
    ----------
    round
        The round ``t`` of the decision.
    released
        What was released before it.
    waiting
        How many requests of each type wait.
    usage
        What the running requests hold in rounds ``t+1, t+2, ...``.
    cost
        Latency of the started requests, and rounds waited until ``t``.
    """

    round: int
    released: Releases
    waiting: Counts
    usage: Usage
    cost: int


class ClairvoyantGame:
    """A game in one setting, with what the search has found out about it.

    Parameters
    ----------
    settings
        The setting.
    look_up
        Called now and then; it may raise to end the search.
    """

    def __init__(
        self, settings: GameSettings, look_up: Callable[[], None]
    ) -> None:
        self.settings = settings
        self.worker = GameWorker(settings.memory, settings.types)
        self.start = GamePosition(0, (), self.worker.none, (), 0)
        self._look_up = look_up
        # Ratios that are won, with the winning release (None stops), and
        # ratios that nothing above can be won.
        self._won: dict[GamePosition, tuple[Ratio, Counts | None]] = {}
        self._lost: dict[GamePosition, Ratio] = {}
        self._optima: dict[Releases, int] = {}
        self._releases = [
            self._multisets(left) for left in range(settings.requests + 1)
        ]

    @property
    def positions(self) -> int:
        """The number of positions that are won or lost."""
        return len(self._won) + len(self._lost)

    def _multisets(self, most: int) -> list[Counts]:
        """Return the releases of 1 .. ``most`` requests, large ones first."""
        kinds = len(self.settings.types)
        counts = product(range(most + 1), repeat=kinds)
        some = [c for c in counts if 0 < sum(c) <= most]
        return sorted(some, key=lambda c: (-sum(c), c))

    def improve(self, ratio: Fraction) -> Fraction | None:
        """Return a ratio above ``ratio`` that is won, None if none is."""
        # Both parts of a ratio of costs stay far below the factor, so that
        # nothing lies between the two.
        factor = 10**12
        target = (ratio.numerator * factor + 1, ratio.denominator * factor)
        value = self._solve(self.start, target)
        return None if less(value, target) else Fraction(*value)

    def optimum(self, released: Releases) -> int:
        """Return the least total latency of an instance."""
        value = self._optima.get(released)
        if value is None:
            value = self.worker.least((), self.worker.none, released)
            self._optima[released] = value
        return value

    def move(self, position: GamePosition) -> Counts | None:
        """Return the release that won a position, None for a stop."""
        return self._won[position][1]

    def following(
        self, position: GamePosition, release: Counts
    ) -> list[tuple[Counts, GamePosition]]:
        """Return every answer to a release, and the position it leads to."""
        released = position.released
        if release != self.worker.none:
            released += ((position.round, release),)
        present = plus(position.waiting, release)
        return [
            (
                start.counts,
                GamePosition(
                    position.round + 1,
                    released,
                    start.left,
                    start.usage,
                    position.cost + start.rounds,
                ),
            )
            for start in self.worker.starts(position.usage, present)
        ]

    def _solve(self, position: GamePosition, target: Ratio) -> Ratio:
        """Return a ratio of at least the target if it can be won.

        Any other answer is a bound above everything that can be won.
        """
        won = self._won.get(position)
        if won and not less(won[0], target):
            return won[0]
        lost = self._lost.get(position)
        if lost and less(lost, target):
            return lost
        self._look_up()
        best: Ratio = (1, 1)
        if position.released:
            rest = self.worker.least(position.usage, position.waiting)
            best = (position.cost + rest, self.optimum(position.released))
        move: Counts | None = None
        if less(best, target):
            best, move = self._best_release(position, target, best)
        if less(best, target):
            self._lost[position] = best
        else:
            self._won[position] = best, move
        return best

    def _best_release(
        self, position: GamePosition, target: Ratio, stop: Ratio
    ) -> tuple[Ratio, Counts | None]:
        """Return the best ratio of a release, if it is above ``stop``'s."""
        best, move = stop, None
        for release in self._moves(position):
            worst: Ratio | None = None
            for _, after in self.following(position, release):
                value = self._solve(after, target)
                if worst is None or less(value, worst):
                    worst = value
                if less(worst, target):
                    break
            assert worst is not None  # starting nothing is always possible
            if less(best, worst):
                best, move = worst, release
            if not less(best, target):
                break
        return best, move

    def _moves(self, position: GamePosition) -> list[Counts]:
        """Return what the adversary tries; the empty release comes first."""
        rules = self.settings
        used = sum(sum(counts) for _, counts in position.released)
        if used == rules.requests or position.round > rules.horizon:
            return []
        if len(position.released) == rules.releases:
            return []
        moves = self._releases[rules.requests - used]
        # The game begins with the first release: rounds before it are idle.
        if not position.released or position.round == rules.horizon:
            return moves
        return [self.worker.none, *moves]
