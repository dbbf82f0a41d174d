"""What a server does beyond the papers' model: blocks, chunks, restarts."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

import numpy as np

from kvopt.model.errors import InputError
from kvopt.model.instance import MAX_SIZE, Instance, whole_number

__all__ = [
    "PLAIN",
    "Restart",
    "ServingRules",
    "parse_serving",
    "serving_from_document",
    "serving_spec",
]

Restart = Literal["discard", "recompute"]


@dataclass(frozen=True)
class ServingRules:
    """How a server hands out memory, computes prompts and restarts.

    The defaults are the model of the papers P1 to P4; docs/serving.md has
    the rules in full.

    Parameters
    ----------
    block
        ``B``, in tokens: memory is handed out in whole blocks.
    budget
        Tokens that an iteration computes at most, those that running
        requests make first: prompts are then computed in chunks (Agrawal et
        al., arXiv 2403.02310, Sarathi-Serve). None: a prompt takes one
        iteration.
    restart
        What becomes of the tokens of a cancelled run: ``"discard"``, or
        ``"recompute"``, as in vLLM: they are kept as text and computed as a
        part of the prompt when the request starts again.

    Raises
    ------
    InputError
        For a block or budget below 1, or an unknown restart.
    """

    block: int = 1
    budget: int | None = None
    restart: Restart = "discard"

    def __post_init__(self) -> None:
        whole_number(self.block, "serving.block", 1, MAX_SIZE)
        if self.budget is not None:
            whole_number(self.budget, "serving.budget", 1, MAX_SIZE)
        if self.restart not in get_args(Restart):
            raise InputError(
                f"must be one of {', '.join(get_args(Restart))}",
                field="serving.restart",
                value=self.restart,
            )

    @property
    def plain(self) -> bool:
        """Whether these are the rules of the papers."""
        return self == PLAIN

    @property
    def keeps(self) -> bool:
        """Whether the tokens of a cancelled run are kept as text."""
        return self.restart == "recompute"

    def held(self, tokens: int) -> int:
        """Return the units handed out for so many tokens."""
        return -(-tokens // self.block) * self.block

    def capacity(self, memory: int) -> int:
        """Return the units of a memory that are in whole blocks."""
        return memory // self.block * self.block

    def check(self, instance: Instance) -> None:
        """Raise InputError unless every request can be served alone.

        Parameters
        ----------
        instance
            The instance, in tokens.
        """
        if self.block > instance.memory:
            raise InputError(
                f"is larger than the memory, {instance.memory}",
                field="serving.block",
                value=self.block,
            )
        capacity = self.capacity(instance.memory)
        wrong = np.flatnonzero(instance.prompt + instance.output > capacity)
        if wrong.size:
            i = int(wrong[0])
            raise InputError(
                f"is more than the {capacity} units that are in whole blocks "
                f"of {self.block}",
                field=f"requests[{i}].prompt + output",
                value=int(instance.prompt[i] + instance.output[i]),
                where=instance.name,
            )

    def document(self) -> dict[str, Any]:
        """Return the rules as plain JSON values, for schedules."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


PLAIN = ServingRules()


def parse_serving(text: str) -> ServingRules:
    """Return the rules that a text names.

    Parameters
    ----------
    text
        Such as ``block=16,budget=512,restart=recompute``; what is not named
        is as in the papers, and so is all of ``""`` and ``"plain"``.

    Raises
    ------
    InputError
        For an unknown name, or a value that it cannot have.
    """
    values: dict[str, Any] = {}
    known = [f.name for f in fields(ServingRules)]
    for item in filter(None, ("" if text == "plain" else text).split(",")):
        key, _, value = item.partition("=")
        if key not in known:
            raise InputError(
                f"unknown rule; known are {', '.join(known)}",
                field=f"serving.{key}",
                value=value,
            )
        if key == "restart":
            values[key] = value
            continue
        try:
            values[key] = int(value)
        except ValueError:
            raise InputError(
                "must be an integer", field=f"serving.{key}", value=value
            ) from None
    return ServingRules(**values)


def serving_spec(rules: ServingRules) -> str:
    """Return the text that :func:`parse_serving` reads back."""
    given = [
        f"{f.name}={getattr(rules, f.name)}"
        for f in fields(rules)
        if getattr(rules, f.name) != f.default
    ]
    return ",".join(given) or "plain"


def serving_from_document(row: Any) -> ServingRules:
    """Read the ``serving`` of a ``kvopt-schedule/1`` document.

    Parameters
    ----------
    row
        What was parsed.

    Raises
    ------
    InputError
        For a missing or unknown field, or a value that it cannot have.
    """
    if not isinstance(row, dict):
        raise InputError("must be an object", field="serving", value=row)
    names = [f.name for f in fields(ServingRules)]
    for key in row:
        if key not in names:
            raise InputError(
                "unknown field", field=f"serving.{key}", value=row[key]
            )
    for key in names:
        if key not in row:
            raise InputError("missing", field=f"serving.{key}", value=None)
    return ServingRules(**row)
