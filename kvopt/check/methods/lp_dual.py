"""The bound of a linear program, from multipliers of its rows.

The rows and the proof: ``docs/theory/level-k.md``.
"""

from __future__ import annotations

from collections import Counter
from itertools import count
from typing import Any

from kvopt.check.budget import Budget
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

__all__ = ["lp_dual"]

_MULTIPLIER_LIMIT = 10**18

Shape = list[tuple[int, int]]


def lp_dual(problem: Problem, data: dict[str, Any], budget: Budget) -> int:
    """Return the bound that the multipliers prove, rounded up.

    Parameters
    ----------
    problem
        The instance, as the checker has read it.
    data
        What the certificate gives beside the instance.
    budget
        What the check may still take; the work is charged to it before
        it is done.

    Raises
    ------
    InputError
        For malformed data, and for more work than ``budget`` has.

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
    memory = _rows(data, "memory", 2, ROUND_LIMIT)
    levels = _rows(data, "levels", 3, problem.memory)
    counts = Counter(problem.tasks)
    by_level: dict[int, Shape] = {}
    for level, t, multiplier in levels:
        by_level.setdefault(level, []).append((t, multiplier))
    _afford(budget, problem, counts, memory, by_level)
    value = -sum(problem.memory * row[1] for row in memory)
    value -= sum(row[0] * row[2] for row in levels)
    limits = {level: _largest_prompt(problem, level) for level in by_level}
    last = max((row[-2] for row in memory + levels), default=0)
    for task, times in counts.items():
        reach = last - task.arrival
        # What rows add to the latency, by rounds that the start waits.
        added: dict[int, int] = {}
        usage = [
            (age, task.prompt + age)
            for age in range(1, min(task.output, reach) + 1)
        ]
        _add(added, task.arrival, usage, [(row[0], row[1]) for row in memory])
        for level, rows in by_level.items():
            shape = _counts(problem.memory, task, level, limits[level], reach)
            _add(added, task.arrival, shape, rows)
        # Of the rounds in no row only the first can be best.
        free = next(wait for wait in count() if wait not in added)
        added[free] = 0
        value += times * min(
            scale * (wait + task.output) + extra
            for wait, extra in added.items()
        )
    return -(-value // scale)


def _afford(
    budget: Budget,
    problem: Problem,
    counts: Counter[Task],
    memory: list[Any],
    by_level: dict[int, Shape],
) -> None:
    """Refuse what the budget does not have, before any work is done."""
    steps = terms = 0
    kept = 0
    rows_of_levels = sum(map(len, by_level.values()))
    last = max(
        [row[0] for row in memory]
        + [t for rows in by_level.values() for t, _ in rows],
        default=0,
    )
    for task in counts:
        reach = max(0, last - task.arrival)
        active = min(task.output, reach)
        after = min(problem.memory // 2, reach) if by_level else 0
        added = (len(memory) * (1 + active)) + rows_of_levels * (
            1 + active + after
        )
        terms += added
        # After completion a count at level k compares k shares a round, in
        # less than M/k rounds.
        shares = min(problem.memory, reach * max(by_level, default=0))
        steps += 2 * added + len(by_level) * (6 * active + 2 * shares)
        kept = max(kept, 130 * (active + after) + 150 * min(added, reach + 1))
    steps += len(problem.tasks) * (2 + 2 * len(by_level))
    budget.require(steps, kept, f"about {terms:,} terms of its rows")


def _rows(
    data: dict[str, Any], key: str, width: int, largest: int
) -> list[Any]:
    """Return the rows of a list; their first entry is at most ``largest``."""
    rows: list[Any] = typed(data[key], list, f"data.{key}", "must be a list")
    seen: set[tuple[int, ...]] = set()
    for i, row in enumerate(rows):
        name = f"data.{key}[{i}]"
        if len(typed(row, list, name, "must be a list")) != width:
            raise InputError(
                f"must have {width} entries", field=name, value=row
            )
        whole(row[0], f"{name}[0]", 1, largest)
        whole(row[-2], f"{name}[{width - 2}]", 1, ROUND_LIMIT)
        whole(row[-1], f"{name}[{width - 1}]", 0, _MULTIPLIER_LIMIT)
        place = tuple(row[:-1])
        if place in seen:
            raise InputError("is given twice", field=name, value=row)
        seen.add(place)
    return rows


def _add(
    added: dict[int, int], arrival: int, shape: Shape, rows: Shape
) -> None:
    """Add the rows' multipliers to what waiting costs.

    ``shape`` holds rounds since the start, rising, and weights.
    """
    for t, multiplier in rows:
        for age, weight in shape:
            wait = t - age - arrival
            if wait < 0:
                break
            added[wait] = added.get(wait, 0) + multiplier * weight


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


def _counts(
    memory: int, task: Task, level: int, largest: int, reach: int
) -> Shape:
    """Return how often a request counts, by rounds since its start.

    Rounds after ``reach`` are left out.

    All comparisons are multiplied by ``k + 1``.
    """
    parts = level + 1
    peak = task.prompt + task.output
    shape: Shape = []
    for age in range(1, min(task.output, reach) + 1):
        counted = min(level, ((task.prompt + age) * parts - 1) // memory)
        if counted:
            shape.append((age, counted))
    late = 1
    while (
        parts * late < memory - parts * largest and task.output + late <= reach
    ):
        counted = sum(
            parts * peak > q * memory + parts * (parts - q) * late
            for q in range(1, parts)
        )
        if not counted:
            break
        shape.append((task.output + late, counted))
        late += 1
    return shape
