"""A plan: the tasks of a sweep and their limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kvopt.model import InputError
from kvopt.sweep.limits import Limits
from kvopt.sweep.task import SweepTask

__all__ = ["SweepPlan"]


@dataclass(frozen=True)
class SweepPlan:
    """What a sweep is to compute.

    Parameters
    ----------
    name
        Name of the sweep; a store belongs to one name.
    tasks
        The tasks. Two that differ only in what their rows tell of the
        instance (two seeds that draw the same one) have the same key and are
        computed once.
    limits
        Limits of each task.
    """

    name: str
    tasks: tuple[SweepTask, ...]
    limits: Limits

    @classmethod
    def of(
        cls,
        name: str,
        tasks: Iterable[SweepTask],
        limits: Limits | None = None,
    ) -> SweepPlan:
        """Return a plan of ``tasks``, each of them once.

        Parameters
        ----------
        name
            Name of the plan.
        tasks
            The tasks; equal ones are kept once.
        limits
            Time and memory of a task; None for the usual ones.

        Raises
        ------
        InputError
            When there is no task, or a task has more time for its solver
            than it has itself.
        """
        limits = limits or Limits()
        unique = {
            (task.key, tuple(task.source.labels.items())): task
            for task in tasks
        }
        if not unique:
            raise InputError("has no tasks", where=name)
        for task in unique.values():
            given = task.parameters.get("time_limit", 0)
            if given >= limits.seconds:
                raise InputError(
                    f"must be above the solver's time_limit of {given:g}",
                    field="limits.seconds",
                    value=limits.seconds,
                )
        return cls(name, tuple(unique.values()), limits)
