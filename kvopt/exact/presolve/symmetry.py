"""Requests of equal sizes can be started in order of arrival.

Lemma. Let ``i`` and ``j`` have the same ``(s, o)`` and ``a_i <= a_j``. From a
schedule with ``p_i > p_j``, swapping the two starts gives a schedule of the
same total latency with the same memory usage in every round.

Proof. The usage depends only on which sizes start when, so it is unchanged.
``p_j >= a_j >= a_i``, so ``i`` may start at ``p_j``; ``p_i > p_j >= a_j``, so
``j`` may start at ``p_i``. The sum of completions is unchanged. []

Sorting the starts within each group of equal sizes is a sequence of such
swaps. So a schedule of least latency exists with ``p_i <= p_j`` for all such
pairs at once; and if a set of schedules contains every optimal one, it
contains a sorted one.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence

from kvopt.model import Instance

__all__ = ["in_order", "twins"]


def groups(instance: Instance) -> list[list[int]]:
    """Return the requests of each size ``(s, o)``, in order of arrival."""
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, request in enumerate(instance):
        found[request.prompt, request.output].append(i)
    return list(found.values())


def twins(instance: Instance) -> tuple[tuple[int, int], ...]:
    """Return pairs ``(i, j)`` for which ``p_i <= p_j`` may be required.

    Neighbours in their group only: the others follow. ``O(n)``.
    """
    return tuple(
        pair
        for group in groups(instance)
        for pair in itertools.pairwise(group)
    )


def in_order(instance: Instance, starts: Sequence[int]) -> list[int]:
    """Return ``starts``, sorted within each group of equal sizes."""
    ordered = list(starts)
    for group in groups(instance):
        for i, start in zip(
            group, sorted(starts[i] for i in group), strict=True
        ):
            ordered[i] = start
    return ordered
