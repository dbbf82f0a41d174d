"""From an instance and a schedule to the task that a backend solves."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kvopt.exact.presolve.horizon import latest_starts
from kvopt.exact.presolve.idle import without_idle_rounds
from kvopt.exact.presolve.symmetry import in_order, twins
from kvopt.exact.task import SolverTask
from kvopt.model import Instance

__all__ = ["reduced", "unreduced"]


def unreduced(
    instance: Instance, starts: Sequence[int], workers: int, seed: int
) -> SolverTask:
    """Return the task of ``instance`` as it stands, with a known schedule.

    Every optimal schedule ends by ``max(a) + sum(o)``
    (:mod:`kvopt.exact.presolve.horizon`).

    Parameters
    ----------
    instance
        The instance.
    starts
        Start rounds of a feasible schedule, shape ``(n,)``.
    workers
        Threads that the backend may use.
    seed
        Seed of the backend's random choices.
    """
    end = instance.arrival.max() + instance.output.sum()
    return SolverTask(
        instance=instance,
        latest=end - instance.output,
        twins=(),
        incumbent=tuple(starts),
        workers=workers,
        seed=seed,
    )


def reduced(
    instance: Instance,
    starts: Sequence[int],
    workers: int,
    seed: int,
    checkpoint: Callable[[], None] = lambda: None,
) -> SolverTask:
    """Return the task of ``instance`` reduced with a known schedule.

    At least one optimal schedule respects the reductions: the horizon keeps
    all of them (:mod:`kvopt.exact.presolve.horizon`), and sorting the starts
    of equal requests makes another optimal one
    (:mod:`kvopt.exact.presolve.symmetry`). The incumbent is moved inside them
    too, at no cost.

    Parameters
    ----------
    instance
        The instance.
    starts
        Start rounds of a feasible schedule, shape ``(n,)``.
    workers
        Threads that the backend may use.
    seed
        Seed of the backend's random choices.
    checkpoint
        Called often; may raise.
    """
    incumbent = in_order(instance, without_idle_rounds(instance, starts))
    rows = zip(instance, incumbent, strict=True)
    cost = sum(p + r.output - r.arrival for r, p in rows)
    return SolverTask(
        instance=instance,
        latest=latest_starts(instance, cost, checkpoint),
        twins=twins(instance),
        incumbent=tuple(incumbent),
        workers=workers,
        seed=seed,
    )
