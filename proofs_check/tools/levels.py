"""Counts of the rows of level k, as docs/theory/level-k.md defines them."""

from __future__ import annotations

from collections.abc import Sequence

from proofs_check.tools.instance import Instance
from proofs_check.tools.lists import peak

__all__ = ["count", "count_unconditional"]


def count(instance: Instance, starts: Sequence[int], k: int, t: int) -> int:
    """Return the sum of the counts at round ``t``.

    All comparisons are multiplied by ``k + 1``.
    """
    memory, parts = instance.memory, k + 1
    most = max(
        (r.prompt for r in instance.requests if peak(r) * parts > memory),
        default=0,
    )
    total = 0
    for r, p in zip(instance.requests, starts, strict=True):
        over = t - p - r.output
        if p < t <= p + r.output:
            held = r.prompt + t - p
            total += sum(held * parts > q * memory for q in range(1, parts))
        elif over > 0 and over * parts < memory - most * parts:
            total += sum(
                peak(r) * parts > q * memory + parts * (parts - q) * over
                for q in range(1, parts)
            )
    return total


def count_unconditional(
    instance: Instance, starts: Sequence[int], k: int, t: int
) -> int:
    """Return the sum of the counts if those to start soon count, too."""
    memory, parts = instance.memory, k + 1
    total = 0
    for r, p in zip(instance.requests, starts, strict=True):
        left = p + r.output - t
        if left >= 0:
            held = peak(r) - left
            total += sum(held * parts > q * memory for q in range(1, parts))
    return total
