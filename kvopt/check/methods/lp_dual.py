"""The bound of a linear programme, from multipliers of its rows.

The rows and the proof: ``docs/theory/level-k.md``.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from kvopt.check.documents import (
    ROUND_LIMIT,
    SIZE_LIMIT,
    Problem,
    Task,
    keys_are,
    typed,
    whole,
)
from kvopt.model.errors import InputError

__all__ = ["MOST_TERMS", "lp_dual"]

MOST_TERMS = 100_000_000
"""Terms in the rows, or start rounds, above which nothing is checked."""

_MULTIPLIER_LIMIT = 10**18

Shape = list[tuple[int, int]]


def lp_dual(problem: Problem, data: dict[str, Any]) -> int:
    """Return the bound that the multipliers prove, rounded up.

    Raises
    ------
    InputError
        For malformed data, and for more terms than are checked.

    Notes
    -----
    Each row says that a weighted sum over the runs is at most its right
    side. So does their combination; adding it to the latency of every start
    round, and choosing the best start of each request alone, gives a bound.
    Starts from the last round of a row on are in no row: only the first of
    them can be best.
    """
    keys_are(data, "data", ("scale", "memory", "levels"))
    scale = whole(data["scale"], "data.scale", 1, SIZE_LIMIT)
    memory = _rows(data, "memory", 2)
    levels = _rows(data, "levels", 3)
    for i, row in enumerate(levels):
        whole(row[0], f"data.levels[{i}][0]", 1, problem.memory)
    counts = Counter(problem.tasks)
    last = max((row[-2] for row in memory + levels), default=0)
    terms = sum(
        max(0, last - task.arrival)
        + len(memory) * task.output
        + len(levels) * (task.output + problem.memory // 2)
        for task in counts
    )
    if terms > MOST_TERMS:
        raise InputError(
            f"too large to check: about {terms:,} terms, more than "
            f"{MOST_TERMS:,}"
        )
    by_level: dict[int, list[tuple[int, int]]] = {}
    for level, t, multiplier in levels:
        by_level.setdefault(level, []).append((t, multiplier))
    value = -sum(problem.memory * row[1] for row in memory)
    value -= sum(row[0] * row[2] for row in levels)
    limits = {level: _largest_prompt(problem, level) for level in by_level}
    for task, times in counts.items():
        # What rows add to the latency of starting at each round.
        added = [0] * (max(0, last - task.arrival) + 1)
        usage = [(age, task.prompt + age) for age in range(1, task.output + 1)]
        _add(added, task.arrival, usage, [(row[0], row[1]) for row in memory])
        for level, rows in by_level.items():
            shape = _counts(problem.memory, task, level, limits[level])
            _add(added, task.arrival, shape, rows)
        value += times * min(
            scale * (wait + task.output) + extra
            for wait, extra in enumerate(added)
        )
    return -(-value // scale)


def _rows(data: dict[str, Any], key: str, width: int) -> list[Any]:
    rows: list[Any] = typed(data[key], list, f"data.{key}", "must be a list")
    seen: set[tuple[int, ...]] = set()
    for i, row in enumerate(rows):
        name = f"data.{key}[{i}]"
        if len(typed(row, list, name, "must be a list")) != width:
            raise InputError(
                f"must have {width} entries", field=name, value=row
            )
        whole(row[-2], f"{name}[{width - 2}]", 1, ROUND_LIMIT)
        whole(row[-1], f"{name}[{width - 1}]", 0, _MULTIPLIER_LIMIT)
        place = tuple(row[:-1])
        if place in seen:
            raise InputError("is given twice", field=name, value=row)
        seen.add(place)
    return rows


def _add(added: list[int], arrival: int, shape: Shape, rows: Shape) -> None:
    """Add the rows' multipliers; ``shape`` is (rounds since start, weight)."""
    for t, multiplier in rows:
        for age, weight in shape:
            wait = t - age - arrival
            if wait >= 0:
                added[wait] += multiplier * weight


def _largest_prompt(problem: Problem, level: int) -> int:
    """Return the largest prompt of those with peak above ``M/(k+1)``."""
    return max(
        (
            task.prompt
            for task in problem.tasks
            if (task.prompt + task.output) * (level + 1) > problem.memory
        ),
        default=0,
    )


def _counts(memory: int, task: Task, level: int, largest: int) -> Shape:
    """Return how often a request counts, by rounds since its start.

    All comparisons are multiplied by ``k + 1``.
    """
    parts = level + 1
    peak = task.prompt + task.output
    shape: Shape = []
    for age in range(1, task.output + 1):
        count = min(level, ((task.prompt + age) * parts - 1) // memory)
        if count:
            shape.append((age, count))
    late = 1
    while parts * late < memory - parts * largest:
        count = sum(
            parts * peak > q * memory + parts * (parts - q) * late
            for q in range(1, parts)
        )
        if not count:
            break
        shape.append((task.output + late, count))
        late += 1
    return shape
