"""The batch of least ``F`` by dynamic programming, exact or scaled."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from kvopt.model import InputError
from kvopt.model.instance import IntArray
from kvopt.policies.batches import dp_program
from kvopt.policies.batches.order import Remaining
from kvopt.policies.batches.rooms import Feasible

__all__ = ["DynamicProgram", "is_small"]

# Steps that plain Python takes in less time than loading the compiler.
SMALL = 100_000


def is_small(requests: int, memory: int) -> bool:
    """Whether nothing is compiled for so many requests, and fewer."""
    return requests * (requests + 1) * (memory + 1) <= SMALL


@dataclass(frozen=True)
class DynamicProgram:
    """The feasible batch with the least ``F = sum(o) / k^2``.

    P2 (arXiv 2508.06133), batch choice by dynamic programming. ``D[k][w]``
    is the least sum of outputs of ``k`` requests of total weight ``w``, the
    peak ``s + o``. Ties go to the larger batch, then to the smaller weight
    [inferred].

    Parameters
    ----------
    feasible
        When a batch is feasible. With ``"start"`` the weight is ``s``, and
        requests are taken by decreasing output ``o``: the ``k``-th is then
        the first to end, with ``k * o`` units grown by then. That checks all
        rounds.
    units
        Number of units into which the memory is cut at most; None for no
        cut, which is the exact program. Weights are rounded up to a multiple
        of ``ceil(M / units)``, so that the batch stays feasible [inferred].

    Notes
    -----
    At most O(n K W) time and ``n K W / 8`` bytes a batch, for batches of at
    most ``K`` and ``W`` units. Left out beforehand is who cannot be
    needed: if request ``b`` does not fit beside all requests that need no
    more memory and are no longer, then some of these is missing in any batch
    with ``b``, and can take its place.
    """

    # More bytes than this for the choices are refused.
    MOST_BYTES: ClassVar[int] = 10**9

    feasible: Feasible
    units: int | None

    @property
    def recurs(self) -> bool:
        """Whether a batch is the best again while its lengths last.

        With ``"peaks"``. What is feasible then was so before and was no
        better, and of equally good batches the program always takes that
        with the fewest of the last kind of requests, then of the kind before
        it, and so on; of each kind it takes the first. With ``"start"`` too,
        but which requests of a kind it takes depends on those left out
        beforehand.
        """
        return self.feasible == "peaks"

    def __call__(self, rest: Remaining, memory: int) -> IntArray:
        """Return the places of the batch.

        Raises
        ------
        InputError
            When the program would need more than a gigabyte.
        """
        loops: Any = dp_program
        loaded = "kvopt.policies.batches.dp_kernel" in sys.modules
        if loaded or not is_small(rest.place.size, memory):
            # Loading the compiler takes a good part of a second.
            from kvopt.policies.batches import dp_kernel

            loops = dp_kernel
        unit = 1 if self.units is None else -(-memory // self.units)
        start = self.feasible == "start"
        held = rest.prompt if start else rest.prompt + rest.output
        weight = -(-held // unit)
        # What a member holds at least, whatever the others are.
        least = weight * unit + (1 if start else 0)
        able = np.flatnonzero(loops.needed(weight, least, memory))
        able = able[::-1] if start else able
        most = int((np.sort(least[able]).cumsum() <= memory).sum())
        grows = rest.output[able] if start else np.zeros_like(able)
        size = able.size * (most + 1) * (memory // unit // 8 + 1)
        if size > self.MOST_BYTES:
            raise InputError(
                f"the program for {rest.place.size} requests needs "
                f"{size / 1e9:.1f} GB; use scaled-dp or fewer units",
                field="policy.units",
                value=self.units or memory,
            )
        batch, total = loops.least_metric(
            weight[able], rest.output[able], grows, unit, memory, most
        )
        alone = int(rest.output[0])
        if not batch.size or alone * batch.size**2 < total:
            # Rounded up, even a request that fits alone may fit no more.
            return np.zeros(1, dtype=np.int64)
        return np.sort(able[batch])
