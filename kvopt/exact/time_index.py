"""The variables ``x[i, k]`` of the time-indexed models, as flat arrays.

``x[i, k] = 1`` iff request ``i`` starts at round ``k``: P1 (arXiv
2502.07115v5), the hindsight-optimal integer program.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from kvopt.exact.control.session import SolverError
from kvopt.exact.cuts import largest_prompt, spans
from kvopt.exact.task import SolverTask
from kvopt.model import Instance
from kvopt.model.instance import IntArray

__all__ = ["MAX_TERMS", "Row", "TimeIndex", "too_large"]

# More than this many terms in the memory rows take gigabytes and minutes to
# hand to any of the backends; none of them solves such a model.
MAX_TERMS = 6_000_000


class Row(NamedTuple):
    """What is added up for one round: ``sum(units * x[variables])``."""

    round: int
    variables: IntArray
    units: IntArray


@dataclass(frozen=True)
class TimeIndex:
    """Variables in order of request, then start round.

    Parameters
    ----------
    instance
        The instance.
    request, start, cost
        Request, start round ``k`` and latency ``k + o_i - a_i`` of each
        variable, shape ``(v,)``.
    first
        The variables of request ``i`` are ``first[i] .. first[i+1] - 1``,
        shape ``(n + 1,)``.
    """

    instance: Instance
    request: IntArray
    start: IntArray
    cost: IntArray
    first: IntArray

    @classmethod
    def of(cls, task: SolverTask) -> TimeIndex:
        """Enumerate the starts that the task allows."""
        instance = task.instance
        width = task.latest - instance.arrival + 1
        first = np.concatenate([[0], np.cumsum(width)])
        request = np.repeat(np.arange(len(instance)), width)
        waited = np.arange(first[-1]) - first[request]
        return cls(
            instance,
            request,
            instance.arrival[request] + waited,
            waited + instance.output[request],
            first,
        )

    def __len__(self) -> int:
        return int(self.first[-1])

    def of_request(self, i: int) -> slice:
        """Return the variables of request ``i``."""
        return slice(int(self.first[i]), int(self.first[i + 1]))

    def memory_rows(self) -> Iterator[Row]:
        """Yield the memory use of every round in which anything may run."""
        output = self.instance.output[self.request]
        variables = np.repeat(np.arange(len(self)), output)
        ends = np.cumsum(output)
        age = np.arange(int(ends[-1])) - (ends - output)[variables] + 1
        units = self.instance.prompt[self.request[variables]] + age
        round_ = self.start[variables] + age
        yield from _rows(round_, variables, units)

    def level_rows(self, level: int) -> Iterator[Row]:
        """Yield the rows of a level: in each, units sum to at most it.

        Rows that no choice of starts can break are left out. Memory holds
        one number for each round in which each variable counts.
        """
        instance = self.instance
        largest = largest_prompt(instance, instance.memory, level)
        completion = self.start + instance.output[self.request]
        end = int(completion.max())
        keys = []
        for i, request in enumerate(instance):
            own = self.of_request(i)
            variables = np.arange(own.start, own.stop)
            for span in spans(request, instance.memory, level, largest):
                offsets = np.arange(span.first, span.last + 1)
                round_ = completion[own, None] + offsets
                key = round_ * len(self) + variables[:, None]
                keys.append(key[round_ <= end])
        if not keys:
            return
        key, units = np.unique(np.concatenate(keys), return_counts=True)
        for row in _rows(*np.divmod(key, len(self)), units):
            most = np.zeros(len(instance), dtype=np.int64)
            np.maximum.at(most, self.request[row.variables], row.units)
            if most.sum() > level:
                yield row

    def values(self, starts: Sequence[int]) -> IntArray:
        """Return ``x`` for the given start rounds, shape ``(v,)``."""
        x = np.zeros(len(self), dtype=np.int64)
        x[self.first[:-1] + np.asarray(starts) - self.instance.arrival] = 1
        return x

    def starts(self, values: Sequence[float]) -> list[int]:
        """Return the start rounds that ``x`` says.

        Raises
        ------
        SolverError
            When some request has not exactly one start.
        """
        chosen = np.flatnonzero(np.asarray(values) > 0.5)
        if not np.array_equal(
            self.request[chosen], np.arange(len(self.instance))
        ):
            raise SolverError("a request has not exactly one start")
        return [int(k) for k in self.start[chosen]]


def _rows(
    round_: IntArray, variables: IntArray, units: IntArray
) -> Iterator[Row]:
    """Yield the terms of each round as a row."""
    order = np.argsort(round_, kind="stable")
    cuts = np.flatnonzero(np.diff(round_[order])) + 1
    for chunk in np.split(order, cuts):
        yield Row(int(round_[chunk[0]]), variables[chunk], units[chunk])


def too_large(task: SolverTask) -> str:
    """Return why the time-indexed model is too large; "" if it is not."""
    instance = task.instance
    width = task.latest - instance.arrival + 1
    # In floats: the product of two of the largest sizes exceeds int64.
    terms = float(width.astype(float) @ instance.output.astype(float))
    if terms <= MAX_TERMS:
        return ""
    return (
        f"the time-indexed model would have {terms:.2g} terms, "
        f"more than {MAX_TERMS:.2g}"
    )
