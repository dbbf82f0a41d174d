"""Schemes: small programs that make an instance of any size.

A scheme is a recipe and a rule for each of its numbers, how it follows a
scale ``k``. What is found at ten requests can so be made with a thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple, assert_never

import numpy as np

from kvopt.adversary.search.moves import tied_volume
from kvopt.adversary.search.mutators import drawn
from kvopt.adversary.search.recipe import Block, Group, Recipe
from kvopt.model import InputError

__all__ = ["GroupRule", "MemoryRule", "Scheme", "changed_rules"]

# Powers of the scale are counted in halves; this is the square.
MOST_POWER = 4
_LARGEST = 10**9


class MemoryRule(IntEnum):
    """What the memory follows."""

    POWER = 0
    PEAKS = 1
    VOLUME = 2


class PromptRule(IntEnum):
    """What the prompt of a group follows."""

    CONSTANT = 0
    SCALE = 1
    VOLUME = 2
    FILL = 3


class GroupRule(NamedTuple):
    """How a group follows the scale.

    Parameters
    ----------
    copies
        Twice the power of the scale that the count grows with.
    grows
        1 if the output, and the arrival, are multiplied by the scale.
    prompt
        A :class:`PromptRule`: constant; multiplied; what gives the group the
        volume of another one; what fills the memory but for what the recipe
        leaves free.
    other
        Number of the other group.
    """

    copies: int = 2
    grows: int = 1
    prompt: int = PromptRule.SCALE
    other: int = 0


@dataclass(frozen=True)
class Scheme:
    """A recipe and how its numbers follow a scale; see :meth:`at`.

    Parameters
    ----------
    recipe
        What the scheme makes at scale 1, about.
    memory
        A :class:`MemoryRule`: a power of the scale; a multiple of the
        largest peak; or one of the volume of a group.
    power
        Twice the power, for the first of these.
    times
        The multiple, in hundredths, for the other two.
    group
        The group, for the last one.
    repeats
        Twice the power of the scale that repetitions grow with.
    rules
        A rule for each group of the recipe; the last one goes for all that
        have none.
    """

    recipe: Recipe
    memory: int = MemoryRule.POWER
    power: int = 2
    times: int = 100
    group: int = 0
    repeats: int = 2
    rules: tuple[GroupRule, ...] = (GroupRule(),)

    def at(self, scale: float) -> Recipe:
        """Return the recipe at a scale; lengths and counts are rounded."""
        groups = self.recipe.groups
        rules = [
            self.rules[min(g, len(self.rules) - 1)] for g in range(len(groups))
        ]
        grown = [
            _grown(group, rule, scale)
            for group, rule in zip(groups, rules, strict=True)
        ]
        for g, rule in enumerate(rules):
            if rule.prompt == PromptRule.VOLUME:
                other = grown[rule.other % len(grown)]
                grown[g] = tied_volume(grown[g], other) or grown[g]
        memory = self._memory(grown, rules, scale)
        for g, rule in enumerate(rules):
            if rule.prompt == PromptRule.FILL:
                old = groups[g]
                spare = self.recipe.memory - old.prompt - old.output
                prompt = max(0, memory - grown[g].output - max(0, spare))
                grown[g] = grown[g]._replace(prompt=prompt)
        blocks: list[Block] = []
        place = 0
        for block in self.recipe.blocks:
            size = len(block.groups)
            repeat = block.repeat
            if repeat > 1:
                repeat = _powered(repeat, self.repeats, scale)
            shift = round(block.shift * scale)
            mine = tuple(grown[place : place + size])
            blocks.append(Block(repeat, shift, mine))
            place += size
        return Recipe(memory, tuple(blocks))

    def _memory(
        self, grown: list[Group], rules: list[GroupRule], scale: float
    ) -> int:
        match MemoryRule(self.memory):
            case MemoryRule.POWER:
                return _powered(self.recipe.memory, self.power, scale)
            case MemoryRule.PEAKS:
                peaks = [
                    g.output
                    + (0 if rule.prompt == PromptRule.FILL else g.prompt)
                    for g, rule in zip(grown, rules, strict=True)
                ]
                return max(2, self.times * max(peaks) // 100)
            case MemoryRule.VOLUME:
                one = grown[self.group % len(grown)]
                s, o = one.prompt, one.output
                volume = s * o + o * (o + 1) // 2
                return max(2, min(_LARGEST, self.times * volume // 100))
            case _ as never:
                assert_never(never)

    def document(self) -> list[Any]:
        """Return the scheme as plain JSON values."""
        return [
            self.recipe.document(),
            int(self.memory),
            self.power,
            self.times,
            self.group,
            self.repeats,
            [[int(x) for x in rule] for rule in self.rules],
        ]

    @staticmethod
    def read(document: Any) -> Scheme:
        """Return the scheme of :meth:`document`.

        Raises
        ------
        InputError
            When it is none.
        """
        try:
            recipe, *numbers, rules = document
            memory, power, times, group, repeats = map(int, numbers)
            return Scheme(
                Recipe.read(recipe),
                MemoryRule(memory),
                power,
                times,
                group,
                repeats,
                tuple(GroupRule(*map(int, rule)) for rule in rules),
            )
        except (TypeError, ValueError):
            raise InputError(
                "is not a scheme", field="scheme", value=document
            ) from None

    def __str__(self) -> str:
        """Say the rules in a line."""
        match MemoryRule(self.memory):
            case MemoryRule.POWER:
                memory = f"M ~ k^{self.power / 2:g}"
            case MemoryRule.PEAKS:
                memory = f"M = {self.times / 100:g} x the largest peak"
            case MemoryRule.VOLUME:
                memory = (
                    f"M = {self.times / 100:g} x the volume of group "
                    f"{self.group % len(self.recipe.groups)}"
                )
            case _ as never:
                assert_never(never)
        parts = [memory]
        if any(block.repeat > 1 for block in self.recipe.blocks):
            parts.append(f"repetitions ~ k^{self.repeats / 2:g}")
        groups = len(self.recipe.groups)
        for g in range(groups):
            rule = self.rules[min(g, len(self.rules) - 1)]
            parts.append(f"group {g}: " + _words(rule, groups))
        return "; ".join(parts) + f"; at k = 1 {self.recipe}"


def changed_rules(scheme: Scheme, rng: np.random.Generator) -> Scheme:
    """Return the scheme with one of its rules drawn anew."""
    groups = len(scheme.recipe.groups)
    values = {
        "memory": MemoryRule(drawn(rng, 0, 2)),
        "power": drawn(rng, 0, MOST_POWER),
        "times": 100 * drawn(rng, 1, 3) + 50 * drawn(rng, 0, 1),
        "group": drawn(rng, 0, groups - 1),
        "repeats": drawn(rng, 0, MOST_POWER),
    }
    draw = rng.random()
    if draw < 0.3:
        # These three mean something together only.
        names = ["memory", "times", "group"]
        if rng.random() < 0.5:
            values["times"] = 100
    elif draw < 0.5:
        names = [("power", "repeats")[drawn(rng, 0, 1)]]
    else:
        rules = [
            scheme.rules[min(g, len(scheme.rules) - 1)] for g in range(groups)
        ]
        rules[drawn(rng, 0, groups - 1)] = GroupRule(
            copies=drawn(rng, 0, MOST_POWER),
            grows=drawn(rng, 0, 1),
            prompt=PromptRule(drawn(rng, 0, 3)),
            other=drawn(rng, 0, groups - 1),
        )
        return _with(scheme, {"rules": tuple(rules)})
    return _with(scheme, {name: values[name] for name in names})


def _with(scheme: Scheme, values: dict[str, Any]) -> Scheme:
    return Scheme(**{**vars(scheme), **values})


def _powered(value: int, halves: int, scale: float) -> int:
    if not value:
        return 0
    return max(1, min(_LARGEST, round(value * scale ** (halves / 2))))


def _grown(group: Group, rule: GroupRule, scale: float) -> Group:
    output, arrival, prompt = group.output, group.arrival, group.prompt
    if rule.grows:
        output = _powered(output, 2, scale)
        arrival = round(arrival * scale)
    if rule.prompt == PromptRule.SCALE:
        prompt = round(prompt * scale)
    guess = max(output, round(group.guess / group.output * output))
    count = _powered(group.copies, rule.copies, scale)
    return Group(count, arrival, prompt, output, guess)


def _words(rule: GroupRule, groups: int) -> str:
    match PromptRule(rule.prompt):
        case PromptRule.CONSTANT:
            prompt = "s constant"
        case PromptRule.SCALE:
            prompt = "s ~ k"
        case PromptRule.VOLUME:
            prompt = f"s for the volume of group {rule.other % groups}"
        case PromptRule.FILL:
            prompt = "s fills the memory"
        case _ as never:
            assert_never(never)
    output = "o ~ k" if rule.grows else "o constant"
    return f"count ~ k^{rule.copies / 2:g}, {prompt}, {output}"
