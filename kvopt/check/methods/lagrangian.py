"""The Lagrangian bound with unlinked ends.

The programme, and why its value is a bound: ``docs/theory/unlinked.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf
from operator import itemgetter
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
from kvopt.check.methods.usages import Pairs, UsageSets
from kvopt.model.errors import InputError

__all__ = ["MOST_SETS", "MOST_STEPS", "lagrangian"]

MOST_SETS = 400_000
"""More multisets of usages than this are not checked: a gigabyte."""

MOST_STEPS = 200_000_000
"""More multisets times rounds than this are not checked: some minutes."""

_PRICE_LIMIT = 10**18


def lagrangian(problem: Problem, data: dict[str, Any]) -> int:
    """Return the value of the relaxation at the given multipliers.

    Raises
    ------
    InputError
        For malformed data, for a multiplier too large for the horizon (the
        bound would not hold for longer schedules), and for a programme that
        is too large to evaluate here.

    Notes
    -----
    ``O(horizon * edges)``, where an edge is a multiset of usages and one of
    its distinct elements that may be added or may end.
    """
    certificate = _read(problem, data)
    tracked = [
        (task, multiplier)
        for task, multiplier in zip(
            problem.tasks, certificate.multipliers, strict=True
        )
        if task.prompt + task.output > certificate.threshold
    ]
    outside = sum(task.output for task in problem.tasks) - sum(
        task.output for task, _ in tracked
    )
    value = certificate.scale * outside
    if tracked:
        value += sum(multiplier for _, multiplier in tracked)
        value += _shortest(problem.memory, tracked, certificate)
    return -(-value // certificate.scale)


@dataclass(frozen=True)
class _Certificate:
    scale: int
    threshold: int
    horizon: int
    width: int
    multipliers: list[int]
    prices: dict[tuple[int, int], int]


def _read(problem: Problem, data: dict[str, Any]) -> _Certificate:
    keys_are(
        data,
        "data",
        (
            "scale",
            "threshold",
            "horizon",
            "width",
            "multipliers",
            "prices",
        ),
    )
    scale = whole(data["scale"], "data.scale", 1, SIZE_LIMIT)
    threshold = whole(data["threshold"], "data.threshold", 0, SIZE_LIMIT)
    horizon = whole(data["horizon"], "data.horizon", 1, ROUND_LIMIT)
    width = whole(data["width"], "data.width", 1, ROUND_LIMIT)
    rows = _list(data, "multipliers")
    if len(rows) != len(problem.tasks):
        raise InputError(
            f"must have one entry for each of {len(problem.tasks)} requests",
            field="data.multipliers",
            value=rows,
        )
    multipliers: list[int] = []
    for i, (task, row) in enumerate(zip(problem.tasks, rows, strict=True)):
        name = f"data.multipliers[{i}]"
        multiplier = whole(row, name, -_PRICE_LIMIT, _PRICE_LIMIT)
        most = scale * (horizon + 1 - task.arrival)
        if multiplier > most and task.prompt + task.output > threshold:
            raise InputError(
                f"is more than scale * (horizon + 1 - arrival) = {most}, so "
                "the bound does not hold for longer schedules",
                field=name,
                value=multiplier,
            )
        multipliers.append(multiplier)
    most_prompt = max(threshold, problem.memory)
    prices: dict[tuple[int, int], int] = {}
    for i, row in enumerate(_list(data, "prices")):
        name = f"data.prices[{i}]"
        if len(typed(row, list, name, "must be a list")) != 3:
            raise InputError(
                "must be [bucket, prompt, price]", field=name, value=row
            )
        bucket = whole(row[0], f"{name}[0]", 0, horizon // width)
        prompt = whole(row[1], f"{name}[1]", threshold, most_prompt)
        price = whole(row[2], f"{name}[2]", -_PRICE_LIMIT, _PRICE_LIMIT)
        if (bucket, prompt) in prices:
            raise InputError("is given twice", field=name, value=row)
        prices[bucket, prompt] = price
    return _Certificate(scale, threshold, horizon, width, multipliers, prices)


def _list(data: dict[str, Any], key: str) -> list[Any]:
    rows: list[Any] = typed(data[key], list, f"data.{key}", "must be a list")
    return rows


def _end_prompts(tasks: tuple[Task, ...], threshold: int) -> set[int]:
    """Return the effective prompts at which a tracked item may end."""
    return {threshold} | {
        task.prompt
        for task in tasks
        if task.prompt > threshold  # then its peak is above it as well
    }


def _shortest(
    memory: int,
    tracked: list[tuple[Task, int]],
    certificate: _Certificate,
) -> int:
    """Return the least cost of a path from round ``horizon`` to round 0."""
    tasks = tuple(task for task, _ in tracked)
    prompts = sorted(_end_prompts(tasks, certificate.threshold))
    peaks = {task.prompt + task.output for task in tasks}
    sets = UsageSets(
        memory,
        certificate.threshold,
        max(peaks),
        peaks | {prompt + 1 for prompt in prompts},
        MOST_SETS,
    )
    horizon = certificate.horizon
    steps = horizon * (sets.count + len(prompts) * len(peaks))
    if steps > MOST_STEPS:
        raise InputError(
            f"too large to check: {sets.count:,} multisets of usages times "
            f"{horizon:,} rounds, more than {MOST_STEPS:,}",
            field="data.horizon",
            value=horizon,
        )
    prices = {
        prompt: [
            certificate.prices.get((start // certificate.width, prompt), 0)
            for start in range(horizon)
        ]
        for prompt in prompts
    }
    adds = _adds(tracked, certificate, prices)
    adds = _adds(tracked, certificate, prices)
    ends = {
        prompt: [(large, small) for small, large in sets.pairs[prompt + 1]][
            ::-1
        ]
        for prompt in prompts
    }
    fall = itemgetter(*sets.lifted)
    # Least cost of reaching each multiset; the last entry stands for those
    # that do not fit. Finite entries are integers throughout.
    cost: list[float] = [inf] * (sets.count + 1)
    cost[0] = 0
    for t in range(horizon, 0, -1):
        # Both lists of pairs are in such an order that several items of a
        # kind may be added, or end, in one pass.
        for peak, price in adds[t]:
            _relax(cost, sets.pairs[peak], price)
        for prompt in prompts:
            _relax(cost, ends[prompt], -prices[prompt][t - 1])
        # Usage threshold+1 is no lifted usage: such items have ended.
        cost = [*fall(cost), inf]
    return int(cost[0])


def _relax(cost: list[float], pairs: Pairs, price: int) -> None:
    for before, after in pairs:
        reached = cost[before] + price
        if reached < cost[after]:
            cost[after] = reached


def _adds(
    tracked: list[tuple[Task, int]],
    certificate: _Certificate,
    prices: dict[int, list[int]],
) -> list[list[tuple[int, int]]]:
    """Return ``(peak, least price)`` of the useful additions of each round.

    An item must end at one of the prompts, in the round in which it reaches
    it. If adding it and ending it cost at least 0 for each of them, then
    leaving it out costs no more: the addition is useless.
    """
    scale, horizon = certificate.scale, certificate.horizon
    # Price at t is scale*t + nu(link) + base, so per (peak, effective
    # prompt) only the least base among those that may complete counts.
    bases: dict[tuple[int, int], dict[int, int]] = {}
    for task, multiplier in tracked:
        kind = (
            task.prompt + task.output,
            max(task.prompt, certificate.threshold),
        )
        earliest = task.arrival + task.output
        base = -scale * task.arrival - multiplier
        known = bases.setdefault(kind, {})
        known[earliest] = min(known.get(earliest, base), base)
    least: list[dict[int, int]] = [{} for _ in range(horizon + 1)]
    for (peak, prompt), known in bases.items():
        releases = [*sorted(known), horizon + 1]
        base = known[releases[0]]
        for since, until in pairwise(releases):
            base = min(base, known[since])
            for t in range(since, min(until, horizon + 1)):
                price = base + scale * t + prices[prompt][t - peak + prompt]
                at = least[t]
                at[peak] = min(at.get(peak, price), price)
    useful: list[list[tuple[int, int]]] = []
    for t, at in enumerate(least):
        chosen = []
        for peak, price in at.items():
            earned = max(
                prices[c][t - peak + c]
                for c in prices
                if c < peak and t - peak + c >= 0
            )
            if price < earned:
                chosen.append((peak, price))
        useful.append(chosen)
    return useful
