"""The exact dynamic program for few types, over a table of all its states.

A state is a vector of remaining counts and a *phase*: what the requests
that run will hold in the coming rounds. Theorem, proof and number of states:
``docs/theory/few-types.md``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kvopt.exact.few_types.table_kernels import (
    NONE,
    enumerate_phases,
    fill,
    fillable,
)
from kvopt.exact.few_types.types import TypedBatch, Types
from kvopt.model import Instance

__all__ = ["Phases", "Table", "phase_bytes", "table_bytes", "warm_up"]

# Transitions that are computed between two calls of the checkpoint.
_CHUNK = 50_000_000


class Phases:
    """All phases of some types, with what a round and a start lead to.

    Phases are numbered by drain, then by area, so that the empty one is 0,
    a round leads to a smaller number and a start to a greater one.

    Parameters
    ----------
    types
        The types.
    limit
        How many phases are too many.

    Attributes
    ----------
    after
        Shape ``(f, K + 1)``: the phase after a round, and after a start of
        each type; ``NONE`` (-1) where it does not fit.

    Raises
    ------
    OverflowError
        When there are more than ``limit``.
    """

    def __init__(self, types: Types, limit: int) -> None:
        rounds = int(types.output.max())
        size = min(1024, limit)
        useful = np.zeros((rounds, types.memory + 1), dtype=np.int64)
        fillable(types.prompt, types.output, useful)
        unit = _unit(types)
        while True:
            rows = size + len(types) + 1
            profiles = np.zeros((rows, rounds), dtype=unit)
            after = np.zeros((rows, len(types) + 1), dtype=np.int32)
            slots = np.full(2 << rows.bit_length(), NONE, dtype=np.int32)
            count = enumerate_phases(
                types.prompt, types.output, useful, profiles, slots, after
            )
            if count >= 0:
                break
            if size == limit:
                raise OverflowError(f"more than {limit:,} phases")
            size = min(8 * size, limit)
        profiles = profiles[:count]
        held = profiles.sum(axis=1, dtype=np.int64)
        drain = rounds - (profiles[:, ::-1] > 0).argmax(axis=1)
        drain[held == 0] = 0
        order = np.lexsort((held, drain))
        number = np.full(count + 1, NONE, dtype=np.int32)
        number[order] = np.arange(count, dtype=np.int32)
        # The last entry of ``number`` stands for NONE, which indexes it.
        self.after: NDArray[np.int32] = number[after[order]]

    def __len__(self) -> int:
        return len(self.after)


def _unit(types: Types) -> type[np.integer]:
    return np.uint8 if types.memory < 2**8 else np.int32


def phase_bytes(types: Types) -> int:
    """Return how much memory :class:`Phases` takes for each, in bytes."""
    profile = int(types.output.max()) * np.dtype(_unit(types)).itemsize
    return profile + 12 * (len(types) + 1) + 48


def _bits(types: Types) -> int:
    """Return the bits that the choice of a state takes."""
    return next(b for b in (1, 2, 4, 8) if len(types) < 1 << b)


def table_bytes(batch: TypedBatch, phases: int) -> int:
    """Return how much memory a :class:`Table` takes, in bytes."""
    rows = batch.vectors // (int(batch.counts[-1]) + 1)
    choices = batch.vectors * -(-phases * _bits(batch.types) // 8)
    return rows * phases * 8 + choices + phases * 4 * (len(batch.types) + 1)


class Table:
    """The least waiting from every state, and an optimal choice in each.

    Parameters
    ----------
    batch
        The requests, of fewer than 256 types.
    phases
        The phases of the types.
    checkpoint
        Called now and then; may raise to give up.

    Attributes
    ----------
    waiting : int
        The least ``sum(p_i)`` of all requests from the empty phase.
    """

    def __init__(
        self,
        batch: TypedBatch,
        phases: Phases,
        checkpoint: Callable[[], None] = lambda: None,
    ) -> None:
        self.batch = batch
        self.phases = phases
        self._width = _bits(batch.types)
        vectors, f = batch.vectors, len(phases)
        # One request at a time is a schedule; nothing better waits longer.
        far = batch.requests * (batch.work + 1)
        small = 2 * far < 2**31
        values = np.zeros(
            (vectors // (int(batch.counts[-1]) + 1), f),
            dtype=np.int32 if small else np.int64,
        )
        packed = -(-f * self._width // 8)
        self._choices = np.zeros((vectors, packed), dtype=np.uint8)
        chunk = max(1, _CHUNK // (f * (len(batch.types) + 1)))
        for begin in range(0, vectors, chunk):
            checkpoint()
            fill(
                values, self._choices, begin, min(begin + chunk, vectors),
                batch.counts, phases.after, self._width, far,
            )  # fmt: skip
        self.waiting = int(values[-1, 0])

    def starts(self) -> list[int]:
        """Return the starts of an optimal schedule, by request number."""
        per = 8 // self._width
        strides = self.batch.strides().tolist()
        after = self.phases.after
        vector = self.batch.vectors - 1
        phase = now = 0
        steps = []
        while vector:
            byte = int(self._choices[vector, phase // per])
            shift = phase % per * self._width
            choice = byte >> shift & (1 << self._width) - 1
            phase = int(after[phase, choice])
            if choice:
                steps.append((now, choice - 1))
                vector -= strides[choice - 1]
            else:
                now += 1
        return self.batch.starts(steps)


def warm_up() -> None:
    """Have numba compile all of this, for narrow and wide numbers."""
    for memory, requests in ((5, 1), (300, 1), (5, 20_000)):
        batch = TypedBatch(
            Instance.of(memory, [(0, memory - 4, 3)] * requests)
        )
        Table(batch, Phases(batch.types, 10_000)).starts()
