"""What a worker can be running when requests come in few types."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product

import numpy as np

from kvopt.exact.few_types.types import Types
from kvopt.model import InputError
from kvopt.model.instance import IntArray

__all__ = ["Configuration", "Worker", "worker"]

MAX_TYPES = 10
MAX_CONFIGURATIONS = 4000
MAX_TRANSITIONS = 400_000

# Running requests as (type, rounds run so far), sorted.
Configuration = tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class Worker:
    """Every configuration that can be reached, and what can follow it.

    Parameters
    ----------
    types
        The worker's memory and the types.
    configurations
        By number; 0 is the idle worker.
    first, starts, following
        What can start in configuration ``c`` are the rows ``first[c]`` to
        ``first[c+1]`` of ``starts``, counts by type; the first of them starts
        nothing. ``following`` is the configuration one round later.
    """

    types: Types
    configurations: tuple[Configuration, ...]
    first: IntArray
    starts: IntArray
    following: IntArray

    @cached_property
    def number(self) -> dict[Configuration, int]:
        """Number of each configuration."""
        return {c: i for i, c in enumerate(self.configurations)}

    @cached_property
    def running(self) -> IntArray:
        """Number of running requests, by configuration."""
        return np.array([len(c) for c in self.configurations], np.int64)

    @cached_property
    def left(self) -> IntArray:
        """Rounds that the running requests have left, by configuration."""
        o = [output for _, output in self.types.sizes]
        return np.array(
            [sum(o[k] - age for k, age in c) for c in self.configurations],
            np.int64,
        )

    @cached_property
    def better(self) -> tuple[IntArray, IntArray]:
        """For each configuration those that dominate it, itself first.

        ``c`` dominates ``d`` when in every later round it holds at most as
        much memory and has at most as many requests unfinished. As index
        ranges and a list, as for ``first``.
        """
        rounds = max(o for _, o in self.types.sizes)
        profile = np.zeros((len(self.configurations), 2 * rounds), np.int64)
        for i, c in enumerate(self.configurations):
            for k, age in c:
                s, o = self.types.sizes[k]
                for later in range(1, o - age + 1):
                    profile[i, later - 1] += s + age + later
                    profile[i, rounds + later - 1] += 1
        rows = []
        for i in range(len(profile)):
            found = np.flatnonzero((profile <= profile[i]).all(axis=1))
            rows.append(np.array([i, *found[found != i]], np.int64))
        sizes = np.array([0, *(len(row) for row in rows)], np.int64)
        return np.cumsum(sizes), np.concatenate(rows)

    @cached_property
    def upper_sets(self) -> IntArray:
        """Sets of types that contain with a type every one at least as large.

        A queue can stand in for another, each request for one at least as
        large, exactly when it has in each of these sets at most as many
        (Hall's theorem). Rows of 0 and 1, shape ``(U, K)``.
        """
        sizes = self.types.sizes
        rows = []
        for chosen in product((0, 1), repeat=len(sizes)):
            closed = all(
                chosen[j]
                for k, (s, o) in enumerate(sizes)
                if chosen[k]
                for j, (other_s, other_o) in enumerate(sizes)
                if other_s >= s and other_o >= o
            )
            if any(chosen) and closed:
                rows.append(chosen)
        return np.array(rows, np.int64)


@lru_cache(maxsize=16)
def worker(types: Types) -> Worker:
    """Return the worker of ``types``; made once.

    Raises
    ------
    InputError
        When it has more than 10 types, 4,000 configurations, or 400,000
        transitions.
    """
    if len(types.sizes) > MAX_TYPES:
        raise InputError(
            f"at most {MAX_TYPES} different pairs of prompt and output",
            field="types",
            value=f"{len(types.sizes)} types",
        )
    numbers: dict[Configuration, int] = {(): 0}
    found: list[Configuration] = [()]
    first, starts, following = [0], [], []
    for c in found:  # grows
        for chosen in _startable(types, c):
            after = _next(types, c, chosen)
            if after not in numbers:
                numbers[after] = len(found)
                found.append(after)
            starts.append(chosen)
            following.append(numbers[after])
        first.append(len(starts))
        if len(found) > MAX_CONFIGURATIONS or len(starts) > MAX_TRANSITIONS:
            raise InputError(
                f"these {len(types.sizes)} types have more than "
                f"{MAX_CONFIGURATIONS} configurations or {MAX_TRANSITIONS} "
                "transitions at this memory",
                field="memory",
                value=types.memory,
            )
    return Worker(
        types,
        tuple(found),
        np.array(first, np.int64),
        np.array(starts, np.int64).reshape(len(starts), len(types.sizes)),
        np.array(following, np.int64),
    )


def _startable(types: Types, c: Configuration) -> list[tuple[int, ...]]:
    """Return every choice of starts that fits for good, nothing first."""
    none = (0,) * len(types.sizes)
    found = [none]
    known = {none}
    for chosen in found:  # grows
        for k in range(len(types.sizes)):
            more = (*chosen[:k], chosen[k] + 1, *chosen[k + 1 :])
            if more in known:
                continue
            known.add(more)
            if _fits(types, _with(c, more)):
                found.append(more)
    return found


def _with(c: Configuration, chosen: tuple[int, ...]) -> list[tuple[int, int]]:
    return [*c, *((k, 0) for k, x in enumerate(chosen) for _ in range(x))]


def _fits(types: Types, runs: list[tuple[int, int]]) -> bool:
    """Whether ``runs`` stay within memory; it peaks when one completes."""
    sizes = types.sizes
    return all(
        sum(
            sizes[k][0] + age + end
            for k, age in runs
            if sizes[k][1] - age >= end
        )
        <= types.memory
        for end in {sizes[k][1] - age for k, age in runs}
    )


def _next(
    types: Types, c: Configuration, chosen: tuple[int, ...]
) -> Configuration:
    return tuple(
        sorted(
            (k, age + 1)
            for k, age in _with(c, chosen)
            if age + 1 < types.sizes[k][1]
        )
    )
