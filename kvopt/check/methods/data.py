"""What the methods ask of a certificate's ``data``."""

from __future__ import annotations

from typing import Any

from kvopt.check.budget import Budget
from kvopt.check.documents import Problem
from kvopt.model.errors import InputError

__all__ = ["no_data"]


def no_data(problem: Problem, data: dict[str, Any], budget: Budget) -> None:
    """Refuse data where the instance alone proves the bound.

    Data that nobody reads would suggest that it was checked. The work is
    that of sorting the requests.

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
    n = len(problem.tasks)
    budget.require(50 * n, 200 * n, f"{n:,} requests")
    for key in data:
        raise InputError(
            "this method needs no data", field=f"data.{key}", value=data[key]
        )
