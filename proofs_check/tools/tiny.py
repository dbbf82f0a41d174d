"""Every tiny instance of a range, its optimum, and what a policy costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import cache, lru_cache
from itertools import combinations_with_replacement
from typing import NamedTuple

from proofs_check.tools.instance import Instance, at_zero, cost
from proofs_check.tools.optimum import optimum

__all__ = ["Worst", "any_prompts", "best", "equal_prompts", "worst_ratio"]

best = lru_cache(maxsize=None)(optimum)


@cache
def equal_prompts(memory: int, n: int, least: int = 0) -> tuple[Instance, ...]:
    """Return all instances of equal prompts, all at 0, up to a size.

    Parameters
    ----------
    memory
        Largest capacity ``M``, in units.
    n
        Largest number of requests.
    least
        Smallest prompt.
    """
    return tuple(
        at_zero(m, [(prompt, o) for o in outputs])
        for m in range(1, memory + 1)
        for prompt in range(least, m)
        for k in range(1, n + 1)
        for outputs in combinations_with_replacement(
            range(1, m - prompt + 1), k
        )
    )


@cache
def any_prompts(memory: int, n: int) -> tuple[Instance, ...]:
    """Return all instances with all requests at 0, up to a size.

    Parameters
    ----------
    memory, n
        As in :func:`equal_prompts`.
    """
    return tuple(
        at_zero(m, sizes)
        for m in range(1, memory + 1)
        for k in range(1, n + 1)
        for sizes in combinations_with_replacement(
            [(s, o) for s in range(m) for o in range(1, m - s + 1)], k
        )
    )


class Worst(NamedTuple):
    """The largest ratio of a scan, where it was met, and how many tried.

    ``paid`` is the sum of what the policy paid, on all instances.
    """

    ratio: Fraction
    instance: Instance
    tried: int
    paid: int

    def shown(self) -> str:
        """Return the instance in words."""
        requests = ",".join(
            f"({r.prompt},{r.output})" for r in self.instance.requests
        )
        return f"M={self.instance.memory}, (s,o) = {requests}"


def worst_ratio(
    instances: Iterable[Instance],
    paid: Callable[[Instance], int],
) -> Worst:
    """Return the largest ratio of what a policy pays to the optimum.

    Parameters
    ----------
    instances
        What is tried.
    paid
        Total latency of the policy on an instance.
    """
    worst, where = Fraction(0), at_zero(1, [(0, 1)])
    total = tried = 0
    for instance in instances:
        cost_here = paid(instance)
        total += cost_here
        tried += 1
        ratio = Fraction(cost_here, best(instance))
        if ratio > worst:
            worst, where = ratio, instance
    return Worst(worst, where, tried, total)


def pays(rule: Callable[[Instance], list[int]]) -> Callable[[Instance], int]:
    """Return what a rule that gives start rounds pays."""
    return lambda instance: cost(instance, rule(instance))
