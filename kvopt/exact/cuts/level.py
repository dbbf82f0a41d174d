"""Rows of level k: at any round, large requests count at most k.

A request counts while it holds more than ``q*M/(k+1)``, once for each
``q = 1..k``, and for some time after its completion, in which what completes
later was running already. Definition and proof: ``docs/theory/level-k.md``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kvopt.model import Request

__all__ = ["Span", "largest_prompt", "spans"]


class Span(NamedTuple):
    """Rounds ``c + first .. c + last`` in which a request counts once."""

    first: int
    last: int


def largest_prompt(
    requests: Iterable[Request], memory: int, level: int
) -> int:
    """Return the largest prompt among requests that count at ``level``.

    Parameters
    ----------
    requests
        All requests of the instance.
    memory
        Capacity ``M``.
    level
        ``k``, at least 1.
    """
    return max(
        (
            request.prompt
            for request in requests
            if (level + 1) * (request.prompt + request.output) > memory
        ),
        default=0,
    )


def spans(
    request: Request, memory: int, level: int, largest: int
) -> list[Span]:
    """Return when a request counts: one span for each ``q`` it reaches.

    In every feasible schedule and every round, the spans of all requests
    that cover it are at most ``level`` many.

    Parameters
    ----------
    request
        The request.
    memory
        Capacity ``M``.
    level
        ``k``, at least 1.
    largest
        Result of :func:`largest_prompt`.
    """
    parts = level + 1
    peak = request.prompt + request.output
    # d < M/(k+1) - smax: whatever counts was running at the completion.
    longest = (memory - parts * largest - 1) // parts
    found = []
    for q in range(1, parts):
        excess = parts * peak - q * memory
        if excess <= 0:
            break
        last = min((excess - 1) // (parts * (parts - q)), longest)
        first = max(1 - request.output, q * memory // parts - peak + 1)
        found.append(Span(first, max(0, last)))
    return found
