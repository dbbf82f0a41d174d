"""What the instances of a search must be, and making them so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from kvopt.adversary.search.recipe import Block, Group, Recipe, Told
from kvopt.model import InputError
from kvopt.model.instance import whole_number

__all__ = ["Conditions", "parse_conditions"]

MOST_REQUESTS = 20_000
MOST_MEMORY = 10**6

# Names for what theorems ask for.
_BUNDLES = {
    # P1, Theorem 4.3.
    "theorem-4.3": ("at-0", "equal-prompts", "peak<=1/2"),
}
_WORDS = (
    "at-0, arrivals<=A, equal-prompts, no-prompts, peak<=P/Q, lengths<=K, "
    "points<=F, own-intervals, theorem-4.3"
)


@dataclass(frozen=True)
class Conditions:
    """Conditions on the instances of a search; limits are inclusive.

    Parameters
    ----------
    requests
        Most requests ``n``, at least 1.
    memory
        Largest capacity ``M``, in units.
    latest_arrival
        Last round in which a request may arrive; 0 for all at 0.
    equal_prompts
        Whether all prompts of an instance are equal.
    no_prompts
        Whether all prompts are 0.
    peak
        No peak ``s + o`` is above this share of ``M``.
    lengths
        Most different output lengths; None for any number.
    over
        Guesses are between the length and this many times the length.
    intervals
        What policies that are told intervals are told, see
        :class:`kvopt.adversary.search.recipe.Told`.
    """

    requests: int = 200
    memory: int = 400
    latest_arrival: int = 0
    equal_prompts: bool = False
    no_prompts: bool = False
    peak: Fraction = Fraction(1)
    lengths: int | None = None
    over: Fraction = Fraction(1)
    intervals: Literal["common", "own"] = "common"

    def __post_init__(self) -> None:
        whole_number(self.requests, "requests", 1, MOST_REQUESTS)
        whole_number(self.memory, "memory", 2, MOST_MEMORY)
        whole_number(self.latest_arrival, "latest_arrival", 0, MOST_MEMORY)
        if not 0 < self.peak <= 1:
            raise InputError(
                "must be above 0 and at most 1",
                field="peak",
                value=str(self.peak),
            )
        if self.over < 1:
            raise InputError(
                "must be at least 1", field="points", value=str(self.over)
            )
        if self.peak * self.memory < 1:
            raise InputError(
                f"leaves no room for one token in a memory of {self.memory}",
                field="peak",
                value=str(self.peak),
            )

    def told(self, points: bool, intervals: bool) -> Told:
        """Return what a policy is told that needs points or intervals."""
        return Told(points, self.intervals if intervals else "none")

    def fit(self, recipe: Recipe) -> Recipe:
        """Return the recipe nearest by that keeps the conditions.

        Numbers are clipped to what is allowed, the memory first. A recipe
        that keeps them is returned in its canonical form, else unchanged.

        Parameters
        ----------
        recipe
            Any recipe with a request.
        """
        top, bottom = self.peak.numerator, self.peak.denominator
        # The least memory in which a peak of 1 is allowed, at least.
        memory = min(max(recipe.memory, -(-bottom // top)), self.memory)
        groups = self._fit_groups(recipe.groups, top * memory // bottom)
        blocks: list[Block] = []
        size = max(recipe.requests, self.requests)
        left = self.requests
        place = 0
        for block in recipe.blocks:
            mine = groups[place : place + len(block.groups)]
            place += len(block.groups)
            fitted = self._fit_block(block, mine, left, size)
            if fitted is not None:
                blocks.append(fitted)
                left -= fitted.requests
        if not blocks:
            blocks = [Block(1, 0, (groups[0]._replace(copies=1),))]
        return Recipe(memory, tuple(blocks)).canonical()

    def _fit_groups(self, groups: list[Group], room: int) -> list[Group]:
        """Return the groups with lengths that are allowed."""
        shared = 0 if self.no_prompts else max(groups[0].prompt, 0)
        allowed: list[int] = []
        prompts, outputs = [], []
        for group in groups:
            output = min(max(group.output, 1), room)
            if self.lengths is not None and output not in allowed:
                if len(allowed) < self.lengths:
                    allowed.append(output)
                else:
                    output = _nearest(output, allowed)
            prompt = 0 if self.no_prompts else max(group.prompt, 0)
            prompt = shared if self.equal_prompts else prompt
            prompts.append(min(prompt, room - output))
            outputs.append(output)
        if self.equal_prompts:
            # The longest output has left the least room.
            prompts = [min(prompts)] * len(groups)
        top, bottom = self.over.numerator, self.over.denominator
        # Built whole, as a copy with changes takes several times as long,
        # and there are hundreds of groups.
        return [
            Group(
                copies,
                arrival,
                prompt,
                output,
                min(max(guess, output), top * output // bottom),
            )
            for (copies, arrival, _, _, guess), prompt, output in zip(
                groups, prompts, outputs, strict=True
            )
        ]

    def _fit_block(
        self, block: Block, groups: list[Group], left: int, size: int
    ) -> Block | None:
        """Return the block's share of the requests, as far as any are left.

        ``size`` is the number of requests of all blocks, or the most that
        there may be if that is more.
        """
        latest = self.latest_arrival
        kept: list[Group] = []
        fitted = 0
        repeat = max(block.repeat * self.requests // size, 1)
        for group in groups:
            copies = group.copies
            if block.repeat <= 1:
                copies = max(copies * self.requests // size, min(copies, 1))
            copies = min(copies, left - fitted)
            if copies > 0:
                arrival = min(max(group.arrival, 0), latest)
                if copies != group.copies or arrival != group.arrival:
                    group = group._replace(copies=copies, arrival=arrival)
                kept.append(group)
                fitted += copies
        if not kept:
            return None
        repeat = min(repeat, left // fitted)
        room = latest - max(group.arrival for group in kept)
        shift = max(block.shift, 0)
        if repeat > 1:
            shift = min(shift, room // (repeat - 1))
        return Block(repeat, shift, tuple(kept))


def _nearest(output: int, allowed: list[int]) -> int:
    """Return the allowed length nearest by, the shorter of two."""
    return min(allowed, key=lambda length: (abs(length - output), length))


def parse_conditions(
    text: str, requests: int = 200, memory: int = 400
) -> Conditions:
    """Return the conditions that a text names.

    Parameters
    ----------
    text
        Names, separated by commas: ``"at-0,equal-prompts,peak<=1/2"``. Empty
        for none but the sizes.
    requests, memory
        Most requests, and the largest memory.

    Raises
    ------
    InputError
        For an unknown condition, and for two that contradict each other.
    """
    items = [item.strip() for item in text.split(",") if item.strip()]
    names = [part for item in items for part in _BUNDLES.get(item, (item,))]
    said: dict[str, str] = {}
    found = Conditions(requests, memory)
    for name in names:
        word, sign, value = name.partition("<=")
        kind = "arrivals" if word == "at-0" else word
        if said.get(kind, name) != name:
            raise InputError(
                f"contradicts {said[kind]}", field="conditions", value=name
            )
        said[kind] = name
        found = _with(found, word, value if sign else None, name)
    return found


def _with(
    found: Conditions, word: str, value: str | None, name: str
) -> Conditions:
    match word, value:
        case "at-0", None:
            return replace(found, latest_arrival=0)
        case "equal-prompts", None:
            return replace(found, equal_prompts=True)
        case "no-prompts", None:
            return replace(found, no_prompts=True)
        case "own-intervals", None:
            return replace(found, intervals="own")
        case "arrivals", str():
            return replace(found, latest_arrival=_integer(value, name))
        case "lengths", str():
            most = whole_number(_integer(value, name), "lengths", 1, 1000)
            return replace(found, lengths=most)
        case "peak", str():
            return replace(found, peak=_fraction(value, name))
        case "points", str():
            return replace(found, over=_fraction(value, name))
        case _:
            raise InputError(
                f"unknown; known are {_WORDS}", field="conditions", value=name
            )


def _integer(text: str, name: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InputError(
            "must end with a whole number", field="conditions", value=name
        ) from None


def _fraction(text: str, name: str) -> Fraction:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise InputError(
            "must end with a number such as 1/2 or 0.25",
            field="conditions",
            value=name,
        ) from None
