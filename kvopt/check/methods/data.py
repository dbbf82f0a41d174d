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
    """
    n = len(problem.tasks)
    budget.require(50 * n, 200 * n, f"{n:,} requests")
    for key in data:
        raise InputError(
            "this method needs no data", field=f"data.{key}", value=data[key]
        )
