"""The game of unknown lengths, with cancelling and restarting.

All requests are there at 0 and have the same prompt. The policy learns a
length when the request ends; it may cancel what runs, losing all progress.
``docs/games.md`` has the rules and the proof.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import NamedTuple

from kvopt.adversary.games.worker import (
    Counts,
    GameWorker,
    Ratio,
    Usage,
    less,
    plus,
)
from kvopt.model import InputError
from kvopt.model.instance import whole_number

__all__ = ["RestartGame", "RestartPosition", "RestartSettings", "Stop"]

# A running request: its age in rounds, and a number that its length exceeds.
Running = tuple[tuple[int, int], ...]
# A waiting request: the number that its length exceeds.
Waiting = tuple[int, ...]


@dataclass(frozen=True)
class RestartSettings:
    """The setting of a game of unknown lengths.

    Parameters
    ----------
    memory
        The limit ``M``, in units.
    prompt
        The prompt of every request, in tokens.
    lengths
        The outputs that the adversary gives to requests, in tokens,
        ascending.
    requests
        How many requests there are.

    Raises
    ------
    InputError
        Naming the field at fault.
    """

    memory: int
    prompt: int
    lengths: tuple[int, ...]
    requests: int

    def __post_init__(self) -> None:
        whole_number(self.memory, "memory", 1, 1000)
        whole_number(self.prompt, "prompt", 0, self.memory)
        whole_number(self.requests, "requests", 1, 64)
        if list(self.lengths) != sorted(set(self.lengths)):
            raise InputError(
                "must ascend", field="lengths", value=self.lengths
            )
        for length in self.lengths:
            whole_number(length, "lengths", 1, self.memory - self.prompt)


class RestartPosition(NamedTuple):
    """A position before the policy's move.

    Parameters
    ----------
    finished
        How many requests of each length have ended.
    running, waiting
        The others, sorted.
    cost
        Total latency so far: completions, and rounds of the others.
    """

    finished: Counts
    running: Running
    waiting: Waiting
    cost: int


class Stop(NamedTuple):
    """How the adversary stops: the lengths of what runs and what waits."""

    running: Counts
    waiting: Counts


class RestartGame:
    """A game in one setting, with what the search has found out about it.

    Parameters
    ----------
    settings
        The setting.
    look_up
        Called now and then; it may raise to end the search.
    """

    def __init__(
        self, settings: RestartSettings, look_up: Callable[[], None]
    ) -> None:
        self.settings = settings
        self.worker = GameWorker(
            settings.memory,
            tuple((settings.prompt, o) for o in settings.lengths),
        )
        self.start = RestartPosition(
            self.worker.none, (), (0,) * settings.requests, 0
        )
        self._look_up = look_up
        self._won: dict[RestartPosition, tuple[Ratio, Stop | None]] = {}
        self._lost: dict[RestartPosition, Ratio] = {}
        self._stops: dict[
            tuple[Running, Waiting], list[tuple[int, Counts, Stop]]
        ] = {}

    @property
    def positions(self) -> int:
        """The number of positions that are won or lost."""
        return len(self._won) + len(self._lost)

    def improve(self, ratio: Fraction) -> Fraction | None:
        """Return a ratio above ``ratio`` that is won, None if none is."""
        factor = 10**12  # far above both parts of any ratio of costs
        target = (ratio.numerator * factor + 1, ratio.denominator * factor)
        value = self._solve(self.start, target)
        return None if less(value, target) else Fraction(*value)

    def stop(self, position: RestartPosition) -> Stop | None:
        """Return how a won position is stopped, None if it goes on."""
        return self._won[position][1]

    def following(
        self, position: RestartPosition
    ) -> list[tuple[Running, Waiting, RestartPosition]]:
        """Return every answer of a won position, with the winning reply."""
        found = []
        for running, waiting in self.answers(position):
            best: RestartPosition | None = None
            for after in self.replies(position, running, waiting):
                if after in self._won and (
                    best is None
                    or less(self._won[best][0], self._won[after][0])
                ):
                    best = after
            assert best is not None  # the position is won
            found.append((running, waiting, best))
        return found

    def optimum(self, counts: Counts) -> int:
        """Return the least total latency, given the number of each length."""
        return self.worker.least((), counts)

    def instance(self, position: RestartPosition, stop: Stop) -> Counts:
        """Return how many requests of each length a stop leaves behind."""
        outputs = [*stop.running, *stop.waiting]
        return tuple(
            done + outputs.count(length)
            for done, length in zip(
                position.finished, self.settings.lengths, strict=True
            )
        )

    def answers(
        self, position: RestartPosition
    ) -> list[tuple[Running, Waiting]]:
        """Return what may run and wait after the policy's move.

        What runs is named by the age at which it enters the round.
        """
        found = set()
        groups = sorted(Counter(position.running).items())
        for kept in product(*(range(c + 1) for _, c in groups)):
            running: list[tuple[int, int]] = []
            pool = Counter(position.waiting)
            for (request, count), keep in zip(groups, kept, strict=True):
                running += [request] * keep
                pool[request[1]] += count - keep
            piles = sorted(pool.items())
            for begun in product(*(range(c + 1) for _, c in piles)):
                after, left = list(running), []
                for (known, count), start in zip(piles, begun, strict=True):
                    after += [(0, known)] * start
                    left += [known] * (count - start)
                held = sum(self.settings.prompt + age + 1 for age, _ in after)
                if held <= self.settings.memory:
                    found.add((tuple(sorted(after)), tuple(sorted(left))))
        # The policy's best answers are likely to keep and to start much.
        return sorted(
            found,
            key=lambda a: (-len(a[0]), -sum(age for age, _ in a[0]), a),
        )

    def replies(
        self, position: RestartPosition, running: Running, waiting: Waiting
    ) -> Iterator[RestartPosition]:
        """Yield the positions that the adversary may choose after a round.

        Parameters
        ----------
        position
            The position before the round.
        running
            Age, and a number that the length exceeds, of each
            request that the policy has run in the round; the age
            is that before it.
        waiting
            For each request that waits, a number that its length
            exceeds, ascending.
        """
        lengths = self.settings.lengths
        groups = sorted(Counter(running).items())
        choices = []
        for (age, known), count in groups:
            may_end = age + 1 > known and age + 1 in lengths
            must_end = age + 1 == lengths[-1]
            least = count if must_end else 0
            choices.append(range(least, count + 1 if may_end else 1))
        cost = position.cost + len(running) + len(waiting)
        for ends in product(*choices):
            finished = list(position.finished)
            after = []
            for ((age, known), count), end in zip(groups, ends, strict=True):
                if end:
                    finished[lengths.index(age + 1)] += end
                after += [(age + 1, max(known, age + 1))] * (count - end)
            yield RestartPosition(
                tuple(finished), tuple(sorted(after)), waiting, cost
            )

    def _solve(self, position: RestartPosition, target: Ratio) -> Ratio:
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
        stop: Stop | None
        best, stop = self._best_stop(position)
        if less(best, target) and (position.running or position.waiting):
            worst = self._worst_answer(position, target)
            if less(best, worst):
                best, stop = worst, None
        if less(best, target):
            self._lost[position] = best
        else:
            self._won[position] = best, stop
        return best

    def _worst_answer(self, position: RestartPosition, target: Ratio) -> Ratio:
        """Return the ratio of the policy's best answer, to the reply."""
        worst: Ratio | None = None
        for running, waiting in self.answers(position):
            best: Ratio | None = None
            for after in self.replies(position, running, waiting):
                value = self._solve(after, target)
                if best is None or less(best, value):
                    best = value
                if not less(best, target):
                    break
            assert best is not None  # the adversary has always a reply
            if worst is None or less(best, worst):
                worst = best
            if less(worst, target):
                break
        assert worst is not None  # cancelling everything is an answer
        return worst

    def _best_stop(self, position: RestartPosition) -> tuple[Ratio, Stop]:
        """Return the best ratio of a stop, and the lengths for it."""
        best: tuple[Ratio, Stop] | None = None
        for rest, counts, stop in self._ways(
            position.running, position.waiting
        ):
            optimum = self.optimum(plus(position.finished, counts))
            value = (position.cost + rest, optimum)
            if best is None or less(best[0], value):
                best = value, stop
        assert best is not None  # the longest length is always possible
        return best

    def _ways(
        self, running: Running, waiting: Waiting
    ) -> list[tuple[int, Counts, Stop]]:
        """Return every stop, its least rest, and its number of lengths."""
        found = self._stops.get((running, waiting))
        if found is not None:
            return found
        lengths = self.settings.lengths
        known = [k for _, k in running] + list(waiting)
        seen = set()
        found = []
        for outputs in product(
            *([o for o in lengths if o > k] for k in known)
        ):
            first = outputs[: len(running)]
            key = (
                tuple(sorted(zip(running, first, strict=True))),
                tuple(sorted(outputs[len(running) :])),
            )
            if key in seen:
                continue
            seen.add(key)
            counts = tuple(outputs.count(o) for o in lengths)
            rest = self._rest(running, first, outputs[len(running) :])
            stop = Stop(first, outputs[len(running) :])
            found.append((rest, counts, stop))
        self._stops[running, waiting] = found
        return found

    def _rest(self, running: Running, outputs: Counts, waiting: Counts) -> int:
        """Return the least rest of the total latency, lengths known.

        The policy cancels now what it ever cancels of what runs: earlier is
        no worse.
        """
        lengths = self.settings.lengths
        best: int | None = None
        for kept in product((True, False), repeat=len(running)):
            usage: list[int] = [0] * lengths[-1]
            pool = list(waiting)
            rounds = 0
            for (age, _), output, keep in zip(
                running, outputs, kept, strict=True
            ):
                if not keep:
                    pool.append(output)
                    continue
                rounds += output - age
                for ahead in range(output - age):
                    usage[ahead] += self.settings.prompt + age + ahead + 1
            if max(usage) > self.settings.memory:
                continue
            counts = tuple(pool.count(o) for o in lengths)
            value = rounds + self.worker.least(_trimmed(usage), counts)
            best = value if best is None else min(best, value)
        assert best is not None  # keeping nothing always fits
        return best


def _trimmed(usage: list[int]) -> Usage:
    """Return the usage without the idle rounds at its end."""
    while usage and not usage[-1]:
        usage = usage[:-1]
    return tuple(usage)
