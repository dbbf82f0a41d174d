"""One worker with requests of a few types: starts, and least costs.

The running requests are known by the ``usage`` they make: what they hold in
each following round. Requests of one type that wait are interchangeable, so
that counts say which wait. All numbers are Python integers.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "Counts",
    "GameWorker",
    "Ratio",
    "Releases",
    "Start",
    "Usage",
    "less",
    "minus",
    "plus",
]

Counts = tuple[int, ...]
Usage = tuple[int, ...]
# What the policy pays at least, over what the offline optimum pays.
Ratio = tuple[int, int]
# Rounds in ascending order, and what is released in each.
Releases = tuple[tuple[int, Counts], ...]


class Start(NamedTuple):
    """A choice of what to start now.

    Parameters
    ----------
    counts
        How many requests of each type start.
    usage
        What runs then, as it is seen from the next round.
    left
        How many of each type wait then.
    rounds
        What the choice adds to the total latency: the output of each
        started request, and one round for each that waits.
    """

    counts: Counts
    usage: Usage
    left: Counts
    rounds: int


def plus(first: Counts, second: Counts) -> Counts:
    """Return the counts added."""
    return tuple(a + b for a, b in zip(first, second, strict=True))


def minus(first: Counts, second: Counts) -> Counts:
    """Return the counts subtracted."""
    return tuple(a - b for a, b in zip(first, second, strict=True))


def less(first: Ratio, second: Ratio) -> bool:
    """Compare two ratios exactly."""
    return first[0] * second[1] < second[0] * first[1]


class GameWorker:
    """A worker; it remembers whatever it has computed.

    Parameters
    ----------
    memory
        The limit ``M``, in units.
    types
        ``(prompt, output)`` of each type, in tokens.
    """

    def __init__(
        self, memory: int, types: tuple[tuple[int, int], ...]
    ) -> None:
        self.memory = memory
        self.types = types
        self.none: Counts = (0,) * len(types)
        self._starts: dict[tuple[Usage, Counts], list[Start]] = {}
        self._least: dict[tuple[Usage, Counts, Releases], int] = {}

    def starts(self, usage: Usage, waiting: Counts) -> list[Start]:
        """Return every choice of starts that fits, most starts first."""
        key = (usage, waiting)
        found = self._starts.get(key)
        if found is None:
            found = []
            self._extend(found, waiting, (), usage)
            found.sort(key=lambda start: -sum(start.counts))
            self._starts[key] = found
        return found

    def _extend(
        self, found: list[Start], waiting: Counts, chosen: Counts, usage: Usage
    ) -> None:
        """Add all choices that begin with the chosen counts."""
        kind = len(chosen)
        if kind == len(self.types):
            left = minus(waiting, chosen)
            outputs = sum(
                k * output
                for k, (_, output) in zip(chosen, self.types, strict=True)
            )
            found.append(Start(chosen, usage[1:], left, outputs + sum(left)))
            return
        prompt, output = self.types[kind]
        for count in range(waiting[kind] + 1):
            if count:
                ages = [0] * max(output, len(usage))
                ages[:output] = range(prompt + 1, prompt + output + 1)
                held = [*usage, *[0] * (len(ages) - len(usage))]
                usage = tuple(a + b for a, b in zip(held, ages, strict=True))
                if max(usage) > self.memory:
                    return
            self._extend(found, waiting, (*chosen, count), usage)

    def least(
        self, usage: Usage, waiting: Counts, coming: Releases = ()
    ) -> int:
        """Return the least total latency from now on.

        Parameters
        ----------
        usage
            What the running requests hold in the following rounds.
        waiting
            How many of each type wait; the rounds they waited do not count.
        coming
            What is still to be released, in rounds from now.
        """
        if not coming and waiting == self.none:
            return 0
        key = (usage, waiting, coming)
        value = self._least.get(key)
        if value is None:
            value, _ = self._step(usage, waiting, coming)
            self._least[key] = value
        return value

    def _step(
        self, usage: Usage, waiting: Counts, coming: Releases
    ) -> tuple[int, Start]:
        """Return the least total latency, and the best starts now."""
        present = waiting
        if coming and coming[0][0] == 0:
            present = plus(waiting, coming[0][1])
            coming = coming[1:]
        later = tuple((round_ - 1, counts) for round_, counts in coming)
        best: tuple[int, Start] | None = None
        for start in self.starts(usage, present):
            # Waiting for nothing gains nothing: a shift shows it.
            if start.counts == self.none and not usage and not later:
                continue
            # Each request that waits takes at least this round and one more.
            if best and start.rounds + sum(start.left) >= best[0]:
                continue
            value = start.rounds + self.least(start.usage, start.left, later)
            if best is None or value < best[0]:
                best = value, start
        assert best is not None  # each type fits on an idle worker
        return best

    def schedule(self, releases: Releases) -> list[tuple[int, int]]:
        """Return a best schedule: the start round and type of each run."""
        usage: Usage = ()
        waiting = self.none
        runs: list[tuple[int, int]] = []
        t = 0
        coming = releases
        while coming or waiting != self.none:
            _, start = self._step(usage, waiting, coming)
            for kind, count in enumerate(start.counts):
                runs += [(t, kind)] * count
            coming = tuple((r - 1, x) for r, x in coming if r > 0)
            usage, waiting, t = start.usage, start.left, t + 1
        return runs
