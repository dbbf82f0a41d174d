"""LP-Swap: batches along the order of the relaxation, improved by swaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from kvopt.model.instance import IntArray
from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.batches import Feasible, Remaining, in_batches, room
from kvopt.policies.batches.local_swap import improve
from kvopt.policies.choices import (
    Belief,
    Impossible,
    LookAhead,
    Planned,
    Waiting,
)
from kvopt.policies.composed import ComposedPolicy, Composition
from kvopt.policies.lp_relaxation import lp_order

__all__ = ["LPSwap"]


@dataclass(frozen=True)
class LPSwap(ComposedPolicy):
    """Sorted-F whose batches begin as stretches of the order of Sorted-LP.

    P2 (arXiv 2508.06133), LP-Swap: along the LP order requests are taken up
    to the first that does not fit into the batch; then single moves lower
    ``F`` as in local swap search, and the rest makes the next batch. For
    small instances, as Sorted-LP.

    Parameters
    ----------
    feasible
        When a batch is feasible, see
        :class:`kvopt.policies.sorted_f.SortedF`.
    """

    feasible: Feasible = "peaks"

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="lp-swap",
        title="LP-Swap",
        summary="the LP order, its batches improved by local swaps",
        paper="P2: Wang, Ye, Zhou, arXiv 2508.06133",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.BATCH,
        restarts=False,
        ratio="none proven",
        complexity=(
            "one linear program, O(n log n) a move; then O(k log k) a test"
        ),
        reading=(
            "named in the paper; how batches follow the LP order, and the "
            "online use, are readings [inferred]"
        ),
    )

    @property
    def composition(self) -> Composition:
        """Order of improved batches, look-ahead, true lengths."""
        return Composition(
            order=Planned(partial(_plan, feasible=self.feasible)),
            admission=LookAhead(),
            overflow=Impossible(),
            belief=Belief.TRUE,
        )


def _plan(
    waiting: Sequence[Waiting], memory: int, feasible: Feasible
) -> list[int]:
    """Return the request numbers in the order of the improved batches."""
    place = {w.request: i for i, w in enumerate(waiting)}
    rank = np.empty(len(waiting), dtype=np.int64)
    for position, request in enumerate(lp_order(waiting, memory)):
        rank[place[request]] = position

    def select(rest: Remaining, memory: int) -> IntArray:
        left = room(feasible, memory, int(rest.output[-1]))
        chosen = np.zeros(rest.place.size, dtype=bool)
        for i in np.argsort(rank[rest.place]).tolist():
            if not left.fits(rest.prompt[i], rest.output[i]):
                break
            left.add(rest.prompt[i], rest.output[i])
            chosen[i] = True
        return improve(rest, chosen, left)

    return in_batches(waiting, memory, select)
