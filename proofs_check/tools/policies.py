"""MC-SF and the two peak-reservation rules, all written for clarity.

Each takes an instance and returns the start rounds, in request order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from proofs_check.tools.instance import Instance, Request

__all__ = ["fcfs", "mc_sf", "shortest_first"]

Running = list[tuple[int, Request]]
Admits = Callable[[int, Running, int, Request], bool]


def mc_sf(instance: Instance) -> list[int]:
    """Shortest first, while the memory of the whole future fits (P1)."""
    return _serve(instance, _by_output(instance), _future_fits)


def shortest_first(instance: Instance) -> list[int]:
    """Shortest first, each request reserving its peak ``s + o``."""
    return _serve(instance, _by_output(instance), _peaks_fit)


def fcfs(instance: Instance) -> list[int]:
    """First come first served, each request reserving its peak."""
    return _serve(instance, range(len(instance.requests)), _peaks_fit)


def _by_output(instance: Instance) -> list[int]:
    requests = instance.requests
    return sorted(range(len(requests)), key=lambda i: (requests[i].output, i))


def _serve(
    instance: Instance, order: Sequence[int], admits: Admits
) -> list[int]:
    """Start requests in ``order``; wait at the first that is not admitted."""
    waiting = list(order)
    running: Running = []
    starts = [0] * len(waiting)
    now = 0
    while waiting:
        running = [(p, r) for p, r in running if p + r.output > now]
        for i in list(waiting):
            request = instance.requests[i]
            if request.arrival > now:
                continue
            if not admits(instance.memory, running, now, request):
                break
            running.append((now, request))
            starts[i] = now
            waiting.remove(i)
        now += 1
    return starts


def _future_fits(
    memory: int, running: Running, now: int, request: Request
) -> bool:
    """Memory at every completion to come, with ``request`` started now.

    Between completions usage only grows, so no other round is worse.
    """
    runs = [*running, (now, request)]
    return all(
        sum(r.prompt + end - p for p, r in runs if p < end <= p + r.output)
        <= memory
        for end in {p + r.output for p, r in runs}
    )


def _peaks_fit(
    memory: int, running: Running, now: int, request: Request
) -> bool:
    reserved = sum(r.prompt + r.output for _, r in running)
    return reserved + request.prompt + request.output <= memory
