"""Bounds by prices of memory, at random prices, against the optimum."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from proofs_check.evidence import Finding, NotCheckedError, proved
from proofs_check.tools.instance import Instance
from proofs_check.tools.tiny import any_prompts, best

__all__ = ["never_above"]

Draw = Callable[[random.Random], dict[str, Any]]
# Arrivals that are tried beside all at 0, cut to the number of requests.
LATER = (0, 1, 3)


def _arriving(instance: Instance) -> Instance:
    """Return the instance with arrivals in place of all at 0."""
    requests = tuple(
        request._replace(arrival=arrival)
        for request, arrival in zip(instance.requests, LATER, strict=False)
    )
    return instance._replace(requests=requests)


def _document(instance: Instance) -> dict[str, Any]:
    requests = [request._asdict() for request in instance.requests]
    return {
        "format": "kvopt-instance/1",
        "memory": instance.memory,
        "requests": requests,
    }


def never_above(method: str, draw: Draw, memory: int, times: int) -> Finding:
    """Evaluate a bound at random prices on tiny instances.

    Parameters
    ----------
    method
        Method of a ``kvopt-bound/1`` document.
    draw
        Draws the data of one.
    memory
        Largest capacity ``M``; there are at most three requests.
    times
        Prices drawn for each instance.
    """
    try:
        from kvopt.check.budget import Budget
        from kvopt.check.documents import read_instance
        from kvopt.check.methods import METHODS
    except ImportError as error:
        raise NotCheckedError(f"kvopt cannot be imported: {error}") from None
    rng = random.Random(0)
    tried = positive = 0
    largest = Fraction(0)
    for at_zero in any_prompts(memory, len(LATER)):
        for instance in (at_zero, _arriving(at_zero)):
            problem = read_instance(_document(instance))
            for _ in range(times):
                value = METHODS[method](problem, draw(rng), Budget(1))
                largest = max(largest, Fraction(int(value), best(instance)))
                positive += value > 0
                tried += 1
    return proved(
        f"{times} random prices for each instance with M <= {memory} and at "
        f"most {len(LATER)} requests, all at 0 and at rounds {LATER}: "
        f"{tried} values, {positive} of them above 0, never above the "
        f"optimum, up to {float(largest):.4f} of it.",
        {"a lower bound": largest <= 1},
        numbers={"positive": positive, "largest": str(largest)},
        tried=tried,
        largest_ratio=largest,
        bound=Fraction(1),
    )
