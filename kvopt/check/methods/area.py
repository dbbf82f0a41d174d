"""The area bound: a worker offers at most M units of memory a round."""

from __future__ import annotations

import heapq
from typing import Any

from kvopt.check.budget import Budget
from kvopt.check.documents import Problem
from kvopt.check.methods.data import no_data

__all__ = ["area"]


def area(problem: Problem, data: dict[str, Any], budget: Budget) -> int:
    """Return the area bound with arrivals, rounded up.

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
    Request ``i`` occupies ``v_i = s_i*o_i + o_i*(o_i+1)/2`` units of memory
    times rounds between ``a_i`` and ``c_i``, all requests together at most
    ``M`` in a round. So a preemptive machine of speed ``M`` with release
    dates ``a_i`` and works ``v_i`` can finish every request no later. Among
    its schedules, shortest remaining processing time has the least
    ``sum(C_i)`` (Schrage 1968). With all arrivals at 0 this is
    ``(1/M) * sum_j sum_{i<=j} v_(i)``: P6, Proposition 3.1; the extension to
    arrivals is ours.

    Time is counted in units of ``1/M`` rounds, in which every release date
    and every completion is an integer. ``O(n log n)``.
    """
    no_data(problem, data, budget)
    works = [
        (
            task.arrival * problem.memory,
            task.prompt * task.output + task.output * (task.output + 1) // 2,
        )
        for task in problem.tasks
    ]
    works.sort()
    ends = 0
    clock = 0
    left: list[int] = []
    k = 0
    while left or k < len(works):
        if not left:
            clock = max(clock, works[k][0])
        while k < len(works) and works[k][0] <= clock:
            heapq.heappush(left, works[k][1])
            k += 1
        work = heapq.heappop(left)
        if k < len(works) and clock + work > works[k][0]:
            heapq.heappush(left, work - (works[k][0] - clock))
            clock = works[k][0]
            continue
        clock += work
        ends += clock
    rounded_up = -(-ends // problem.memory)
    return rounded_up - sum(task.arrival for task in problem.tasks)
