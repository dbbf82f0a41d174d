"""CP-SAT on the time-indexed model: one Boolean a request and start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kvopt.exact.control.session import Session
from kvopt.exact.cpsat.solver import search
from kvopt.exact.task import SolverTask
from kvopt.exact.time_index import TimeIndex, too_large

__all__ = ["run"]


def run(task: SolverTask, session: Session) -> str:
    """Solve ``task``; return why CP-SAT ended.

    The constraints are those of :func:`kvopt.exact.milp.model.build`.
    """
    problem = too_large(task)
    if problem:
        return problem
    from ortools.sat.python import cp_model

    index = TimeIndex.of(task)
    model = cp_model.CpModel()
    pairs = zip(index.request.tolist(), index.start.tolist(), strict=True)
    x = [model.new_bool_var(f"x_{i}_{k}") for i, k in pairs]
    weighted = cp_model.LinearExpr.weighted_sum
    starts = index.start.tolist()
    begin = []
    for i in range(len(task.instance)):
        own = index.of_request(i)
        model.add_exactly_one(x[own])
        begin.append((x[own], starts[own]))
    for i, j in task.twins:
        model.add(weighted(*begin[i]) <= weighted(*begin[j]))
    for row in index.memory_rows():
        session.checkpoint()
        active = [x[v] for v in row.variables.tolist()]
        model.add(weighted(active, row.units.tolist()) <= task.instance.memory)
    for level in task.levels:
        for row in index.level_rows(level):
            session.checkpoint()
            counted = [x[v] for v in row.variables.tolist()]
            if level == 1:
                model.add_at_most_one(counted)
            else:
                model.add(weighted(counted, row.units.tolist()) <= level)
    model.minimize(weighted(x, index.cost.tolist()))
    if task.incumbent:
        hint = index.values(task.incumbent).tolist()
        for variable, value in zip(x, hint, strict=True):
            model.add_hint(variable, value)

    def decode(value: Callable[[Any], int]) -> list[int]:
        return index.starts([value(variable) for variable in x])

    return search(model, decode, task, session)
