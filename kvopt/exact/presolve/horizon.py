"""How late each request can start in an optimal schedule.

Let ``U`` be the total latency of a known schedule. Every *optimal* schedule
satisfies the two conditions below, so a model restricted to them has the same
optimum, and its bounds are bounds of the instance.

1. ``c_i <= a_i + U - LB_i`` where ``LB_i`` bounds from below the total latency
   of the instance without request ``i``. Proof: take an optimal schedule,
   ``TEL <= U``. Leaving out request ``i`` only lowers the memory in use, so
   the others are a schedule of the instance without ``i``, and their latencies
   sum to at least ``LB_i``. What is left for ``i`` is ``TEL - LB_i``. []
2. ``c_i <= max(a) + sum(o)``. Proof: suppose that in an optimal schedule some
   round ``t > max(a)`` is idle (nothing is active) and something starts at
   ``t`` or later. Start all of that one round earlier. The arrivals permit
   it, since ``t - 1 >= max(a)``. What was active before round ``t`` is over
   by ``t - 1``, so the two parts still do not meet, and each has the memory
   profile it had. The latency fell: a contradiction. So no round in
   ``max(a)+1 .. makespan`` is idle, and there are at most ``sum(o)`` rounds
   in which something is active. []
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kvopt.exact.bounds.area import area_bound
from kvopt.exact.bounds.trivial import trivial_bound
from kvopt.model import Instance, Request
from kvopt.model.instance import IntArray

__all__ = ["latest_starts"]


def latest_starts(
    instance: Instance,
    upper_bound: int,
    checkpoint: Callable[[], None] = lambda: None,
) -> IntArray:
    """Return the latest start round of each request, shape ``(n,)``.

    Parameters
    ----------
    instance
        The instance.
    upper_bound
        Total latency ``U`` of a feasible schedule, in rounds.
    checkpoint
        Called between requests; may raise to stop the computation.

    Notes
    -----
    ``p_i <= latest_i`` holds in every optimal schedule: see the proofs at the
    top of this file. ``LB_i`` is the greater of the area and the trivial
    bound of the other requests. ``O(n^2 log n)``.
    """
    requests = list(instance)
    end = int(instance.arrival.max() + instance.output.sum())
    latest = np.empty(len(requests), dtype=np.int64)
    known: dict[Request, int] = {}
    for i, request in enumerate(requests):
        if request not in known:
            checkpoint()
            others = requests[:i] + requests[i + 1 :]
            least = max(
                trivial_bound(others), area_bound(others, instance.memory)
            )
            known[request] = min(request.arrival + upper_bound - least, end)
        latest[i] = known[request] - request.output
    return latest
