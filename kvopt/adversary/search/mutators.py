"""Elementary changes of a recipe, and drawing one at random.

A mutator is a function ``(recipe, rng) -> recipe``. It knows no conditions:
whoever calls it makes the result keep them with
:meth:`kvopt.adversary.search.conditions.Conditions.fit`. A result may equal
what it was made from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from kvopt.adversary.search.conditions import Conditions
from kvopt.adversary.search.recipe import Block, Group, Recipe

__all__ = [
    "ELEMENTARY",
    "Mutator",
    "drawn",
    "log_uniform",
    "mutated",
    "near_or_far",
    "put",
    "random_recipe",
    "some_place",
]

Mutator = Callable[[Recipe, np.random.Generator], Recipe]

# Most groups and blocks of a recipe that is drawn or grown.
MOST_GROUPS = 4
MOST_BLOCKS = 4


def drawn(rng: np.random.Generator, low: int, high: int) -> int:
    """Return an integer, uniform in ``low .. high``.

    Parameters
    ----------
    rng
        Source of randomness; it is advanced.
    low, high
        The limits, both included.
    """
    return int(rng.integers(low, max(low, high), endpoint=True))


def log_uniform(rng: np.random.Generator, low: int, high: int) -> int:
    """Return an integer in ``low .. high``, each scale as likely.

    Parameters
    ----------
    rng
        Source of randomness; it is advanced.
    low, high
        The limits, both included.
    """
    high = max(low, high)
    span = math.log((high + 2) / (low + 1))
    value = int((low + 1) * math.exp(rng.random() * span)) - 1
    return min(high, value)


def near_or_far(
    rng: np.random.Generator, value: int, low: int, high: int
) -> int:
    """Return a number by one, two or a factor from ``value``, or any.

    Parameters
    ----------
    rng
        Source of randomness; it is advanced.
    value
        The number that there is.
    low, high
        The limits, both included.
    """
    draw = rng.random()
    if draw < 0.4:
        new = value + int(rng.choice((-2, -1, 1, 2)))
    elif draw < 0.7:
        new = round(value * math.exp(rng.normal(0, 0.5)))
    else:
        new = log_uniform(rng, low, high)
    return min(max(new, low), max(low, high))


def some_place(recipe: Recipe, rng: np.random.Generator) -> tuple[int, int]:
    """Return the numbers of a random block and of a group in it."""
    b = drawn(rng, 0, len(recipe.blocks) - 1)
    return b, drawn(rng, 0, len(recipe.blocks[b].groups) - 1)


def put(recipe: Recipe, b: int, block: Block | None) -> Recipe:
    """Return the recipe with another block number ``b``; None for none.

    Parameters
    ----------
    recipe
        The recipe.
    b
        Number of the block.
    block
        What takes its place; None for nothing.
    """
    new = (block,) if block is not None else ()
    return Recipe(
        recipe.memory, recipe.blocks[:b] + new + recipe.blocks[b + 1 :]
    )


def _with_group(recipe: Recipe, b: int, g: int, group: Group) -> Recipe:
    block = recipe.blocks[b]
    groups = (*block.groups[:g], group, *block.groups[g + 1 :])
    return put(recipe, b, block._replace(groups=groups))


def change_memory(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Move the memory, by a little or by a factor."""
    most = max(4 * recipe.memory, 8)
    memory = near_or_far(rng, recipe.memory, 2, most)
    return Recipe(memory, recipe.blocks)


