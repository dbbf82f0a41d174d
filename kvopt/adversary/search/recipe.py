"""Instances written briefly: types of requests with multiplicities.

A recipe is what the search changes. Hundreds of requests are a few groups,
so that one change of a number is a change of them all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from kvopt.model import InputError, Instance, Predictions
from kvopt.model.instance import whole_number

__all__ = ["Block", "Group", "Recipe", "Told"]

# A number of a saved recipe above this one is no recipe's.
_MOST = 10**12


class Group(NamedTuple):
    """Equal requests that are listed one after the other.

    Parameters
    ----------
    copies
        How many there are.
    arrival
        Arrival round within the block.
    prompt, output
        Lengths ``s`` and ``o``, in tokens.
    guess
        The length that is predicted for them, in tokens.
    """

    copies: int
    arrival: int
    prompt: int
    output: int
    guess: int


class Block(NamedTuple):
    """Groups that are listed again and again.

    Parameters
    ----------
    repeat
        How often.
    shift
        Rounds by which each repetition arrives later than the one before.
    groups
        The groups, in the order that decides ties.
    """

    repeat: int
    shift: int
    groups: tuple[Group, ...]

    @property
    def requests(self) -> int:
        """Number of requests."""
        return self.repeat * sum(group.copies for group in self.groups)


class Told(NamedTuple):
    """What a policy is to be told of the lengths of a recipe.

    Parameters
    ----------
    points
        Whether the guesses are point predictions.
    intervals
        ``"none"``; ``"common"``, the narrowest interval that holds all
        lengths and guesses; or ``"own"``, for each request the one between
        its length and its guess.
    """

    points: bool = False
    intervals: str = "none"


NOTHING = Told()


@dataclass(frozen=True)
class Recipe:
    """A memory and blocks of groups of requests.

    Parameters
    ----------
    memory
        Capacity ``M``, in units.
    blocks
        The blocks, in the order that decides ties.
    """

    memory: int
    blocks: tuple[Block, ...]

    @property
    def requests(self) -> int:
        """Number of requests ``n``."""
        return sum(block.requests for block in self.blocks)

    @property
    def groups(self) -> list[Group]:
        """All groups, block after block."""
        return [group for block in self.blocks for group in block.groups]

    @property
    def peak(self) -> int:
        """The largest peak ``s + o``."""
        return max(group.prompt + group.output for group in self.groups)

    def canonical(self) -> Recipe:
        """Return the recipe that stands for all that mean the same.

        Empty groups and blocks are gone, neighbours that are equal are one,
        a block of one repetition or of one group without a shift is plain,
        and the first request arrives at 0.
        """
        blocks: list[Block] = []
        for block in self.blocks:
            plain = _plain(block)
            if not plain.groups or not plain.repeat:
                continue
            last = blocks[-1] if blocks else None
            if last is not None and last.repeat == plain.repeat == 1:
                joined = _joined(last.groups + plain.groups)
                blocks[-1] = Block(1, 0, joined)
            else:
                blocks.append(plain)
        first = min(
            (g.arrival for b in blocks for g in b.groups),
            default=0,
        )
        if first == 0:
            return Recipe(self.memory, tuple(blocks))
        return Recipe(
            self.memory,
            tuple(
                block._replace(
                    groups=tuple(
                        group._replace(arrival=group.arrival - first)
                        for group in block.groups
                    )
                )
                for block in blocks
            ),
        )

    def instance(self, told: Told = NOTHING) -> Instance:
        """Return the instance.

        Parameters
        ----------
        told
            What policies are told of the lengths.

        Raises
        ------
        InputError
            When a request does not fit or there is none.
        """
        rows = np.array(list(self._rows()), np.int64).reshape(-1, 5)
        counts, numbers = rows[:, 0], rows[:, 1:]
        table = np.repeat(numbers, counts, axis=0)
        if table[:, 0].any():
            table = table[np.argsort(table[:, 0], kind="stable")]
        arrival, prompt, output, guess = table.T
        return Instance(
            self.memory,
            arrival,
            prompt,
            output,
            _predictions(output, guess, told),
        )

    def _rows(self) -> Iterator[tuple[int, ...]]:
        for block in self.blocks:
            for turn in range(block.repeat):
                later = turn * block.shift
                for group in block.groups:
                    yield (group.copies, group.arrival + later, *group[2:])

    def document(self) -> list[Any]:
        """Return the recipe as plain JSON values."""
        return [
            self.memory,
            [[b.repeat, b.shift, [list(g) for g in b.groups]]
             for b in self.blocks],
        ]  # fmt: skip

    @staticmethod
    def read(document: Any) -> Recipe:
        """Return the recipe of :meth:`document`.

        Raises
        ------
        InputError
            When it is none.
        """
        try:
            memory, blocks = document
            return Recipe(
                _number(memory),
                tuple(
                    Block(
                        _number(repeat),
                        _number(shift),
                        tuple(Group(*map(_number, row)) for row in rows),
                    )
                    for repeat, shift, rows in blocks
                ),
            )
        except (TypeError, ValueError):
            raise InputError(
                "is not a recipe", field="recipe", value=json.dumps(document)
            ) from None

    def __str__(self) -> str:
        """Say memory and groups in a line: ``M=9: 7 x (s=1, o=3)``."""
        parts = []
        for block in self.blocks:
            text = ", ".join(_words(group) for group in block.groups)
            if block.repeat > 1:
                later = f", each {block.shift} later" * (block.shift > 0)
                text = f"{block.repeat} times [{text}]{later}"
            parts.append(text)
        return f"M={self.memory}: " + "; ".join(parts)


def _words(group: Group) -> str:
    arrival = f"a={group.arrival}, " if group.arrival else ""
    text = f"({arrival}s={group.prompt}, o={group.output}"
    if group.guess != group.output:
        text += f", guess {group.guess}"
    return f"{group.copies} x {text})"


def _number(value: Any) -> int:
    return whole_number(value, "recipe", 0, _MOST)


def _plain(block: Block) -> Block:
    groups = _joined(block.groups)
    if block.repeat == 1:
        return Block(1, 0, groups)
    if len(groups) == 1 and block.shift == 0:
        whole = groups[0]._replace(copies=groups[0].copies * block.repeat)
        return Block(1, 0, (whole,))
    return block._replace(groups=groups)


def _joined(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """Return the groups without empty ones, equal neighbours as one."""
    found: list[Group] = []
    for group in groups:
        if not group.copies:
            continue
        if found and found[-1][1:] == group[1:]:
            count = found[-1].copies + group.copies
            found[-1] = group._replace(copies=count)
        else:
            found.append(group)
    return tuple(found)


def _predictions(
    output: np.ndarray, guess: np.ndarray, told: Told
) -> Predictions | None:
    low, high = np.minimum(output, guess), np.maximum(output, guess)
    match told.intervals:
        case "none":
            lower = upper = None
        case "common":
            lower = np.full_like(low, low.min())
            upper = np.full_like(high, high.max())
        case "own":
            lower, upper = low, high
        case _:
            raise InputError(
                "must be none, common or own",
                field="intervals",
                value=told.intervals,
            )
    point = guess if told.points else None
    if lower is None and point is None:
        return None
    return Predictions(lower, upper, point)
