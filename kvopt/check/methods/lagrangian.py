"""The Lagrangian bound of the state-space relaxation.

The dynamic program, and why its value is a bound:
``docs/theory/relaxation.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from math import inf
from operator import itemgetter
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
from kvopt.check.methods.usages import Pairs, UsageSets
from kvopt.model.errors import InputError

__all__ = ["lagrangian"]

_PRICE_LIMIT = 10**18


def lagrangian(problem: Problem, data: dict[str, Any], budget: Budget) -> int:
    """Return the value of the relaxation at the given multipliers.

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
        For malformed data, for a multiplier too large for the horizon (the
        bound would not hold for longer schedules), and for more work than
        ``budget`` has.

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
        value += _shortest(problem.memory, tracked, certificate, budget)
    return -(-value // certificate.scale)


@dataclass(frozen=True)
class _Certificate:
    scale: int
    threshold: int
    horizon: int
    width: int
    multipliers: list[int]
    prices: dict[tuple[int, int], int]

    def price(self, start: int, prompt: int) -> int:
        """Return the price of a prompt of items that start at ``start``."""
        return self.prices.get((start // self.width, prompt), 0)


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
    budget: Budget,
) -> int:
    """Return the least cost of a path from round ``horizon`` to round 0."""
    tasks = tuple(task for task, _ in tracked)
    prompts = sorted(_end_prompts(tasks, certificate.threshold))
    kinds = _kinds(tracked, certificate)
    peaks = {peak for peak, _ in kinds}
    horizon = certificate.horizon
    # Before the multisets are counted: what every round costs by itself.
    around = 20 + 6 * (len(kinds) + len(prompts) * len(peaks))
    _afford(budget, horizon, around, 0, 0)
    sets = UsageSets(
        memory,
        certificate.threshold,
        max(peaks),
        peaks | {prompt + 1 for prompt in prompts},
        budget,
    )
    edges = sum(len(sets.pairs[u]) for u in peaks)
    edges += sum(len(sets.pairs[prompt + 1]) for prompt in prompts)
    _afford(budget, horizon, around + edges + sets.count, sets.bytes, edges)
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
        for peak, price in _adds(t, kinds, prompts, certificate):
            _relax(cost, sets.pairs[peak], price)
        for prompt in prompts:
            _relax(cost, ends[prompt], -certificate.price(t - 1, prompt))
        # Usage threshold+1 is no lifted usage: such items have ended.
        cost = [*fall(cost), inf]
    return int(cost[0])


def _afford(
    budget: Budget, horizon: int, a_round: int, memory: int, edges: int
) -> None:
    budget.require(
        horizon * a_round,
        memory + 100 * edges,
        f"{horizon:,} rounds of {a_round:,} steps",
        "data.horizon",
        horizon,
    )


def _relax(cost: list[float], pairs: Pairs, price: int) -> None:
    for before, after in pairs:
        reached = cost[before] + price
        if reached < cost[after]:
            cost[after] = reached


# The rounds from which on an item of a kind may be added, in order, and the
# least cost of its items by then, but for what depends on the round.
Releases = list[tuple[int, int]]


def _kinds(
    tracked: list[tuple[Task, int]], certificate: _Certificate
) -> dict[tuple[int, int], Releases]:
    """Return the releases of each ``(peak, effective prompt)``.

    The price at round ``t`` is ``scale*t``, plus that of the link, plus a
    base of the item's own: of those that may complete only the least counts.
    """
    bases: dict[tuple[int, int], Releases] = {}
    for task, multiplier in tracked:
        kind = (
            task.prompt + task.output,
            max(task.prompt, certificate.threshold),
        )
        base = -certificate.scale * task.arrival - multiplier
        earliest = task.arrival + task.output
        bases.setdefault(kind, []).append((earliest, base))
    for kind, known in bases.items():
        known.sort()
        bases[kind] = list(
            accumulate(known, lambda a, b: (b[0], min(a[1], b[1])))
        )
    return bases


def _adds(
    t: int,
    kinds: dict[tuple[int, int], Releases],
    prompts: list[int],
    certificate: _Certificate,
) -> list[tuple[int, int]]:
    """Return ``(peak, least price)`` of the useful additions of round ``t``.

    An item must end at one of the prompts, in the round in which it reaches
    it. If adding it and ending it cost at least 0 for each of them, then
    leaving it out costs no more: the addition is useless. Rounds come in
    falling order: releases after ``t`` are dropped.
    """
    least: dict[int, int] = {}
    for (peak, prompt), releases in kinds.items():
        while releases and releases[-1][0] > t:
            releases.pop()
        if releases:
            link = certificate.price(t - peak + prompt, prompt)
            price = releases[-1][1] + certificate.scale * t + link
            least[peak] = min(least.get(peak, price), price)
    return [
        (peak, price)
        for peak, price in least.items()
        if price
        < max(
            certificate.price(t - peak + c, c)
            for c in prompts
            if c < peak and t - peak + c >= 0
        )
    ]
