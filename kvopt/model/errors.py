"""Errors that a person can act on: place, field and value, in one line."""

from __future__ import annotations

from typing import Any

__all__ = ["InputError", "KvoptError", "PolicyError"]


class KvoptError(Exception):
    """Base class of every error that kvopt raises on purpose."""


class InputError(KvoptError, ValueError):
    """Input that does not mean anything: one line with place, field and value.

    Parameters
    ----------
    problem
        What is wrong, in words: ``"must be a non-negative integer"``.
    field
        Name of the field, such as ``"requests[3].prompt"``; empty when the
        whole input is at fault.
    value
        The offending value. Only shown when ``field`` is given.
    where
        File name (or object) in which the field was found.
    """

    def __init__(
        self,
        problem: str,
        *,
        field: str = "",
        value: Any = None,
        where: str = "",
    ) -> None:
        self.problem = problem
        self.field = field
        self.value = value
        self.where = where
        parts = [where] if where else []
        if field:
            parts.append(f"{field} = {_short(value)}")
        parts.append(problem)
        super().__init__(": ".join(parts))

    def at(self, where: str) -> InputError:
        """Return the same error, said of the file ``where``."""
        return InputError(
            self.problem, field=self.field, value=self.value, where=where
        )


class PolicyError(KvoptError, RuntimeError):
    """A policy broke a rule of the model, or cannot make progress."""


def _short(value: Any, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."
