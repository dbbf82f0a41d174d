"""The mean-busy-time bound: a request ends a known time after the mean."""

from __future__ import annotations

import heapq
from typing import Any

from kvopt.check.budget import Budget
from kvopt.check.documents import Problem
from kvopt.check.methods.data import no_data

__all__ = ["mean_busy_time"]

SCALE = 2**64


def mean_busy_time(
    problem: Problem, data: dict[str, Any], budget: Budget
) -> int:
    """Return the mean-busy-time bound with arrivals, rounded up.

    Parameters
    ----------
    problem
        The instance, as the checker has read it.
    data
        What the certificate gives beside the instance.
    budget
        What the check may still take; the work is charged to it before
        it is done.

    Notes
    -----
    A unit of memory in round ``t`` is occupied from ``t-1`` to ``t``, on
    average at ``t - 1/2``. Over the ``v`` units of a request with prompt
    ``s``, output ``o`` and start ``p`` the mean is ``m = sum_{k=1..o}
    (s+k)*(p+k-1/2) / v``, so ``p + o = m + sum_k (s+k)*(o-k+1/2) / v``. A
    preemptive machine of speed ``M`` with release dates ``a_i`` and works
    ``v_i`` can do what a schedule does; its least ``sum(m_i)`` is reached
    by smallest total work first (Goemans et al. 2002).

    Every term is rounded down to a multiple of ``2**-64`` rounds, which can
    only lower the sum. ``O(n log n)``.
    """
    no_data(problem, data, budget)
    memory = problem.memory
    entries = []
    total = 0
    for task in problem.tasks:
        s, o = task.prompt, task.output
        work = s * o + o * (o + 1) // 2
        # Twice sum_k (s+k)*(o-k), then the half of a round.
        lag = s * o * (o - 1) + o * (o - 1) * (o + 1) // 3
        total += SCALE * lag // (2 * work) + SCALE // 2
        total -= SCALE * task.arrival
        entries.append((task.arrival * memory, work))
    entries.sort()
    clock = 0
    k = 0
    ready: list[list[int]] = []
    while ready or k < len(entries):
        if not ready:
            clock = max(clock, entries[k][0])
        while k < len(entries) and entries[k][0] <= clock:
            heapq.heappush(ready, [entries[k][1], entries[k][1]])
            k += 1
        job = ready[0]
        end = clock + job[1]
        if k < len(entries):
            end = min(end, entries[k][0])
        done = end - clock
        total += SCALE * done * (clock + end) // (2 * job[0] * memory)
        job[1] -= done
        if job[1] == 0:
            heapq.heappop(ready)
        clock = end
    return -(-total // SCALE)
