"""Bad for greedy admission: a cycle of evictions that attracts."""

from __future__ import annotations

from dataclasses import dataclass

from kvopt.model import InputError, Instance
from kvopt.model.instance import MAX_SIZE, whole_number
from kvopt.workloads.parameters import INTEGER, Generator, Parameter
from kvopt.workloads.ranges import MAX_REQUESTS

__all__ = ["GENERATOR", "EvictionCycle"]


@dataclass(frozen=True)
class EvictionCycle:
    """Numbers of the family; the defaults are those of the source.

    Parameters
    ----------
    memory
        Capacity ``B``, in units.
    prompt
        ``l``: a request holds ``l+1`` units in its first round and ``l+2`` in
        its second and last.
    first, second
        Requests in their first and in their second round, in round 2.
    requests
        Their number in all; those that are left arrive in round 1 and keep
        the queue from running empty.

    Notes
    -----
    Greedy admission that evicts the latest (vLLM-like) fills what memory the
    second rounds leave with first rounds, which then need one unit more each.
    Off the fixed point ``B/(2l+3)`` the deviations grow, until more first
    rounds are admitted than can go on: :meth:`states` has them, and the
    cycle they end in. P5's evict-restart cycle is this with ``memory=12,
    prompt=0, first=6, second=3``: 6 completions in two rounds, where the
    equilibrium has 8. Sources: readings.md 6.2, authors' notes on arXiv
    2606.15555; readings.md 5.3, P5 (arXiv 2504.11320). That initial states
    come from arrivals in rounds 0 and 1 is ours.
    """

    memory: int = 140
    prompt: int = 2
    first: int = 21
    second: int = 19
    requests: int = 1000

    def __post_init__(self) -> None:
        whole_number(self.memory, "memory", 1, MAX_SIZE)
        whole_number(self.prompt, "prompt", 0, MAX_SIZE)
        whole_number(self.first, "first", 1, MAX_REQUESTS)
        whole_number(self.second, "second", 1, MAX_REQUESTS)
        whole_number(self.requests, "requests", 1, MAX_REQUESTS)
        most = self.memory // (self.prompt + 2)
        if self.second > most:
            raise InputError(
                f"must be at most {most}", field="second", value=self.second
            )
        free = self.memory - (self.prompt + 2) * self.second
        if free // (self.prompt + 1) != self.first:
            raise InputError(
                "must be what fits beside the second rounds, "
                f"{max(free, 0) // (self.prompt + 1)}",
                field="first",
                value=self.first,
            )
        if self.requests < self.first + self.second:
            raise InputError(
                f"must be at least {self.first + self.second}",
                field="requests",
                value=self.requests,
            )

    def states(self, rounds: int) -> list[tuple[int, int]]:
        """Return first and second rounds, from round 2 on.

        As long as the queue does not run empty. Those that were in their
        first round go on, as many as fit, the others are evicted; then the
        rest of the memory is filled with first rounds.
        """
        found = [(self.first, self.second)]
        while len(found) < rounds:
            second = min(found[-1][0], self.memory // (self.prompt + 2))
            free = self.memory - second * (self.prompt + 2)
            found.append((free // (self.prompt + 1), second))
        return found

    def cycle(self) -> list[tuple[int, int]]:
        """Return the states in which it ends, again and again."""
        states = self.states(1)
        while True:
            states = self.states(2 * len(states))
            for at, state in enumerate(states):
                if state in states[:at]:
                    return states[states.index(state) : at]

    def instance(self) -> Instance:
        """Return the instance."""
        rest = self.requests - self.second
        return Instance.of(
            self.memory,
            [(0, self.prompt, 2)] * self.second + [(1, self.prompt, 2)] * rest,
            name=f"eviction cycle, M={self.memory}, s={self.prompt}",
            source=f"{self}: readings.md 6.2 (arXiv 2606.15555), 5.3",
        )


GENERATOR = Generator(
    "eviction-cycle",
    "one type in a state from which evictions never end",
    "arXiv 2606.15555; P5, arXiv 2504.11320; readings.md 6.2 and 5.3",
    (
        Parameter("memory", INTEGER, EvictionCycle.memory, "capacity, units"),
        Parameter("prompt", INTEGER, EvictionCycle.prompt, "prompt, tokens"),
        Parameter(
            "first", INTEGER, EvictionCycle.first, "first rounds in round 2"
        ),
        Parameter(
            "second", INTEGER, EvictionCycle.second, "second rounds in round 2"
        ),
        Parameter(
            "requests", INTEGER, EvictionCycle.requests, "their number in all"
        ),
    ),
    lambda rng, values: EvictionCycle(**values).instance(),
)
