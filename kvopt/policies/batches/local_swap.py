"""Local swap search: improve a batch by single moves."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kvopt.model.instance import IntArray
from kvopt.policies.batches.order import Remaining
from kvopt.policies.batches.rooms import Feasible, Room, room

__all__ = ["LocalSwap", "improve"]


@dataclass(frozen=True)
class LocalSwap:
    """A greedy batch, improved until no single move lowers ``F``.

    P2 (arXiv 2508.06133) names it; the content is a reading [inferred]. The
    greedy batch takes each request that fits, in the order of ``first``.

    Parameters
    ----------
    first
        ``"output"``: by output, then prompt; ``"peak"``: by peak ``s + o``.
    feasible
        When a batch is feasible.
    """

    first: Literal["output", "peak"]
    feasible: Feasible

    def __call__(self, rest: Remaining, memory: int) -> IntArray:
        """Return the places of the batch."""
        prompt, output = rest.prompt, rest.output
        chosen = np.zeros(rest.place.size, dtype=bool)
        left = room(self.feasible, memory, int(output[-1]))
        order = np.arange(rest.place.size)
        if self.first == "peak":
            order = np.argsort(prompt + output, kind="stable")
        for i in order.tolist():
            if left.fits(prompt[i], output[i]):
                left.add(prompt[i], output[i])
                chosen[i] = True
        return improve(rest, chosen, left)


class _Move(NamedTuple):
    """A change of the batch, the ``F`` and the number of members after it.

    ``leaves`` or ``joins`` is -1 where nobody does.
    """

    metric: Fraction
    size: int
    leaves: int
    joins: int


def improve(
    rest: Remaining, chosen: NDArray[np.bool_], left: Room
) -> IntArray:
    """Apply the best improving move until there is none; return the places.

    Moves are to add a request, to swap one in for a member, and to drop a
    member. The best one has the least ``F``; ties go to the larger batch.

    Parameters
    ----------
    rest
        What remains.
    chosen
        The batch to begin with, not empty, shape ``(n,)``; changed in place.
    left
        The room that it leaves; changed in place.

    Notes
    -----
    ``F = sum(o) / k^2`` falls with every move, so that the search ends. A
    move takes O(n log n).
    """
    prompt, output = rest.prompt, rest.output
    total, count = int(output[chosen].sum()), int(chosen.sum())
    while True:
        moves = [
            move
            for move in (
                _add(rest, chosen, left, total, count),
                _swap(rest, chosen, left, total, count),
                _drop(rest, chosen, total, count),
            )
            if move and move.metric < Fraction(total, count**2)
        ]
        if not moves:
            return np.flatnonzero(chosen)
        best = min(moves, key=lambda move: (move.metric, -move.size))
        for i, member in ((best.leaves, False), (best.joins, True)):
            if i < 0:
                continue
            change = left.add if member else left.remove
            change(prompt[i], output[i])
            chosen[i] = member
            total += int(output[i]) if member else -int(output[i])
        count = best.size


def _add(
    rest: Remaining,
    chosen: NDArray[np.bool_],
    left: Room,
    total: int,
    count: int,
) -> _Move | None:
    """Return the move that adds the shortest request that fits."""
    can = ~chosen & left.fits(rest.prompt, rest.output)
    if not can.any():
        return None
    i = int(can.argmax())
    metric = Fraction(total + int(rest.output[i]), (count + 1) ** 2)
    return _Move(metric, count + 1, -1, i)


def _swap(
    rest: Remaining,
    chosen: NDArray[np.bool_],
    left: Room,
    total: int,
    count: int,
) -> _Move | None:
    """Return the swap that shortens the sum of outputs most."""
    members = np.flatnonzero(chosen)
    longest = int(rest.output[members[-1]])
    others = np.flatnonzero(~chosen & (rest.output < longest))
    if not others.size:
        return None
    # Members from the largest down, and the longest of the first j.
    size = left.size(rest.prompt[members], rest.output[members])
    by_size = np.argsort(-size, kind="stable")
    outputs = rest.output[members][by_size]
    longest_of = np.maximum.accumulate(outputs)
    need = left.need(rest.prompt[others], rest.output[others])
    enough = np.searchsorted(-size[by_size], -need, side="right")
    reach = longest_of[np.maximum(enough, 1) - 1]
    gain = np.where(enough > 0, reach - rest.output[others], 0)
    j = int(gain.argmax())
    if gain[j] <= 0:
        return None
    leaves = members[by_size[: enough[j]][outputs[: enough[j]].argmax()]]
    metric = Fraction(total - int(gain[j]), count**2)
    return _Move(metric, count, int(leaves), int(others[j]))


def _drop(
    rest: Remaining, chosen: NDArray[np.bool_], total: int, count: int
) -> _Move | None:
    """Return the move that drops the member with the longest output."""
    if count == 1:
        return None
    i = int(np.flatnonzero(chosen)[-1])
    metric = Fraction(total - int(rest.output[i]), (count - 1) ** 2)
    return _Move(metric, count - 1, i, -1)
