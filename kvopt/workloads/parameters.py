"""Parameters of generators: how each kind is read from text and shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kvopt.model import InputError, Instance

__all__ = [
    "FLAG",
    "INTEGER",
    "INTEGERS",
    "NUMBER",
    "OPEN_RANGE",
    "RANGE",
    "REAL_RANGE",
    "TEXT",
    "Generator",
    "Parameter",
    "ParameterKind",
]


@dataclass(frozen=True)
class ParameterKind:
    """A kind of parameter.

    Parameters
    ----------
    name
        What a value must be, in words: ``"an integer"``.
    read
        Turns text into a value, or raises ValueError.
    show
        Turns a value into text that ``read`` understands.
    """

    name: str
    read: Callable[[str], Any]
    show: Callable[[Any], str] = str


@dataclass(frozen=True)
class Parameter:
    """A named parameter of a generator.

    Parameters
    ----------
    name, kind
        The name, and the kind of its values.
    default
        Value when it is left out; None says that ``help`` tells what happens
        then.
    help
        Meaning and unit, in a few words.
    """

    name: str
    kind: ParameterKind
    default: Any
    help: str

    @property
    def shown_default(self) -> str:
        """The default as text; empty when there is none."""
        return "" if self.default is None else self.kind.show(self.default)

    def read(self, text: str, where: str) -> Any:
        """Read a value, or raise an InputError that names the parameter."""
        try:
            return self.kind.read(text)
        except ValueError:
            raise InputError(
                f"must be {self.kind.name}",
                field=self.name,
                value=text,
                where=where,
            ) from None


@dataclass(frozen=True)
class Generator:
    """A named way to make an instance.

    Parameters
    ----------
    name
        Name on the command line.
    summary
        What it makes, in one line.
    source
        Where it is described.
    parameters
        Everything that can be set.
    build
        Makes the instance from a random generator and a value for each
        parameter.
    """

    name: str
    summary: str
    source: str
    parameters: tuple[Parameter, ...]
    build: Callable[[np.random.Generator, dict[str, Any]], Instance]


def _split(text: str) -> tuple[str, str]:
    """``"3..7"`` to its two ends; ``"5"`` is ``"5..5"``."""
    low, dots, high = text.partition("..")
    return (low, high) if dots else (text, text)


def _range(text: str) -> tuple[int, int]:
    low, high = _split(text)
    return int(low), int(high)


def _open_range(text: str) -> tuple[int, int | None]:
    low, high = _split(text)
    return int(low), int(high) if high else None


def _real_range(text: str) -> tuple[float, float]:
    low, high = _split(text)
    return float(low), float(high)


def _integers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def _flag(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError
    return text == "yes"


def _show_range(ends: tuple[Any, Any]) -> str:
    low, high = ends
    return f"{low}.." if high is None else f"{low}..{high}"


INTEGER = ParameterKind("an integer", int)
NUMBER = ParameterKind("a number", float)
TEXT = ParameterKind("text", str)
FLAG = ParameterKind("yes or no", _flag, lambda flag: "yes" if flag else "no")
RANGE = ParameterKind("a range such as 3..7 or 5", _range, _show_range)
OPEN_RANGE = ParameterKind(
    "a range such as 3..7, 3.. or 5", _open_range, _show_range
)
REAL_RANGE = ParameterKind(
    "a range such as 0.5..1.5 or 1", _real_range, _show_range
)
INTEGERS = ParameterKind(
    "integers such as 6,6,8",
    _integers,
    lambda numbers: ",".join(map(str, numbers)),
)
