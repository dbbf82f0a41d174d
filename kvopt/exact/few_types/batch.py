"""The exact dynamic program for few types: polynomial in n for fixed memory.

``few_types(instance)`` is the entry point for whoever needs a proved
optimum of requests that are all present at 0. The theorem is in
``docs/theory/few-types.md``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kvopt.exact.control.session import Stopped
from kvopt.exact.few_types.types import TypedBatch
from kvopt.model import InputError, Instance

__all__ = ["FewTypesResult", "check_present", "few_types", "warm_up"]

# What the table may take; 5e9 states are a minute or two on one core.
MEMORY = 2 << 30
STATES = 5_000_000_000
# Where the table would be too large: labels a layer in the passes of the
# search, and how many usages a pass may handle.
WIDTHS = (30, 300, 3_000)
USAGES = 600_000


@dataclass(frozen=True)
class FewTypesResult:
    """What the dynamic program found.

    Parameters
    ----------
    objective
        Total latency of ``starts``, in rounds; None without starts.
    lower_bound
        A proved lower bound on the optimal total latency.
    starts
        Start rounds, by request number; None when the dynamic program gave up
        before it had a schedule.
    states
        How many states of the table, or labels, it went through.
    reason
        Why it ended, in one sentence.
    """

    objective: int | None
    lower_bound: int
    starts: tuple[int, ...] | None
    states: int
    reason: str

    @property
    def proved(self) -> bool:
        """Whether ``starts`` is proved optimal."""
        return self.objective == self.lower_bound


def check_present(instance: Instance) -> None:
    """Raise InputError unless every request is present at round 0."""
    late = int(instance.arrival.argmax())
    if instance.arrival[late] > 0:
        raise InputError(
            "the semi-online solver needs every request at round 0",
            field=f"requests[{late}].arrival",
            value=int(instance.arrival[late]),
        )


def few_types(
    instance: Instance,
    memory: int = MEMORY,
    states: int = STATES,
    checkpoint: Callable[[], None] = lambda: None,
) -> FewTypesResult:
    """Solve requests that are all present at 0 exactly, type by type.

    Parameters
    ----------
    instance
        The instance.
    memory
        Bytes that the table may take.
    states
        States that it may have.
    checkpoint
        Called now and then; may raise :class:`Stopped` to end it.

    Returns
    -------
    FewTypesResult
        Proved optimal; or, where the table would be too large or the
        checkpoint stops it, the best schedule and bound of a label search
        that keeps to a budget. Never out of memory: sizes are known before
        anything is made.

    Raises
    ------
    InputError
        When a request arrives after 0.
    """
    check_present(instance)
    batch = TypedBatch(instance)
    try:
        whole = _by_table(batch, memory, states, checkpoint)
    except Stopped:
        return FewTypesResult(None, batch.work, None, 0, "gave up: time limit")
    if isinstance(whole, FewTypesResult):
        return whole
    return _by_labels(batch, whole, checkpoint)


def _by_table(
    batch: TypedBatch, memory: int, states: int, checkpoint: Callable[[], None]
) -> FewTypesResult | str:
    """Return the optimum, or why the table is too large."""
    # Loading the compiler takes a good part of a second.
    from kvopt.exact.few_types.table import (
        Phases,
        Table,
        phase_bytes,
        table_bytes,
    )

    vectors = batch.vectors
    most = min(states // vectors, memory // phase_bytes(batch.types), 2**30)
    wide = 8 * int(batch.types.output.max()) * (batch.types.memory + 1)
    if most < 1 or len(batch.types) > 255:
        return f"{vectors:,} vectors of remaining counts are too many"
    if wide > memory // 4:
        return "memory times the longest output is too large"
    try:
        phases = Phases(batch.types, most)
    except OverflowError as error:
        return f"{error} times {vectors:,} vectors of remaining counts"
    size = table_bytes(batch, len(phases))
    if size > memory:
        return f"the table would take {size:,} bytes"
    table = Table(batch, phases, checkpoint)
    objective = batch.work + table.waiting
    return FewTypesResult(
        objective=objective,
        lower_bound=objective,
        starts=tuple(table.starts()),
        states=vectors * len(phases),
        reason=(
            f"optimal by the dynamic program for few types: {len(phases):,} "
            f"phases x {vectors:,} vectors of remaining counts"
        ),
    )


def _by_labels(
    batch: TypedBatch, why: str, checkpoint: Callable[[], None]
) -> FewTypesResult:
    """Search with labels as long as the budget allows."""
    from kvopt.exact.few_types.labels import LabelSearch

    usages = batch.requests * int(batch.types.output.max())
    widths = [width for width in WIDTHS if usages * width <= USAGES]
    if batch.vectors >= 2**62:
        widths = []
    search = LabelSearch(batch)
    try:
        for width in widths:
            search.run(width, checkpoint)
            if search.proved:
                break
    except Stopped:
        why += "; time limit"
    objective = starts = None
    if search.waiting is not None and search.starts is not None:
        objective = batch.work + search.waiting
        starts = tuple(search.starts)
    proved = search.proved and starts is not None
    return FewTypesResult(
        objective=objective,
        lower_bound=batch.work + search.lower_bound,
        starts=starts,
        states=search.labels,
        reason=(
            f"optimal by label search over few types: {search.labels:,} labels"
            if proved
            else f"gave up: {why}; {search.labels:,} labels searched"
        ),
    )


def warm_up() -> None:
    """Have numba compile all that :func:`few_types` calls."""
    from kvopt.exact.few_types.table import warm_up as compile_tables

    compile_tables()
    two = Instance.of(4, [(0, 0, 3), (0, 1, 2)])
    few_types(two, states=0)
