"""The independent checker of lower bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kvopt.check.budget import Budget
from kvopt.check.documents import Problem, read_bound, read_instance
from kvopt.check.methods import METHODS
from kvopt.check.showing import ShownLines
from kvopt.model.errors import InputError

__all__ = ["BoundVerdict", "check_bound", "check_bound_of"]


@dataclass(frozen=True)
class BoundVerdict(ShownLines):
    """The checker's finding about a lower bound on the total latency.

    Parameters
    ----------
    method
        Name of the argument.
    value
        The bound as stated.
    derived
        The greatest bound that the checker derives by the same argument.
    """

    method: str
    value: int
    derived: int

    @property
    def ok(self) -> bool:
        """True when the stated bound is implied by the derived one."""
        return self.value <= self.derived

    def lines(self) -> list[str]:
        """Return the verdict for people."""
        if self.ok:
            return [
                f"valid: total latency >= {self.value} "
                f"({self.method}; the checker derives {self.derived})"
            ]
        return [
            f"REJECTED: {self.value} is {self.value - self.derived} more "
            f"than the {self.derived} that {self.method} proves"
        ]

    def document(self) -> dict[str, Any]:
        """Return the verdict as plain JSON values."""
        return {
            "ok": self.ok,
            "method": self.method,
            "value": self.value,
            "derived": self.derived,
        }


def check_bound(
    instance_document: Any, bound_document: Any, budget: int = 1
) -> BoundVerdict:
    """Check a ``kvopt-bound/1`` against its ``kvopt-instance/1``.

    Parameters
    ----------
    instance_document, bound_document
        The parsed JSON documents.
    budget
        Work that may be done: a multiple of the default, which is up to a
        minute and a gigabyte.

    Raises
    ------
    InputError
        When a document is malformed, the bound is for another instance, the
        checker does not know its method, or deriving it would take more than
        the budget, which is known and said before the work begins.
    """
    problem = read_instance(instance_document)
    return check_bound_of(bound_document, problem, Budget(budget))


def check_bound_of(
    bound_document: Any, problem: Problem, budget: Budget, where: str = ""
) -> BoundVerdict:
    """Check a bound of an instance that is already read.

    See :func:`check_bound`; ``where`` is the file that errors name.

    Parameters
    ----------
    bound_document
        The ``kvopt-bound/1`` document, as parsed JSON.
    problem
        The instance, as the checker has read it.
    budget
        What the check may still take; the work is charged to it before
        it is done.
    where
        File that errors name.
    """
    try:
        bound = read_bound(bound_document, problem)
        method = METHODS.get(bound.method)
        if method is None:
            known = ", ".join(sorted(METHODS))
            raise InputError(
                f"unknown method; the checker knows {known}",
                field="method",
                value=bound.method,
            )
        derived = method(problem, bound.data, budget)
    except InputError as error:
        raise error.at(where) from None
    return BoundVerdict(bound.method, bound.value, derived)
