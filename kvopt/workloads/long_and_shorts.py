"""One long request and equal short ones: the optimum in closed form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kvopt.model import Instance
from kvopt.model.instance import MAX_ROUND, MAX_SIZE, whole_number
from kvopt.workloads.ranges import MAX_REQUESTS

__all__ = ["LongAndShorts"]


@dataclass(frozen=True)
class LongAndShorts:
    """A long request at 0, and short ones of one round that arrive later.

    Parameters
    ----------
    memory
        Capacity ``M``, in units.
    prompt, output
        Of the long request, in tokens.
    short_prompt
        Prompt of every short request, in tokens; its output is 1.
    count
        Number of short requests.
    release
        Round in which all of them arrive.
    """

    memory: int
    prompt: int
    output: int
    short_prompt: int
    count: int
    release: int

    def __post_init__(self) -> None:
        whole_number(self.memory, "memory", 1, MAX_SIZE)
        whole_number(self.count, "count", 0, MAX_REQUESTS)
        whole_number(self.release, "release", 0, MAX_ROUND)

    def instance(self, name: str, source: str) -> Instance:
        """Return the instance, the long request first."""
        short = (self.release, self.short_prompt, 1)
        return Instance.of(
            self.memory,
            [(0, self.prompt, self.output)] + [short] * self.count,
            name=name,
            source=source,
        )

    def served(self, start: int) -> Iterator[tuple[int, int]]:
        """Yield rounds and how many short requests start in each.

        As many as fit start in each round, when the long request starts in
        round ``start``. No schedule with that start has an earlier ``k``-th
        completion of the short ones: what fits into a round does not depend
        on who ran before.
        """
        left, now = self.count, self.release
        while left:
            held = now + 1 - start
            inside = 0 < held <= self.output
            free = self.memory - (self.prompt + held if inside else 0)
            fit = min(left, free // (self.short_prompt + 1))
            if fit:
                yield now, fit
                left -= fit
                now += 1
            else:  # what the long request holds only grows
                now = start + self.output

    def cost(self, start: int) -> int:
        """Return the least total latency if the long starts at ``start``."""
        shorts = sum(
            fit * (now + 1 - self.release) for now, fit in self.served(start)
        )
        return start + self.output + shorts

    def best_start(self) -> int:
        """Return a start of the long request in an optimal schedule.

        All starts are compared that can be best: not those after the round
        in which the last short request has started even without the long
        one. A cancelled run never helps. Takes at most
        ``O((release + count) * count)``, and less where many fit at once.
        """
        if self.output <= self.release:
            return 0
        each = self.memory // (self.short_prompt + 1)
        last = self.release - (-self.count // each)
        return min(range(last + 1), key=self.cost)

    def starts(self, start: int) -> list[int]:
        """Return start rounds by request, that of the long one first."""
        rounds = [start]
        for now, fit in self.served(start):
            rounds += [now] * fit
        return rounds
