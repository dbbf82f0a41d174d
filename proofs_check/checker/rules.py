"""The rules of the model: memory round by round, and what is least."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from math import inf
from typing import Any, NamedTuple


class RejectedError(Exception):
    """A document does not show what it says, or cannot be read."""


class Request(NamedTuple):
    """A request; ``start`` is -1 as long as it waits."""

    arrival: int
    prompt: int
    output: int
    start: int = -1


Requests = Sequence[Request]

#: Steps that a document may take, and how many are left of those of the one
#: that is being checked: half a minute, and some hundred bytes each.
STEPS = 30_000_000
LEFT: list[float] = [inf]


def require(holds: Any, fault: str) -> None:
    """Reject unless something holds."""
    if not holds:
        raise RejectedError(fault)


def whole(value: Any, least: int = 0) -> int:
    """Return a value that must be an integer, at least ``least``."""
    require(type(value) is int and value >= least, f"{value!r} is no number")
    return int(value)


def spend(steps: int) -> None:
    """Note steps that are about to be taken."""
    LEFT[0] -= steps
    require(LEFT[0] >= 0, f"more than {STEPS:,} steps to check it")


def held(requests: Requests, t: int) -> int:
    """Return what started requests hold in round ``t``."""
    return sum(s + t - p for _, s, o, p in requests if 0 <= p < t <= p + o)


def fits(memory: int, requests: Requests, t: int) -> bool:
    """Return whether nothing exceeds the memory after round ``t``."""
    last = max((r.start + r.output for r in requests), default=0)
    spend(max(1, last - t) * len(requests))
    return all(held(requests, u) <= memory for u in range(t + 1, last + 1))


def feasible(memory: int, requests: Requests) -> int:
    """Return the total latency of a schedule that must be feasible."""
    require(all(r.start >= r.arrival for r in requests), "a start too early")
    require(fits(memory, requests, -1), "a schedule beyond the memory")
    return sum(r.start + r.output - r.arrival for r in requests)


def answers(
    memory: int, requests: Requests, t: int
) -> Iterator[tuple[Request, ...]]:
    """Yield what may be done in round ``t``: any starts that fit.

    Of requests that differ in nothing but arrival the earlier starts first:
    exchanging them changes neither memory nor total latency.
    """
    waiting: dict[tuple[int, int], list[Request]] = {}
    for r in sorted(requests):
        if r.start < 0 and r.arrival <= t:
            waiting.setdefault(r[1:3], []).append(r)
    for counts in product(*(range(len(w) + 1) for w in waiting.values())):
        after = list(requests)
        for count, group in zip(counts, waiting.values(), strict=True):
            for request in group[:count]:
                after.remove(request)
                after.append(request._replace(start=t))
        if fits(memory, after, t):
            yield tuple(sorted(after))


def least_latency(memory: int, requests: Requests, t: int) -> int:
    """Return the least total latency of all continuations from round ``t``.

    Positions are settled in ascending order of cost; each waiting request
    that is present pays one for every round.
    """
    begun = sum(
        (r.start + r.output if r.start >= 0 else max(t, r.arrival)) - r.arrival
        for r in requests
    )
    queue = [(begun, t, tuple(sorted(requests)))]
    settled = set()
    while queue:
        cost, u, state = heapq.heappop(queue)
        if all(r.start >= 0 for r in state):
            return cost
        if (u, state) in settled:
            continue
        settled.add((u, state))
        coming = any(r.arrival > u for r in state)
        for after in answers(memory, state, u):
            if after == state and not coming and not held(state, u + 1):
                continue
            started = sum(r.output for r in after if r.start == u)
            waits = sum(r.start < 0 and r.arrival <= u for r in after)
            heapq.heappush(queue, (cost + started + waits, u + 1, after))
    raise RejectedError("no continuation")


def volume(r: Request) -> int:
    """Return the memory times rounds of one run."""
    return r.prompt * r.output + r.output * (r.output + 1) // 2


#: Sort keys of the rules that serve a queue in a fixed order, with the test
#: of the whole future, and wait at the first request that does not fit.
ORDERS: dict[str, Callable[[Request], int]] = {
    "mc-sf": lambda r: r.output,
    "svf": volume,
    "mc-benchmark": lambda r: 0,
    "peak-order": lambda r: r.prompt + r.output,
    "largest-volume-first": lambda r: -volume(r),
}


def serve(rule: str, memory: int, requests: Requests) -> list[int]:
    """Return the start rounds of one of the rules in ``ORDERS``."""
    queue = sorted(
        range(len(requests)), key=lambda i: ORDERS[rule](requests[i])
    )
    served = list(requests)
    t = 0
    while queue:
        spend(len(queue))
        for i in [i for i in queue if requests[i].arrival <= t]:
            served[i] = requests[i]._replace(start=t)
            if not fits(memory, served, t):
                served[i] = requests[i]
                break
            queue.remove(i)
        t += 1
    return [r.start for r in served]
