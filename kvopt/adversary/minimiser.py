"""Shrinking a bad instance: what is left out does not matter to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kvopt.adversary.search.budget import Stopping
from kvopt.adversary.search.objective import PolicyRatio, Score
from kvopt.adversary.search.recipe import Block, Group, Recipe
from kvopt.model import PolicyError

__all__ = ["Shrunk", "minimise"]

# What each number of a group may not be below.
_LEAST = Group(copies=1, arrival=0, prompt=0, output=1, guess=1)


@dataclass(frozen=True)
class Shrunk:
    """What shrinking ended with.

    Parameters
    ----------
    recipe, score
        The smaller candidate and its costs.
    tried, taken
        Steps that were tried, and taken.
    minimal
        Whether every single step more was tried in vain: the result is a
        local minimum. It need not be the smallest instance.
    """

    recipe: Recipe
    score: Score
    tried: int
    taken: int
    minimal: bool


def minimise(
    recipe: Recipe,
    score: Score,
    objective: PolicyRatio,
    stopping: Stopping,
    keep: float = 1.0,
    checkpoint: Callable[[], None] = lambda: None,
) -> Shrunk:
    """Return a smaller candidate on which the policy is no better.

    Blocks and groups are dropped; groups are given the lengths of others;
    all sizes, and then each number, are halved and lowered by one. A step is
    taken if the ratio stays high enough, and a proved reference proved. Each
    step lowers the number of groups, or keeps it and lowers the sum of all
    numbers, so there is an end.

    Parameters
    ----------
    recipe, score
        What to shrink, and its costs.
    objective
        The ratio, and the conditions that are kept.
    stopping
        When to give up before it is a local minimum.
    keep
        Share of the ratio that has to be kept.
    checkpoint
        Called before each step; it may raise to stop.
    """
    least = keep * score.ratio
    tried = taken = 0
    began = time.process_time()
    while True:
        for smaller in _smaller(recipe, objective):
            checkpoint()
            if stopping.share(tried, time.process_time() - began) >= 1:
                return Shrunk(recipe, score, tried, taken, False)
            tried += 1
            try:
                found = objective.score(smaller, least)
            except PolicyError:
                continue
            if found is not None and found.proved >= score.proved:
                recipe, score = smaller, found
                taken += 1
                break
        else:
            return Shrunk(recipe, score, tried, taken, True)


def _smaller(recipe: Recipe, objective: PolicyRatio) -> Iterator[Recipe]:
    """Yield what is one step smaller and keeps the conditions, once each."""
    seen = {recipe}
    for changed in _changed(recipe):
        if not changed.requests:
            continue
        fitted = objective.conditions.fit(changed)
        if fitted not in seen and _size(fitted) < _size(recipe):
            seen.add(fitted)
            yield fitted


def _size(recipe: Recipe) -> tuple[int, int]:
    """Return number of groups, and sum of all numbers."""
    total = recipe.memory
    for block in recipe.blocks:
        total += block.repeat + block.shift
        total += sum(sum(group) for group in block.groups)
    return len(recipe.groups), total


def _changed(recipe: Recipe) -> Iterator[Recipe]:
    """Yield one step after the other, big ones first."""
    memory, blocks = recipe.memory, recipe.blocks
    for b in range(len(blocks)):
        yield Recipe(memory, blocks[:b] + blocks[b + 1 :])
    places = [
        (b, g) for b, block in enumerate(blocks) for g in range(len(block[2]))
    ]
    for b, g in places:
        groups = blocks[b].groups
        yield _put(recipe, b, groups[:g] + groups[g + 1 :])
    for b, g in places:
        for other in recipe.groups:
            group = blocks[b].groups[g]
            for fields in (("prompt", "output"), ("output",), ("prompt",)):
                given = {name: getattr(other, name) for name in fields}
                yield _put_group(recipe, b, g, group._replace(**given))
    yield _halved(recipe)
    for lower in (lambda x: x // 2, lambda x: x - 1):
        for b, block in enumerate(blocks):
            repeat, shift = lower(block.repeat), lower(block.shift)
            if repeat >= 1:
                turns = Block(repeat, block.shift, block.groups)
                yield Recipe(memory, (*blocks[:b], turns, *blocks[b + 1 :]))
            if shift >= 0:
                turns = Block(block.repeat, shift, block.groups)
                yield Recipe(memory, (*blocks[:b], turns, *blocks[b + 1 :]))
        for b, g in places:
            group = blocks[b].groups[g]
            for name, value in group._asdict().items():
                if lower(value) >= getattr(_LEAST, name):
                    less = group._replace(**{name: lower(value)})
                    yield _put_group(recipe, b, g, less)
        if lower(memory) >= recipe.peak:
            yield Recipe(lower(memory), blocks)


def _halved(recipe: Recipe) -> Recipe:
    """Return the recipe with the memory and all lengths halved."""
    blocks = tuple(
        block._replace(
            groups=tuple(
                group._replace(
                    prompt=group.prompt // 2,
                    output=max(1, group.output // 2),
                    guess=max(1, group.guess // 2),
                )
                for group in block.groups
            )
        )
        for block in recipe.blocks
    )
    return Recipe(max(2, recipe.memory // 2), blocks)


def _put(recipe: Recipe, b: int, groups: tuple[Group, ...]) -> Recipe:
    block = recipe.blocks[b]._replace(groups=groups)
    blocks = (*recipe.blocks[:b], block, *recipe.blocks[b + 1 :])
    return Recipe(recipe.memory, blocks)


def _put_group(recipe: Recipe, b: int, g: int, group: Group) -> Recipe:
    groups = recipe.blocks[b].groups
    return _put(recipe, b, (*groups[:g], group, *groups[g + 1 :]))
