"""Taking idle rounds out of a schedule."""

from __future__ import annotations

from collections.abc import Sequence

from kvopt.model import Instance

__all__ = ["without_idle_rounds"]


def without_idle_rounds(
    instance: Instance, starts: Sequence[int]
) -> list[int]:
    """Return ``starts`` with the idle rounds after ``max(a)`` taken out.

    The memory profile of what runs is kept; see
    :mod:`kvopt.exact.presolve.horizon`.
    """
    last = int(instance.arrival.max())
    output = instance.output.tolist()
    moved = list(starts)
    busy_until = last
    saved = 0
    for i in sorted(range(len(starts)), key=lambda i: starts[i]):
        if starts[i] - saved > busy_until:
            saved = starts[i] - busy_until
        if starts[i] > last:
            moved[i] = starts[i] - saved
        busy_until = max(busy_until, moved[i] + output[i])
    return moved
