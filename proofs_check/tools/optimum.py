"""The exact optimum of tiny instances, by shortest path over rounds."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import count

from proofs_check.tools.instance import Instance, Request

__all__ = ["optimum"]

# What is running, as sorted (units held last round, rounds left).
Running = tuple[tuple[int, int], ...]


def optimum(instance: Instance) -> int:
    """Return the least total latency of any schedule.

    Notes
    -----
    A* over the states at the start of a round: the round (only while somebody
    has yet to arrive), who waits, and what runs, identical requests not told
    apart. A round costs one for every request present and unfinished, which
    sums to the total latency. The estimate of the rest, every unfinished
    request's own rounds, falls by at most the cost of a round, so the first
    final state reached is optimal. Nothing is assumed of the schedule: every
    subset of the waiting may start in every round, so all schedules without
    cancelled runs are covered, and cancelled runs can be left out at no cost.
    """
    last_arrival = max(r.arrival for r in instance.requests)
    start = (0, tuple(sorted(instance.requests)), ())
    estimate = sum(r.output for r in instance.requests)
    tie = count()
    queue: list[tuple] = [(estimate, next(tie), 0, start)]
    done = set()
    while True:
        _, _, spent, state = heapq.heappop(queue)
        if state in done:
            continue
        done.add(state)
        now, waiting, running = state
        if not waiting and not running:
            return spent
        here = sum(r.arrival <= now for r in waiting)
        paid = spent + here + len(running)
        then = min(now + 1, last_arrival)
        for left, runs in _starts(instance.memory, now, waiting, running):
            moved = tuple(
                sorted((held + 1, k - 1) for held, k in runs if k > 1)
            )
            following = (then, left, moved)
            if following in done:
                continue
            rest = sum(r.output for r in left) + sum(k for _, k in moved)
            entry = (paid + rest, next(tie), paid, following)
            heapq.heappush(queue, entry)


def _starts(
    memory: int, now: int, waiting: tuple[Request, ...], running: Running
) -> Iterator[tuple[tuple[Request, ...], Running]]:
    """Yield every choice of what starts now and fits until it completes."""
    yield waiting, running
    for i, request in enumerate(waiting):
        if request.arrival > now or request in waiting[:i]:
            continue
        runs = (*running, (request.prompt, request.output))
        if not _fits(memory, runs):
            continue
        # Only later ones join it: every subset is built once, in order.
        for left, more in _starts(memory, now, waiting[i + 1 :], runs):
            yield waiting[:i] + left, more


def _fits(memory: int, runs: Running) -> bool:
    return all(
        sum(held + end for held, k in runs if k >= end) <= memory
        for end in {k for _, k in runs}
    )
