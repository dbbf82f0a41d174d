"""The area bound: the worker has M units of memory to give in a round."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush

from kvopt.model import Request

__all__ = ["area_bound"]


def area_bound(requests: Iterable[Request], memory: int) -> int:
    """Return the area bound on ``TEL``, in rounds, rounded up.

    Parameters
    ----------
    requests
        The requests, in any order.
    memory
        Capacity ``M``.

    Notes
    -----
    Between ``a_i`` and ``c_i`` request ``i`` occupies ``vol_i = s_i*o_i +
    o_i*(o_i+1)/2`` units times rounds, and all requests together at most
    ``M`` in a round. Read the units as work: every schedule is one of a
    preemptive, divisible machine of speed ``M``, with release dates ``a_i``
    and works ``vol_i``. On that machine shortest-remaining-processing-time
    has the smallest ``sum(C_i)`` (Schrage 1968), so
    ``TEL >= sum(C_i) - sum(a_i)``. With all arrivals at 0 this is
    ``(1/M) sum_j sum_{i<=j} vol_(i)``, volumes ascending (P6, Proposition
    3.1); the extension to arrivals is ours.

    Time is counted in units of ``1/M`` round: then all release dates and
    completions are integers and nothing is rounded before the end.
    ``O(n log n)``.
    """
    released = sorted(
        (
            r.arrival * memory,
            r.prompt * r.output + r.output * (r.output + 1) // 2,
        )
        for r in requests
    )
    arrivals = sum(release for release, _ in released)
    remaining: list[int] = []
    now = total = 0
    for release, work in released:
        # Run the shortest until the next release.
        while remaining and now < release:
            shortest = heappop(remaining)
            if now + shortest > release:
                heappush(remaining, now + shortest - release)
                now = release
            else:
                now += shortest
                total += now
        now = max(now, release)
        heappush(remaining, work)
    while remaining:
        now += heappop(remaining)
        total += now
    return -((arrivals - total) // memory)
