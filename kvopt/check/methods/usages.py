"""The multisets of usages that fit into the memory together, by number."""

from __future__ import annotations

from collections.abc import Collection

from kvopt.model.errors import InputError

__all__ = ["Pairs", "UsageSets"]

Pairs = list[tuple[int, int]]

_MOST_ITEMS = 1000


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
    limit
        How many multisets are too many.

    Attributes
    ----------
    count : int
        Number of multisets.
    lifted : list of int
        Number of the multiset with one unit more in every usage; ``count``
        where it does not fit.
    pairs : dict of int to list of tuple
        For each wanted usage ``u``, all ``(S, S with u added)`` in order of
        the second.

    Raises
    ------
    InputError
        When there are more than ``limit``.
    """

    def __init__(
        self,
        memory: int,
        threshold: int,
        largest: int,
        wanted: Collection[int],
        limit: int,
    ) -> None:
        if memory // (threshold + 1) > _MOST_ITEMS:
            raise _too_many(threshold, limit)
        sets: list[tuple[int, ...]] = [()]
        stack: list[tuple[tuple[int, ...], int]] = [((), memory)]
        while stack:
            chosen, left = stack.pop()
            last = chosen[-1] if chosen else threshold + 1
            for usage in range(last, min(largest, left) + 1):
                more = (*chosen, usage)
                sets.append(more)
                if left - usage >= usage:
                    stack.append((more, left - usage))
                if len(sets) > limit:
                    raise _too_many(threshold, limit)
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


def _too_many(threshold: int, limit: int) -> InputError:
    return InputError(
        f"too large to check: more than {limit:,} multisets of usages above "
        f"the threshold fit into the memory",
        field="data.threshold",
        value=threshold,
    )
