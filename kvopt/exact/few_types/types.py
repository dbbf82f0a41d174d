"""Requests that are all present at 0, counted by type."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import mul

import numpy as np

from kvopt.model import Instance
from kvopt.model.instance import IntArray

__all__ = ["Types"]


class Types:
    """The types ``(s, o)`` of an instance, in order of volume.

    Arrivals are ignored: every request counts as present at 0.

    Attributes
    ----------
    memory : int
        Capacity ``M``.
    prompt, output, volume : IntArray
        Of each type, shape ``(K,)``.
    counts : IntArray
        Number of requests of each type, shape ``(K,)``.
    members : list of list of int
        Request numbers of each type.
    """

    def __init__(self, instance: Instance) -> None:
        found: dict[tuple[int, int, int], list[int]] = {}
        rows = zip(
            instance.volume.tolist(),
            instance.prompt.tolist(),
            instance.output.tolist(),
            strict=True,
        )
        for i, row in enumerate(rows):
            found.setdefault(row, []).append(i)
        table = sorted(found)
        columns = np.array(table, dtype=np.int64)
        self.memory = instance.memory
        self.volume, self.prompt, self.output = columns.T.copy()
        self.members = [found[row] for row in table]
        self.counts: IntArray = np.array(
            [len(group) for group in self.members], dtype=np.int64
        )

    def __len__(self) -> int:
        return len(self.members)

    @property
    def requests(self) -> int:
        """``n``."""
        return int(self.counts.sum())

    @property
    def work(self) -> int:
        """``sum(o_i)``, in rounds: what latency there is without waiting."""
        return int((self.counts * self.output).sum())

    @property
    def vectors(self) -> int:
        """How many vectors of remaining counts there are."""
        product = 1
        for count in self.counts.tolist():
            product *= count + 1
        return product

    def strides(self) -> IntArray:
        """Return what each count is worth in the number of a vector."""
        radix = [count + 1 for count in self.counts.tolist()]
        return np.array([1, *accumulate(radix[:-1], mul)], dtype=np.int64)

    def starts(self, steps: Sequence[tuple[int, int]]) -> list[int]:
        """Return the start of each request from ``(round, type)`` pairs."""
        queues = [iter(group) for group in self.members]
        starts = [0] * self.requests
        for start, kind in steps:
            starts[next(queues[kind])] = start
        return starts