def change_count(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Change how many requests a group has, or how often a block repeats."""
    b, g = some_place(recipe, rng)
    block, most = recipe.blocks[b], max(4 * recipe.requests, 8)
    if rng.random() < 0.3:
        repeat = near_or_far(rng, block.repeat, 1, most)
        return put(recipe, b, block._replace(repeat=repeat))
    group = block.groups[g]
    count = near_or_far(rng, group.copies, 1, most)
    return _with_group(recipe, b, g, group._replace(copies=count))


def change_output(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Change the output length of a group."""
    b, g = some_place(recipe, rng)
    group = recipe.blocks[b].groups[g]
    output = near_or_far(rng, group.output, 1, recipe.memory - group.prompt)
    ends = group._replace(output=output, guess=max(output, group.guess))
    return _with_group(recipe, b, g, ends)


def change_prompt(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Change the prompt of a group."""
    b, g = some_place(recipe, rng)
    group = recipe.blocks[b].groups[g]
    prompt = near_or_far(rng, group.prompt, 0, recipe.memory - group.output)
    return _with_group(recipe, b, g, group._replace(prompt=prompt))


def change_arrival(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Change the arrival of a group, or the shift between repetitions."""
    b, g = some_place(recipe, rng)
    block, most = recipe.blocks[b], 2 * recipe.memory
    if block.repeat > 1 and rng.random() < 0.3:
        shift = near_or_far(rng, block.shift, 0, most)
        return put(recipe, b, block._replace(shift=shift))
    group = block.groups[g]
    arrival = near_or_far(rng, group.arrival, 0, most)
    return _with_group(recipe, b, g, group._replace(arrival=arrival))


def change_guess(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Change the length that is predicted for a group."""
    b, g = some_place(recipe, rng)
    group = recipe.blocks[b].groups[g]
    guess = near_or_far(rng, group.guess, 1, recipe.memory)
    return _with_group(recipe, b, g, group._replace(guess=guess))


def add_group(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Add a random group to a block, or a block of one."""
    group = _random_group(rng, recipe.memory, recipe.requests, 0)
    b, g = some_place(recipe, rng)
    block = recipe.blocks[b]
    alone = len(block.groups) >= MOST_GROUPS or rng.random() < 0.3
    if alone and len(recipe.blocks) < MOST_BLOCKS:
        blocks = (*recipe.blocks[:b], Block(1, 0, (group,)))
        return Recipe(recipe.memory, blocks + recipe.blocks[b:])
    if len(block.groups) >= MOST_GROUPS:
        return recipe
    groups = (*block.groups[:g], group, *block.groups[g:])
    return put(recipe, b, block._replace(groups=groups))


def drop_group(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Leave a group out; one at least is kept."""
    b, g = some_place(recipe, rng)
    block = recipe.blocks[b]
    if len(block.groups) > 1:
        groups = block.groups[:g] + block.groups[g + 1 :]
        return put(recipe, b, block._replace(groups=groups))
    return put(recipe, b, None) if len(recipe.blocks) > 1 else recipe


def swap_groups(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Exchange two groups of a block, or two blocks."""
    b, g = some_place(recipe, rng)
    block = recipe.blocks[b]
    if len(block.groups) < 2 or rng.random() < 0.3:
        other = drawn(rng, 0, len(recipe.blocks) - 1)
        blocks = list(recipe.blocks)
        blocks[b], blocks[other] = blocks[other], blocks[b]
        return Recipe(recipe.memory, tuple(blocks))
    other = drawn(rng, 0, len(block.groups) - 1)
    groups = list(block.groups)
    groups[g], groups[other] = groups[other], groups[g]
    return put(recipe, b, block._replace(groups=tuple(groups)))


# One number, or one group, at a time: what the baselines do.
ELEMENTARY: tuple[Mutator, ...] = (
    change_memory,
    change_count,
    change_output,
    change_prompt,
    change_arrival,
    change_guess,
    add_group,
    drop_group,
    swap_groups,
)


def mutated(
    recipe: Recipe,
    rng: np.random.Generator,
    conditions: Conditions,
    mutators: Sequence[Mutator] = ELEMENTARY,
) -> Recipe:
    """Return a recipe that was changed and keeps the conditions.

    One change or several are made, until the result is another recipe.

    Parameters
    ----------
    recipe
        A recipe that keeps the conditions.
    rng
        Source of randomness.
    conditions
        What the result keeps.
    mutators
        The changes to choose from.
    """
    changed = recipe
    for _ in range(20):
        for _ in range(1 + int(rng.geometric(0.6))):
            changed = mutators[drawn(rng, 0, len(mutators) - 1)](changed, rng)
        changed = conditions.fit(changed)
        if changed != recipe:
            break
    return changed


def random_recipe(rng: np.random.Generator, conditions: Conditions) -> Recipe:
    """Draw a recipe that keeps the conditions, each scale as likely."""
    memory = log_uniform(rng, 2, conditions.memory)
    n = log_uniform(rng, 1, conditions.requests)
    latest = conditions.latest_arrival
    groups = tuple(
        _random_group(rng, memory, n, latest)
        for _ in range(drawn(rng, 1, MOST_GROUPS))
    )
    repeat = log_uniform(rng, 1, n) if rng.random() < 0.5 else 1
    shift = log_uniform(rng, 0, latest)
    block = Block(repeat, shift, groups)
    return conditions.fit(Recipe(memory, (block,)))


def _random_group(
    rng: np.random.Generator, memory: int, requests: int, latest: int
) -> Group:
    output = log_uniform(rng, 1, memory)
    prompt = drawn(rng, 0, memory - output)
    if rng.random() < 0.5:
        prompt = log_uniform(rng, 0, memory - output)
    return Group(
        copies=log_uniform(rng, 1, requests),
        arrival=log_uniform(rng, 0, latest),
        prompt=prompt,
        output=output,
        guess=log_uniform(rng, output, memory),
    )
