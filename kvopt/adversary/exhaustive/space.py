"""Which instances are enumerated, each once up to the order of listing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement, islice

import numpy as np
from numpy.typing import NDArray

from kvopt.model import Instance, Request
from kvopt.model.instance import whole_number

__all__ = ["Space"]

# Instances that are in memory at once.
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Space:
    """All instances of one size.

    Parameters
    ----------
    requests
        Number of requests, exactly.
    memory
        Capacity ``M``, exactly.
    equal_prompts
        Whether all prompts of an instance are equal; if not, they are free.
    latest_arrival
        Last round in which a request may arrive; the first one arrives at 0,
        since latency does not depend on the origin of time.

    Notes
    -----
    An instance is a multiset of requests. What a policy does may depend on
    the order in which they are listed: that is part of what is enumerated
    for the policy, not of the instance. The optimum does not depend on it.
    """

    requests: int
    memory: int
    equal_prompts: bool
    latest_arrival: int = 0

    def __post_init__(self) -> None:
        # Larger spaces are out of reach, and costs stay small.
        whole_number(self.requests, "requests", 1, 8)
        whole_number(self.memory, "memory", 1, 30)
        whole_number(self.latest_arrival, "latest_arrival", 0, 30)

    @cached_property
    def types(self) -> list[Request]:
        """Every request that fits, in order of arrival."""
        memory = self.memory
        return [
            Request(a, s, o)
            for a in range(self.latest_arrival + 1)
            for s in range(memory)
            for o in range(1, memory - s + 1)
        ]

    def chunks(self) -> Iterator[NDArray[np.int64]]:
        """Yield the multisets, as rows of nondecreasing places in `types`."""
        rows = self._rows()
        width = self.requests
        while part := list(islice(rows, _CHUNK)):
            yield np.array(part, np.int64).reshape(len(part), width)

    def _rows(self) -> Iterator[tuple[int, ...]]:
        types = self.types
        groups: list[list[int]] = [list(range(len(types)))]
        if self.equal_prompts:
            groups = [
                [k for k, kind in enumerate(types) if kind.prompt == s]
                for s in range(self.memory)
            ]
        for group in groups:
            for row in combinations_with_replacement(group, self.requests):
                if types[row[0]].arrival:
                    break  # the first arrives later, and so in all that follow
                yield row

    def instance(self, listing: tuple[int, ...]) -> Instance:
        """Return the instance of some places in :attr:`types`, in order."""
        types = self.types
        return Instance.of(self.memory, [types[k] for k in listing])
