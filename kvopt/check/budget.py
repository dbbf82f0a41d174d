"""How much work a checker may do, counted before it is begun."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from kvopt.model.errors import InputError

__all__ = ["Budget", "Meter", "TooLarge"]

_STEPS = 300_000_000
_BYTES = 600_000_000
_SECONDS_A_STEP = 1e-7


class TooLarge(InputError):
    """Work beyond the budget; the message says which budget would do."""


@dataclass(frozen=True)
class Budget:
    """Work that a checker may do.

    Parameters
    ----------
    factor
        Multiple of the default, which is 3*10^8 steps of about 0.1
        microseconds, half a minute, and 0.6 GB; at least 1.

    Raises
    ------
    InputError
        When ``factor`` is no integer, or less than 1.
    """

    factor: int = 1

    def __post_init__(self) -> None:
        whole = isinstance(self.factor, int)
        if not whole or isinstance(self.factor, bool) or self.factor < 1:
            raise InputError(
                "must be an integer, at least 1",
                field="budget",
                value=self.factor,
            )

    @property
    def steps(self) -> int:
        """Steps that may be done."""
        return self.factor * _STEPS

    @property
    def bytes(self) -> int:
        """Bytes that may be in use at any time."""
        return self.factor * _BYTES

    def require(
        self,
        steps: int,
        memory: int,
        what: str,
        field: str = "",
        value: object = None,
    ) -> None:
        """Refuse work beyond the budget, and say which would do.

        Parameters
        ----------
        steps
            Upper bound on the steps of the work.
        memory
            Upper bound on the bytes that it needs.
        what
            What makes it large, in words.
        field, value
            The field of the document that makes it large, if it is one.

        Raises
        ------
        TooLarge
            When either is beyond the budget.
        """
        if steps <= self.steps and memory <= self.bytes:
            return
        needed = max(ceil(steps / _STEPS), ceil(memory / _BYTES))
        seconds = steps * _SECONDS_A_STEP
        raise TooLarge(
            f"too large to check within the budget of {self.factor}: {what}, "
            f"up to {seconds:,.0f} s and {memory / 1e9:,.1f} GB; a budget of "
            f"{needed} allows it",
            field=field,
            value=value,
        )


class Meter:
    """Counts work that shows only while it is done, and stops it in time.

    Parameters
    ----------
    budget
        What may be done in all.
    what
        What takes the work, in words.
    """

    def __init__(self, budget: Budget, what: str) -> None:
        self._budget = budget
        self._what = what
        self._steps = budget.steps
        self._bytes = budget.bytes

    def spend(self, steps: int, memory: int = 0) -> None:
        """Note work that is about to be done.

        Parameters
        ----------
        steps
            Its steps, of about 0.1 microseconds.
        memory
            Bytes that it needs; less than 0 for what is given back.

        Raises
        ------
        TooLarge
            When the budget does not allow it.
        """
        self._steps -= steps
        self._bytes -= memory
        if self._steps < 0 or self._bytes < 0:
            most = self._budget
            raise TooLarge(
                f"too large to check within the budget of {most.factor}: "
                f"{self._what} takes more than "
                f"{most.steps * _SECONDS_A_STEP:,.0f} s or "
                f"{most.bytes / 1e9:,.1f} GB; a budget of "
                f"{2 * most.factor} allows twice that"
            )
