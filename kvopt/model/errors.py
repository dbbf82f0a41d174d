"""Errors that a person can act on: place, field and value, in one line."""

from __future__ import annotations

from typing import Any

__all__ = ["InputError", "KvoptError", "PolicyError", "visible"]

_LONGEST_LINE = 4000
_LONGEST_PLACE = 300
_LONGEST_VALUE = 60


def visible(text: object, limit: int = _LONGEST_LINE) -> str:
    r"""Return a text so that a terminal shows it and does nothing else.

    Whoever prints what came out of a file prints it through this. Control
    characters, line breaks, marks that turn the direction of reading and
    lone surrogates become escapes such as ``\x1b`` and ``\u202e``.

    Parameters
    ----------
    text
        What is printed; ``str()`` of it is taken.
    limit
        Characters of ``text`` above which its end is left out; at least 4.
    """
    words = str(text)
    if len(words) > limit:
        words = words[: limit - 3] + "..."
    if words.isprintable():
        return words
    return "".join(c if c.isprintable() else _escaped(c) for c in words)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


class KvoptError(Exception):
    """Base class of every error that kvopt raises on purpose.

    Its text is :func:`visible`, whoever prints it.
    """

    def __str__(self) -> str:
        return visible(super().__str__())


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
        parts = [visible(where, _LONGEST_PLACE)] if where else []
        if field:
            place = visible(field, _LONGEST_PLACE)
            parts.append(f"{place} = {_short(value)}")
        parts.append(visible(problem))
        super().__init__(": ".join(parts))

    def at(self, where: str) -> InputError:
        """Return the same error, said of the file ``where``."""
        return type(self)(
            self.problem, field=self.field, value=self.value, where=where
        )


class PolicyError(KvoptError, RuntimeError):
    """A policy broke a rule of the model, or cannot make progress."""


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except (ValueError, RecursionError, MemoryError):
        # An integer of thousands of digits, or nesting without end.
        text = f"(a value of type {type(value).__name__})"
    return visible(text, _LONGEST_VALUE)
