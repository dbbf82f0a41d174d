"""The trivial bound: every request runs for its output length."""

from __future__ import annotations

from typing import Any

from kvopt.check.budget import Budget
from kvopt.check.documents import Problem
from kvopt.check.methods.data import no_data

__all__ = ["trivial"]


def trivial(problem: Problem, data: dict[str, Any], budget: Budget) -> int:
    """Return ``sum(o_i)``: a request is latent at least while it runs.

    Parameters
    ----------
    problem
        The instance, as the checker has read it.
    data
        What the certificate gives beside the instance.
    budget
        What the check may still take; the work is charged to it before
        it is done.
    """
    no_data(problem, data, budget)
    return sum(task.output for task in problem.tasks)
