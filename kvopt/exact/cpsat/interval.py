"""CP-SAT with intervals and one cumulative resource, for comparison."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kvopt.exact.control.session import Session
from kvopt.exact.cpsat.solver import search
from kvopt.exact.cuts import largest_prompt, spans
from kvopt.exact.task import SolverTask
from kvopt.model import Instance
from kvopt.model.sums import exact_sum

__all__ = ["run"]

# Every unit of output is an interval; more are slow to build and hopeless.
MAX_INTERVALS = 200_000


def run(task: SolverTask, session: Session) -> str:
    """Solve ``task``; return why CP-SAT ended.

    A request that starts at ``p`` holds ``s + 1`` units in its first round
    and one more in each later one. So it is a stack of ``o`` intervals that
    end together: ``[p, p + o)`` with demand ``s + 1``, and ``[p + u, p + o)``
    with demand 1 for ``u = 1 .. o - 1``; the interval ``[t - 1, t)`` is round
    ``t``. The growth of the memory is exact.
    """
    instance = task.instance
    stacked = int(instance.output.sum())
    if stacked > MAX_INTERVALS:
        return (
            f"the interval model would have {stacked} intervals, "
            f"more than {MAX_INTERVALS}"
        )
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    start = []
    intervals = []
    demands = []
    for i, (request, latest) in enumerate(
        zip(instance, task.latest.tolist(), strict=True)
    ):
        session.checkpoint()
        p = model.new_int_var(request.arrival, latest, f"p_{i}")
        start.append(p)
        for u in range(request.output):
            intervals.append(
                model.new_fixed_size_interval_var(
                    p + u, request.output - u, f"i_{i}_{u}"
                )
            )
            demands.append(1 if u else request.prompt + 1)
    model.add_cumulative(intervals, demands, instance.memory)
    for level in task.levels:
        session.checkpoint()
        _add_level(model, instance, start, level)
    for i, j in task.twins:
        model.add(start[i] <= start[j])
    constant = exact_sum(instance.output) - exact_sum(instance.arrival)
    model.minimize(sum(start) + constant)
    if task.incumbent:
        for p, value in zip(start, task.incumbent, strict=True):
            model.add_hint(p, value)

    def decode(value: Callable[[Any], int]) -> list[int]:
        return [value(p) for p in start]

    return search(model, decode, task, session)


def _add_level(
    model: Any, instance: Instance, start: Sequence[Any], level: int
) -> None:
    """Add the rows of a level: spans, of which at most so many overlap."""
    largest = largest_prompt(instance, instance.memory, level)
    counted = [
        model.new_fixed_size_interval_var(
            p + request.output + span.first - 1,
            span.last - span.first + 1,
            f"level_{level}_{i}_{q}",
        )
        for i, (request, p) in enumerate(zip(instance, start, strict=True))
        for q, span in enumerate(
            spans(request, instance.memory, level, largest)
        )
    ]
    if level == 1:
        model.add_no_overlap(counted)
    else:
        model.add_cumulative(counted, [1] * len(counted), level)
