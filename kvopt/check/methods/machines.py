"""The machine bound: only so many requests can run in one round."""

from __future__ import annotations

from typing import Any

from kvopt.check.budget import Budget
from kvopt.check.documents import Problem
from kvopt.check.methods.data import no_data

__all__ = ["machines"]


def machines(problem: Problem, data: dict[str, Any], budget: Budget) -> int:
    """Return the least ``sum(C_i - a_i)`` on ``k`` identical machines.

    Parameters
    ----------
    problem
        The instance, as the checker has read it.
    data
        What the certificate gives beside the instance.
    budget
        What the check may still take; the work is charged to it before
        it is done.

    Notes
    -----
    Each running request holds ``s_i + 1`` or more, so at most ``k`` run in a
    round, where ``k`` is the greatest number of requests whose ``s_i + 1``
    fit into the memory together. Shortest first is optimal on ``k`` machines
    when release dates are left out, which only lowers ``sum(C_i)``.
    """
    no_data(problem, data, budget)
    used = 0
    free = []
    for least in sorted(task.prompt + 1 for task in problem.tasks):
        used += least
        if used > problem.memory:
            break
        free.append(0)
    total = 0
    machine = 0
    for output in sorted(task.output for task in problem.tasks):
        free[machine] += output
        total += free[machine]
        machine = (machine + 1) % len(free)
    return total - sum(task.arrival for task in problem.tasks)
