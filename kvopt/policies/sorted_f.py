"""Sorted-F: batches of least F-metric, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Literal

from kvopt.model.instance import MAX_SIZE, whole_number
from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.batches import Feasible, Select, in_batches
from kvopt.policies.batches.dp import DynamicProgram
from kvopt.policies.batches.local_swap import LocalSwap
from kvopt.policies.batches.quantile_greedy import QuantileGreedy
from kvopt.policies.choices import (
    Belief,
    Impossible,
    LookAhead,
    Planned,
    check_fraction,
)
from kvopt.policies.composed import ComposedPolicy, Composition

__all__ = ["SortedF"]


@dataclass(frozen=True)
class SortedF(ComposedPolicy):
    """Order by batches of least ``F``, then start while the future fits.

    P2 (arXiv 2508.06133), Sorted-F. Phase 1 takes from the waiting requests
    the feasible batch ``X`` with the least ``F(X) = sum(o) / |X|^2``, again
    and again; inside a batch by output, then prompt. Phase 2 starts the
    requests in that order, up to the first that fails the look-ahead of P1;
    it does not wait for a whole batch to end.

    Parameters
    ----------
    selector
        How a batch is chosen: ``"exact-dp"``; ``"scaled-dp"``, which cuts
        the memory into ``units``; ``"local-swap"`` from a greedy batch by
        ``first``; ``"quantile-greedy"`` with ``quantile``.
    feasible
        A batch is feasible if its ``"peaks"`` ``s + o`` sum to at most
        ``M``, or, weaker, if a ``"start"`` of all of it at once never
        exceeds ``M``. Which of the two is meant is open [inferred].
    units
        Scaled program: number of units of memory at most, so that its
        factor is ``g = ceil(M / units)``.
    first
        Local swap: what the greedy batch is sorted by, ``"peak"`` or
        ``"output"``. By output the search stays in the trap of
        readings.md 2.3, where no single move helps.
    quantile
        Quantile greedy: share in (0, 1].

    Notes
    -----
    The paper has all requests at 0. Online, everything that waits is put in
    order anew when requests have arrived [inferred].
    """

    selector: Literal[
        "exact-dp", "scaled-dp", "local-swap", "quantile-greedy"
    ] = "scaled-dp"
    feasible: Feasible = "peaks"
    units: int = 512
    first: Literal["output", "peak"] = "peak"
    quantile: float = 0.3

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="sorted-f",
        title="Sorted-F",
        summary=(
            "batches of least F = sum o / size^2; selectors exact-dp, "
            "scaled-dp, local-swap, quantile-greedy"
        ),
        paper="P2: Wang, Ye, Zhou, arXiv 2508.06133",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.BATCH,
        restarts=False,
        ratio=(
            "48 if all a_i = 0, with exact batches; probably only for large "
            "M with bounded s, o [caution inferred]"
        ),
        complexity=(
            "a batch: O(n k M) exact, O(n k units) scaled, O(n log n) a move "
            "of local swap or quantile greedy; k = its size; then "
            "O(k log k) a test"
        ),
        reading=(
            "F as summarised; two phases, feasible batches, ties, what the "
            "selectors do, and online use are readings [inferred]"
        ),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number(self.units, "units", 1, MAX_SIZE)
        check_fraction(self.quantile, "quantile", zero=False, one=True)

    @property
    def select(self) -> Select:
        """Return what chooses a batch."""
        match self.selector:
            case "exact-dp":
                return DynamicProgram(self.feasible, None)
            case "scaled-dp":
                return DynamicProgram(self.feasible, self.units)
            case "local-swap":
                return LocalSwap(self.first, self.feasible)
            case "quantile-greedy":
                return QuantileGreedy(self.quantile, self.feasible)

    @property
    def composition(self) -> Composition:
        """Order by batches, look-ahead, true lengths."""
        select = self.select
        recurring = isinstance(select, DynamicProgram) and select.recurs
        plan = partial(in_batches, select=select, recurring=recurring)
        return Composition(
            order=Planned(plan),
            admission=LookAhead(),
            overflow=Impossible(),
            belief=Belief.TRUE,
        )
