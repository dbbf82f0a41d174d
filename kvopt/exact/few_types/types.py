"""Requests of few types, and how many of each there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from operator import mul

import numpy as np

from kvopt.model import InputError, Instance
from kvopt.model.instance import MAX_SIZE, IntArray, whole_number

__all__ = ["TypedBatch", "Types", "types_of"]


@dataclass(frozen=True)
class Types:
    """A worker's memory and the types of the requests.

    Parameters
    ----------
    memory
        Capacity ``M``, in units.
    sizes
        Prompt and output length ``(s, o)`` of each type, in tokens.

    Raises
    ------
    InputError
        When there is no type, two are the same, or one does not fit alone.
    """

    memory: int
    sizes: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        whole_number(self.memory, "memory", 1, MAX_SIZE)
        if not self.sizes or len(set(self.sizes)) < len(self.sizes):
            raise InputError(
                "must be different pairs of prompt and output, at least one",
                field="types",
                value=self.sizes,
            )
        for k, (s, o) in enumerate(self.sizes):
            whole_number(s, f"types[{k}].prompt", 0, MAX_SIZE)
            whole_number(o, f"types[{k}].output", 1, MAX_SIZE)
            if s + o > self.memory:
                raise InputError(
                    f"its peak {s + o} exceeds the memory {self.memory}",
                    field=f"types[{k}]",
                    value=f"{s}+{o}",
                )

    def __len__(self) -> int:
        return len(self.sizes)

    @cached_property
    def prompt(self) -> IntArray:
        """Prompt ``s`` of each type, shape ``(K,)``."""
        return np.array([s for s, _ in self.sizes], np.int64)

    @cached_property
    def output(self) -> IntArray:
        """Output ``o`` of each type, shape ``(K,)``."""
        return np.array([o for _, o in self.sizes], np.int64)

    @property
    def volume(self) -> IntArray:
        """Memory-time volume ``s*o + o*(o+1)/2`` of each type."""
        s, o = self.prompt, self.output
        volume: IntArray = s * o + o * (o + 1) // 2
        return volume


def types_of(instance: Instance) -> tuple[Types, IntArray]:
    """Return the types of an instance, and the type of each request.

    Types are sorted by output, then prompt.
    """
    pairs = list(
        zip(instance.prompt.tolist(), instance.output.tolist(), strict=True)
    )
    sizes = sorted(set(pairs), key=lambda pair: (pair[1], pair[0]))
    number = {pair: k for k, pair in enumerate(sizes)}
    kind = np.array([number[pair] for pair in pairs], np.int64)
    return Types(instance.memory, tuple(sizes)), kind


class TypedBatch:
    """The requests of an instance by type, all taken as present at 0.

    Attributes
    ----------
    types : Types
        In order of volume.
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
        self.types = Types(instance.memory, tuple((s, o) for _, s, o in table))
        self.members = [found[row] for row in table]
        self.counts: IntArray = np.array(
            [len(group) for group in self.members], dtype=np.int64
        )

    @property
    def requests(self) -> int:
        """``n``."""
        return int(self.counts.sum())

    @property
    def work(self) -> int:
        """``sum(o_i)``, in rounds: what latency there is without waiting."""
        return int((self.counts * self.types.output).sum())

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
