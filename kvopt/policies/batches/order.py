"""Phase 1 of Sorted-F: batch after batch until every request has a place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from kvopt.model.instance import IntArray
from kvopt.policies.choices import Waiting

__all__ = ["Remaining", "Select", "in_batches"]


class Remaining(NamedTuple):
    """Requests that are in no batch yet, by output, prompt, then number.

    Parameters
    ----------
    place
        Their places among all requests that wait, shape ``(n,)``.
    prompt, output
        Their lengths, shape ``(n,)``.
    """

    place: IntArray
    prompt: IntArray
    output: IntArray


# Takes what remains and ``M``; returns the places of the batch in it, at
# least one, in increasing order.
Select = Callable[[Remaining, int], IntArray]


def in_batches(
    waiting: Sequence[Waiting],
    memory: int,
    select: Select,
    *,
    recurring: bool = False,
) -> list[int]:
    """Return the request numbers in the order that the batches make.

    P2 (arXiv 2508.06133), Sorted-F: inside a batch by output, then prompt.

    Parameters
    ----------
    waiting
        The waiting requests, by number.
    memory
        Capacity ``M``, in units.
    select
        Chooses the next batch from those that remain.
    recurring
        Whether a batch is known to be chosen again as long as enough
        requests of its lengths remain, and to take the first of each kind:
        then one choice stands for all of these batches.
    """
    prompt = np.array([w.prompt for w in waiting], dtype=np.int64)
    output = np.array([w.length for w in waiting], dtype=np.int64)
    place = np.lexsort((prompt, output))
    rest = Remaining(place, prompt[place], output[place])
    order: list[int] = []
    while rest.place.size:
        batch = select(rest, memory)
        if recurring:
            batch = _with_repeats(rest, batch)
        order += rest.place[batch].tolist()
        left = np.ones(rest.place.size, dtype=bool)
        left[batch] = False
        rest = Remaining(*(column[left] for column in rest))
    return [waiting[i].request for i in order]


def _with_repeats(rest: Remaining, batch: IntArray) -> IntArray:
    """Return the places of a batch, and of those of the same lengths.

    One batch after the other, as often as all lengths of it last.
    """
    change = (np.diff(rest.prompt) != 0) | (np.diff(rest.output) != 0)
    kinds = np.concatenate([[0], change.cumsum()])
    kind = kinds[batch]
    members = np.bincount(kind)[kind]
    times = (np.bincount(kinds)[kind] // members).min()
    repeated: IntArray = batch + np.arange(times)[:, None] * members
    return repeated.ravel()
