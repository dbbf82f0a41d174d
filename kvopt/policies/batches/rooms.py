"""When a batch is feasible: two readings of P2."""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from kvopt.model.instance import IntArray

__all__ = ["Feasible", "Room", "room"]

# "peaks": the sum of s + o fits into M; "start": what starts together fits.
Feasible = Literal["peaks", "start"]


class Room(Protocol):
    """The memory that a growing batch leaves.

    The arguments ``prompt`` and ``output`` may be numbers or arrays.
    """

    def add(self, prompt: int, output: int) -> None:
        """Put a request into the batch."""
        ...

    def remove(self, prompt: int, output: int) -> None:
        """Take a request out of the batch."""
        ...

    def fits(self, prompt: IntArray, output: IntArray) -> NDArray[np.bool_]:
        """Return whether the batch stays feasible with the request added."""
        ...

    def size(self, prompt: IntArray, output: IntArray) -> IntArray:
        """Return what a member frees for a request with shorter output."""
        ...

    def need(self, prompt: IntArray, output: IntArray) -> IntArray:
        """Return the least size of a member to make room for the request.

        For members whose output is longer than that of the request.
        """
        ...


def room(feasible: Feasible, memory: int, longest: int) -> Room:
    """Return the room of an empty batch.

    Parameters
    ----------
    feasible
        The reading.
    memory
        Capacity ``M``.
    longest
        Longest output that can come, in rounds.
    """
    if feasible == "peaks":
        return _Peaks(memory)
    return _Start(memory, longest)


class _Peaks:
    """``sum(s_i + o_i) <= M``: the natural reading [inferred]."""

    def __init__(self, memory: int) -> None:
        self.left = memory

    def add(self, prompt: int, output: int) -> None:
        self.left -= prompt + output

    def remove(self, prompt: int, output: int) -> None:
        self.left += prompt + output

    def fits(self, prompt: IntArray, output: IntArray) -> NDArray[np.bool_]:
        return prompt + output <= self.left

    def size(self, prompt: IntArray, output: IntArray) -> IntArray:
        return prompt + output

    def need(self, prompt: IntArray, output: IntArray) -> IntArray:
        return prompt + output - self.left


class _Start:
    """For every ``t``, ``sum(s_i + t : o_i >= t) <= M`` [inferred]."""

    def __init__(self, memory: int, longest: int) -> None:
        self.round = np.arange(1, longest + 1)
        self.left = np.full(longest, memory, dtype=np.int64)
        # Prefix minima of what is left: as it is, and for one more member.
        self.held = self.left.copy()
        self.grown = self.left - self.round

    def add(self, prompt: int, output: int) -> None:
        self._change(prompt, output, -1)

    def remove(self, prompt: int, output: int) -> None:
        self._change(prompt, output, 1)

    def _change(self, prompt: int, output: int, sign: int) -> None:
        self.left[:output] += sign * (prompt + self.round[:output])
        self.held = np.minimum.accumulate(self.left)
        self.grown = np.minimum.accumulate(self.left - self.round)

    def fits(self, prompt: IntArray, output: IntArray) -> NDArray[np.bool_]:
        fit: NDArray[np.bool_] = prompt <= self.grown[output - 1]
        return fit

    def size(self, prompt: IntArray, output: IntArray) -> IntArray:
        return prompt

    def need(self, prompt: IntArray, output: IntArray) -> IntArray:
        # Up to its own end the newcomer holds s + t in place of s' + t.
        return prompt - self.held[output - 1]
