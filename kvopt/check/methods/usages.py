"""The multisets of usages that fit into the memory together, by number."""

from __future__ import annotations

from collections.abc import Collection

from kvopt.check.budget import Budget, TooLarge

__all__ = ["Pairs", "UsageSets"]

Pairs = list[tuple[int, int]]


class UsageSets:
    """Multisets of usages ``threshold+1 .. largest`` of total at most memory.

    They are numbered from 0, the empty one, in order of total.

    Parameters
    ----------
    memory
        Capacity ``M``, in units.
    threshold
        Usages up to it are not kept.
    largest
        The largest usage.
    wanted
        The usages that may be added or taken out.
    budget
        How much memory they may take.

    Attributes
    ----------
    count : int
        Number of multisets.
    lifted : list of int
        Number of the multiset with one unit more in every usage; ``count``
        where it does not fit.
    bytes : int
        About the memory that all this takes while it is made.
    pairs : dict of int to list of tuple
        For each wanted usage ``u``, all ``(S, S with u added)`` in order of
        the second.

    Raises
    ------
    TooLarge
        When they take more memory than the budget has.
    """

    def __init__(
        self,
        memory: int,
        threshold: int,
        largest: int,
        wanted: Collection[int],
        budget: Budget,
    ) -> None:
        sets: list[tuple[int, ...]] = [()]
        # A multiset, what is free beside it, its wanted usages.
        stack: list[tuple[tuple[int, ...], int, int]] = [((), memory, 0)]
        self.bytes = steps = 0
        while stack:
            chosen, left, kinds = stack.pop()
            last = chosen[-1] if chosen else 0
            for usage in range(
                max(last, threshold + 1), min(largest, left) + 1
            ):
                more = (*chosen, usage)
                sets.append(more)
                now = kinds + (usage != last and usage in wanted)
                if left - usage >= usage:
                    stack.append((more, left - usage, now))
                self.bytes += 250 + 9 * len(more) + 100 * now
                steps += 10 + now * (5 + len(more) // 3)
                if self.bytes > budget.bytes or steps > budget.steps:
                    count = _count(memory, threshold + 1, largest)
                    raise _too_many(len(sets), count, threshold, budget)
        sets.sort(key=sum)
        number = {usages: k for k, usages in enumerate(sets)}
        self.count = len(sets)
        self.lifted = [
            number.get(tuple(u + 1 for u in usages), self.count)
            for usages in sets
        ]
        self.pairs: dict[int, Pairs] = {u: [] for u in wanted}
        for k, usages in enumerate(sets):
            for u in self.pairs.keys() & set(usages):
                rest = list(usages)
                rest.remove(u)
                self.pairs[u].append((number[tuple(rest)], k))


def _count(memory: int, least: int, largest: int) -> int | None:
    """Return how many multisets there are; None if counting takes long."""
    largest = min(largest, memory)
    if memory * (largest + 1 - least) > 20_000_000:
        return None
    ways = [1] + [0] * memory  # by total
    for usage in range(least, largest + 1):
        for total in range(usage, memory + 1):
            ways[total] += ways[total - usage]
    return sum(ways)


def _too_many(
    found: int, count: int | None, threshold: int, budget: Budget
) -> TooLarge:
    if count is None:
        known = f"more than {found:,}"
        needed = f"more than {budget.factor:,}"
    else:
        known = f"{count:,}"
        needed = f"at least {budget.factor * count // found + 1:,}"
    return TooLarge(
        f"too large to check within the budget of {budget.factor}: {known} "
        "multisets of usages above the threshold fit into the memory, which "
        f"needs a budget of {needed}",
        field="data.threshold",
        value=threshold,
    )
