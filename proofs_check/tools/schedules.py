"""Every feasible schedule of tiny instances, for statements about all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from proofs_check.tools.instance import Instance, overload
from proofs_check.tools.tiny import any_prompts

__all__ = ["all_schedules", "usage"]


def all_schedules(
    memory: int, n: int, slack: int
) -> Iterator[tuple[Instance, tuple[int, ...]]]:
    """Yield every feasible schedule of every instance of a range.

    Parameters
    ----------
    memory, n
        Largest capacity, and number of requests, all at 0, any prompts.
    slack
        Starts are up to the longest output plus this.
    """
    for instance in any_prompts(memory, n):
        if len(instance.requests) < n:
            continue
        last = max(r.output for r in instance.requests) + slack
        for starts in product(range(last + 1), repeat=n):
            if not overload(instance, starts):
                yield instance, starts


def usage(instance: Instance, starts: tuple[int, ...], t: int) -> int:
    """Return what is held in round ``t``."""
    return sum(
        r.prompt + t - p
        for r, p in zip(instance.requests, starts, strict=True)
        if p < t <= p + r.output
    )
