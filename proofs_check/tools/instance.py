"""Instances and schedules as plain tuples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Instance", "Request", "at_zero", "cost", "overload", "volume"]


class Request(NamedTuple):
    """A request: arrival round, prompt and output length."""

    arrival: int
    prompt: int
    output: int


class Instance(NamedTuple):
    """A worker's memory, and requests in order of arrival."""

    memory: int
    requests: tuple[Request, ...]


def at_zero(memory: int, sizes: Sequence[tuple[int, int]]) -> Instance:
    """Return an instance of ``(prompt, output)`` pairs, all there at 0."""
    return Instance(memory, tuple(Request(0, s, o) for s, o in sizes))


def volume(request: Request) -> int:
    """Return the memory-time area of one run, ``s*o + o*(o+1)/2``."""
    s, o = request.prompt, request.output
    return s * o + o * (o + 1) // 2


def cost(instance: Instance, starts: Sequence[int]) -> int:
    """Return the total latency ``sum(p_i + o_i - a_i)``."""
    pairs = zip(instance.requests, starts, strict=True)
    return sum(p + r.output - r.arrival for r, p in pairs)


def overload(instance: Instance, starts: Sequence[int]) -> int:
    """Return the units above the limit in the worst round; 0 if feasible.

    Raises
    ------
    ValueError
        When a request starts before it arrives.
    """
    pairs = list(zip(instance.requests, starts, strict=True))
    if any(start < request.arrival for request, start in pairs):
        raise ValueError("a request starts before it arrives")
    last = max(start + request.output for request, start in pairs)
    worst = 0
    for t in range(1, last + 1):
        held = sum(
            request.prompt + t - start
            for request, start in pairs
            if start < t <= start + request.output
        )
        worst = max(worst, held - instance.memory)
    return worst
