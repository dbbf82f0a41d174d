"""What integer multipliers of the linear program's rows prove, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from kvopt.exact.cuts import largest_prompt, spans
from kvopt.model import Instance
from kvopt.model.instance import IntArray

__all__ = ["Multipliers", "proved"]


class Multipliers(NamedTuple):
    """Nonnegative integers over ``scale``.

    Parameters
    ----------
    scale
        What stands for 1.
    memory
        Multiplier of the memory row of each round, shape ``(end + 1,)``.
    levels
        For each level ``k``, those of its rows, shape ``(end + 1,)``.
    """

    scale: int
    memory: IntArray
    levels: Mapping[int, IntArray]

    def document(self) -> dict[str, Any]:
        """Return the data of a certificate: the multipliers that are not 0."""
        return {
            "scale": self.scale,
            "memory": [
                [int(t), int(self.memory[t])]
                for t in np.flatnonzero(self.memory)
            ],
            "levels": [
                [k, int(t), int(row[t])]
                for k, row in self.levels.items()
                for t in np.flatnonzero(row)
            ],
        }


def proved(instance: Instance, multipliers: Multipliers) -> int:
    """Return the bound on ``TEL`` of every schedule, rounded up.

    Notes
    -----
    Each request takes the start round with the least sum of its latency and
    the multipliers times its terms in the rows, over all rounds from its
    arrival on; from ``end`` on it is in no row (``docs/theory/level-k.md``).
    ``O(n * end * max(o))``.
    """
    scale, memory, levels = multipliers
    end = memory.size - 1
    limits = {k: largest_prompt(instance, instance.memory, k) for k in levels}
    totals = {
        k: np.concatenate([[0], row.cumsum()]) for k, row in levels.items()
    }
    value = -instance.memory * int(memory.sum())
    value -= sum(k * int(row.sum()) for k, row in levels.items())
    for request in instance:
        start = np.arange(request.arrival, max(request.arrival, end) + 1)
        latency = start + request.output - request.arrival
        cost = scale * latency
        for age in range(1, request.output + 1):
            meets = min(start.size, max(0, end - request.arrival - age + 1))
            begin = request.arrival + age
            cost[:meets] += (request.prompt + age) * memory[
                begin : begin + meets
            ]
        for k, total in totals.items():
            for span in spans(request, instance.memory, k, limits[k]):
                completion = start + request.output
                last = np.minimum(completion + span.last, end)
                first = np.minimum(completion + span.first, end + 1)
                cost += total[last + 1] - total[first]
        value += int(cost.min())
    return -(-value // scale)
