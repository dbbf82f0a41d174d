"""The states of the Lagrangian state-space relaxation: multisets of usages."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kvopt.model.compiled import entry

__all__ = ["NONE", "States", "count_states", "most_parts"]

# Fills the unused places of a state's list of parts.
NONE = 255


def most_parts(memory: int, threshold: int) -> int:
    """Return how many usages above ``threshold`` fit into ``memory``."""
    return memory // (threshold + 1)


def count_states(memory: int, threshold: int, limit: int) -> int:
    """Return the number of states, or ``limit`` if there are more.

    Counts the multisets of integers above ``threshold`` with sum at most
    ``memory``, without making them. ``O(memory^2)``, at most ``(2 NONE)^2``.

    Parameters
    ----------
    memory
        ``M``, in units of KV memory.
    threshold
        ``h``: usages up to there are not seen.
    limit
        Number from which on one no longer counts.
    """
    if memory - threshold >= NONE:
        return limit
    if most_parts(memory, threshold) < 2:
        return min(1 + memory - threshold, limit)
    ways = [1] + [0] * memory
    for usage in range(threshold + 1, memory + 1):
        for total in range(usage, memory + 1):
            ways[total] += ways[total - usage]
    return min(sum(ways), limit)


@entry
def _enumerate(memory, usage, most, items, size):
    """Write every multiset of parts, each nondecreasing; depth first."""
    parts = usage.shape[0]
    stack = np.zeros(most + 2, np.int64)
    count = 1
    depth = 0
    total = 0
    while depth >= 0:
        j = stack[depth]
        if j < parts and depth < most and total + usage[j] <= memory:
            for q in range(depth):
                items[count, q] = stack[q]
            items[count, depth] = j
            size[count] = depth + 1
            count += 1
            total += usage[j]
            depth += 1
            stack[depth] = j
        else:
            # Larger parts fit no better: step back.
            depth -= 1
            if depth >= 0:
                total -= usage[stack[depth]]
                stack[depth] += 1
    return count


class States:
    """All multisets of usages ``u > threshold`` with sum at most ``memory``.

    Numbered by sum, so that adding a part leads to a greater number; the
    empty multiset is 0. Part ``j`` is the usage ``threshold + 1 + j``.

    A state is looked up by the sum of random 62-bit weights of its parts.
    That no two states have the same sum is checked, so a look-up of a
    multiset that is a state is exact.

    Attributes
    ----------
    usage
        Usage of each part.
    items, size
        Parts of each state, nondecreasing, padded with ``NONE``; how many.
    keys, order
        Sums of weights, ascending, and the state that each belongs to.
    down
        The state one round earlier: each usage one less; those that would
        not exceed ``threshold`` are dropped.
    """

    def __init__(self, memory: int, threshold: int) -> None:
        self.memory, self.threshold = memory, threshold
        self.usage = np.arange(threshold + 1, memory + 1, dtype=np.int64)
        count = count_states(memory, threshold, 1 << 40)
        most = most_parts(memory, threshold)
        items = np.full((count, most), NONE, dtype=np.uint8)
        size = np.zeros(count, dtype=np.int64)
        _enumerate(memory, self.usage, most, items, size)
        padded = np.zeros(NONE + 1, dtype=np.int64)
        padded[: self.usage.size] = self.usage
        total = padded[items].sum(axis=1)
        by_total = np.argsort(total, kind="stable")
        self.items = items[by_total]
        self.size = size[by_total]
        rng = np.random.default_rng(12345)
        while True:
            self.weight = np.zeros(NONE + 1, dtype=np.int64)
            self.weight[: self.usage.size] = rng.integers(
                1, 1 << 62, size=self.usage.size
            )
            key = self.weight[self.items].sum(axis=1)
            self.order = np.argsort(key, kind="stable")
            self.keys = key[self.order]
            if (self.keys[1:] != self.keys[:-1]).all():
                break
        self.key = key
        earlier = np.zeros(NONE + 1, dtype=np.int64)
        earlier[1 : self.usage.size] = self.weight[: self.usage.size - 1]
        self.down = self.find(earlier[self.items].sum(axis=1))

    def __len__(self) -> int:
        return int(self.size.size)

    def find(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the states with these sums of weights."""
        return self.order[np.searchsorted(self.keys, keys)]

    def part(self, usage: int) -> int:
        """Return the part that stands for ``usage``."""
        return usage - self.threshold - 1

    def additions(
        self, usage: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return pairs ``(source, target)``: target = source + ``usage``.

        Ascending in the target. ``O(states)``.
        """
        part = self.part(usage)
        target = np.flatnonzero((self.items == part).any(axis=1))
        return self.find(self.key[target] - self.weight[part]), target
