"""Structured changes of a recipe: what people do when they build families.

Mutators like those of :mod:`kvopt.adversary.search.mutators`, of more than one
number at a time: copies, scales, and numbers that are made to agree, so that
a tie or a full memory, which a random change breaks, is met on purpose.
"""

from __future__ import annotations

import math

import numpy as np

from kvopt.adversary.search.mutators import (
    ELEMENTARY,
    MOST_BLOCKS,
    MOST_GROUPS,
    Mutator,
    drawn,
    put,
    some_place,
)
from kvopt.adversary.search.recipe import Block, Group, Recipe

__all__ = ["STRUCTURED", "tied_volume"]


def _two_groups(
    recipe: Recipe, rng: np.random.Generator
) -> tuple[int, int, Group]:
    """Return the place of a group, and another group."""
    b, g = some_place(recipe, rng)
    groups = recipe.groups
    return b, g, groups[drawn(rng, 0, len(groups) - 1)]


def _replaced(recipe: Recipe, b: int, g: int, group: Group) -> Recipe:
    block = recipe.blocks[b]
    groups = (*block.groups[:g], group, *block.groups[g + 1 :])
    return put(recipe, b, block._replace(groups=groups))


def duplicate_group(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Repeat a group at the end of its block."""
    b, g = some_place(recipe, rng)
    block = recipe.blocks[b]
    if len(block.groups) >= MOST_GROUPS:
        return recipe
    groups = (*block.groups, block.groups[g])
    return put(recipe, b, block._replace(groups=groups))


def split_group(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Make two groups of one, with outputs that differ by a little."""
    b, g = some_place(recipe, rng)
    block, group = recipe.blocks[b], recipe.blocks[b].groups[g]
    if group.copies < 2 or len(block.groups) >= MOST_GROUPS:
        return recipe
    half = group.copies // 2
    longer = group._replace(copies=half, output=group.output + 1)
    rest = group._replace(copies=group.copies - half)
    groups = (*block.groups[:g], rest, longer, *block.groups[g + 1 :])
    return put(recipe, b, block._replace(groups=groups))


def _factor(rng: np.random.Generator) -> float:
    return float(rng.choice((0.5, 0.67, 0.8, 1.25, 1.5, 2.0)))


def _scaled(value: int, factor: float, least: int) -> int:
    return max(round(value * factor), least) if value else 0


def scale_sizes(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Multiply the memory and all lengths and times."""
    f = _factor(rng)
    blocks = tuple(
        block._replace(
            shift=_scaled(block.shift, f, 0),
            groups=tuple(
                Group(
                    group.copies,
                    _scaled(group.arrival, f, 0),
                    _scaled(group.prompt, f, 0),
                    _scaled(group.output, f, 1),
                    _scaled(group.guess, f, 1),
                )
                for group in block.groups
            ),
        )
        for block in recipe.blocks
    )
    return Recipe(_scaled(recipe.memory, f, 2), blocks)


def scale_counts(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Multiply the numbers of requests, of all groups or of one."""
    f = _factor(rng)
    one = some_place(recipe, rng) if rng.random() < 0.5 else None
    blocks = []
    for b, block in enumerate(recipe.blocks):
        if one is None and block.repeat > 1:
            repeat = _scaled(block.repeat, f, 1)
            blocks.append(block._replace(repeat=repeat))
            continue
        groups = tuple(
            group._replace(copies=_scaled(group.copies, f, 1))
            if one is None or one == (b, g)
            else group
            for g, group in enumerate(block.groups)
        )
        blocks.append(block._replace(groups=groups))
    return Recipe(recipe.memory, tuple(blocks))


def shift_burst(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Move a whole block in time."""
    b, _ = some_place(recipe, rng)
    block = recipe.blocks[b]
    first = min(group.arrival for group in block.groups)
    longest = max(group.output for group in recipe.groups)
    by = drawn(rng, -first, longest)
    groups = tuple(
        group._replace(arrival=group.arrival + by) for group in block.groups
    )
    return put(recipe, b, block._replace(groups=groups))


def align_completions(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Let a group arrive when another, started at once, is about to end."""
    b, g, other = _two_groups(recipe, rng)
    group = recipe.blocks[b].groups[g]
    end = other.arrival + other.output
    target = end - (group.output if rng.random() < 0.5 else drawn(rng, 0, 3))
    return _replaced(recipe, b, g, group._replace(arrival=max(0, target)))


def copy_motif(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Append a copy of a block, at once or when the first is over."""
    b, _ = some_place(recipe, rng)
    if len(recipe.blocks) >= MOST_BLOCKS:
        return recipe
    block = recipe.blocks[b]
    later = 0
    if rng.random() < 0.5:
        later = max(group.output for group in block.groups)
    groups = tuple(
        group._replace(arrival=group.arrival + later) for group in block.groups
    )
    blocks = (*recipe.blocks, block._replace(groups=groups))
    return Recipe(recipe.memory, blocks)


def interleave(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Have all groups come in turn, again and again."""
    groups = recipe.groups[:MOST_GROUPS]
    least = min(group.copies for group in groups)
    repeat = max(block.repeat for block in recipe.blocks)
    times = max(repeat, least)
    if times < 2:
        times = 2
    alike = rng.random() < 0.5
    turns = tuple(
        group._replace(copies=1 if alike else max(1, group.copies // times))
        for group in groups
    )
    return Recipe(recipe.memory, (Block(times, 0, turns),))


def tied_volume(group: Group, other: Group) -> Group | None:
    """Return ``group`` with the prompt that gives it the other's volume.

    None if there is none.
    """
    volume = other.prompt * other.output + other.output * (
        other.output + 1
    ) // 2  # fmt: skip
    rest = volume - group.output * (group.output + 1) // 2
    if rest < 0 or rest % group.output:
        return None
    return group._replace(prompt=rest // group.output)


def tie_keys(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Make two groups equal in what a queue is sorted by.

    Volume, by the prompt, which may need a larger memory; length; or peak.
    """
    b, g, other = _two_groups(recipe, rng)
    group = recipe.blocks[b].groups[g]
    which = rng.random()
    if which < 0.6:
        short = rng.random() < 0.5
        tied = tied_volume(group._replace(output=1) if short else group, other)
        if tied is None:
            return recipe
    elif which < 0.8:
        tied = group._replace(output=other.output, guess=other.guess)
    else:
        peak = other.prompt + other.output
        tied = group._replace(prompt=max(0, peak - group.output))
    changed = _replaced(recipe, b, g, tied)
    return Recipe(max(changed.memory, changed.peak), changed.blocks)


def fill_memory(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Make a group fill the memory alone, or leave little of it free."""
    b, g = some_place(recipe, rng)
    group = recipe.blocks[b].groups[g]
    spare = 0 if rng.random() < 0.5 else drawn(rng, 0, 3)
    prompt = max(0, recipe.memory - group.output - spare)
    return _replaced(recipe, b, g, group._replace(prompt=prompt))


def memory_for_peaks(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Make the memory a multiple of a peak, or one unit less."""
    b, g = some_place(recipe, rng)
    group = recipe.blocks[b].groups[g]
    peak = group.prompt + group.output
    most = max(1, round(recipe.memory / peak))
    times = most if rng.random() < 0.5 else drawn(rng, 1, 2 * most)
    less = int(rng.random() < 0.3)
    return Recipe(max(2, times * peak - less), recipe.blocks)


def memory_for_volume(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Let memory sustain a whole number of starts a round, or one a gap."""
    b, g = some_place(recipe, rng)
    o = recipe.blocks[b].groups[g].output
    s = recipe.blocks[b].groups[g].prompt
    volume = s * o + o * (o + 1) // 2
    if rng.random() < 0.5:
        memory = volume * max(1, round(recipe.memory / volume))
    else:
        memory = math.ceil(volume / max(1, round(volume / recipe.memory)))
    return Recipe(max(2, memory), recipe.blocks)


def merge_outputs(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Give all groups the lengths of one of them."""
    b, g = some_place(recipe, rng)
    one = recipe.blocks[b].groups[g]
    blocks = tuple(
        block._replace(
            groups=tuple(
                group._replace(output=one.output, guess=one.guess)
                for group in block.groups
            )
        )
        for block in recipe.blocks
    )
    return Recipe(recipe.memory, blocks)


# Elementary moves stay in, as often as all others together.
STRUCTURED: tuple[Mutator, ...] = (
    *ELEMENTARY,
    duplicate_group,
    split_group,
    scale_sizes,
    scale_counts,
    shift_burst,
    align_completions,
    copy_motif,
    interleave,
    tie_keys,
    fill_memory,
    memory_for_peaks,
    memory_for_volume,
    merge_outputs,
)
