"""What a backend is given to solve."""

from __future__ import annotations

from dataclasses import dataclass, field

from kvopt.model import Instance, SearchParams
from kvopt.model.instance import IntArray

__all__ = ["SolverTask"]


@dataclass(frozen=True)
class SolverTask:
    """An instance with reductions that keep at least one optimal schedule.

    Parameters
    ----------
    instance
        The instance.
    latest
        Latest start round of each request, shape ``(n,)``; the earliest is
        the arrival. See :mod:`kvopt.exact.presolve.horizon`.
    twins
        Pairs ``(i, j)`` with ``p_i <= p_j``; see
        :mod:`kvopt.exact.presolve.symmetry`.
    incumbent
        Start rounds of a schedule that respects both; empty to have integer
        and constraint programs start from nothing.
    workers
        Number of threads.
    seed
        Seed of the backend's random choices.
    levels
        Levels of the rows that integer and constraint programs get; see
        :mod:`kvopt.exact.cuts`.
    memory
        Bytes that the tables of the dedicated search may take.
    params
        Of the dedicated search.
    """

    instance: Instance
    latest: IntArray
    twins: tuple[tuple[int, int], ...]
    incumbent: tuple[int, ...]
    workers: int
    seed: int
    levels: tuple[int, ...] = ()
    memory: int = 4 << 30
    params: SearchParams = field(default_factory=SearchParams)
