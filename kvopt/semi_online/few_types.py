"""The exact programme for few types: polynomial in n for fixed memory.

``few_types(instance)`` is the entry point for whoever needs a proved
optimum of requests that are all present at 0. The theorem is in
``docs/theory/few-types.md``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kvopt.model import InputError, Instance
from kvopt.semi_online.table import Phases, Table, table_bytes
from kvopt.semi_online.types import Types

__all__ = ["FewTypes", "check_present", "few_types"]

# What the table may take; 5e9 states are two minutes on one core.
MEMORY = 2 << 30
STATES = 5_000_000_000


@dataclass(frozen=True)
class FewTypes:
    """What the programme found.

    Parameters
    ----------
    objective
        Total latency of ``starts``, in rounds; None without starts.
    lower_bound
        A proved lower bound on the optimal total latency.
    starts
        Start rounds, by request number; None when the programme gave up.
    states
        How many states it went through, or would have had to.
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
) -> FewTypes:
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
        Called now and then; may raise to give up.

    Returns
    -------
    FewTypes
        Proved optimal; or, where the table would be too large, without a
        schedule and with ``sum(o_i)`` as the bound.

    Raises
    ------
    InputError
        When a request arrives after 0.
    """
    check_present(instance)
    types = Types(instance)
    vectors = types.vectors
    most = min(states, memory) // vectors
    reason = f"{vectors:,} vectors of remaining counts are too many"
    if most >= 1 and int(types.output.max()) * types.memory <= memory // 16:
        try:
            phases = Phases(types, min(most, 2**24))
        except OverflowError as error:
            reason = f"{error} times {vectors:,} vectors of remaining counts"
        else:
            size = table_bytes(types, len(phases))
            if size <= memory:
                table = Table(types, phases, checkpoint)
                starts = table.starts()
                objective = types.work + table.waiting
                return FewTypes(
                    objective=objective,
                    lower_bound=objective,
                    starts=tuple(starts),
                    states=vectors * len(phases),
                    reason=(
                        "optimal by the programme for few types: "
                        f"{len(phases):,} phases x {vectors:,} vectors of "
                        "remaining counts"
                    ),
                )
            reason = f"the table would take {size:,} bytes"
    return FewTypes(None, types.work, None, 0, f"gave up: {reason}")
