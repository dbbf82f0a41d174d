"""The published integer program, written once in PuLP."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvopt.exact.control.feasibility import fault
from kvopt.exact.control.session import Session
from kvopt.exact.task import SolverTask
from kvopt.exact.time_index import TimeIndex

if TYPE_CHECKING:
    import pulp

__all__ = ["INEXACT", "Program", "build", "report", "warm_up"]

# From this capacity on a row that a solver takes for satisfied may be off by
# a unit: its tolerance is about this share of the largest coefficient.
COARSE = 1_000_000
INEXACT = ", with a schedule that exceeds the memory by its tolerance"


def warm_up() -> None:
    """Load PuLP."""
    import pulp  # noqa: F401


@dataclass(frozen=True)
class Program:
    """The program and its variables, in the order of ``index``."""

    problem: pulp.LpProblem
    variables: Sequence[pulp.LpVariable]
    index: TimeIndex


def build(
    task: SolverTask, checkpoint: Callable[[], None] = lambda: None
) -> Program:
    """Build the hindsight-optimal integer program of P1 (v4/v5).

    ``min sum_i sum_k (k + o_i - a_i) x[i,k]`` subject to ``sum_k x[i,k] = 1``
    for every request, ``sum_i sum_{k=t-o_i}^{t-1} (s_i + t - k) x[i,k] <= M``
    for every round ``t``, and ``x`` binary. The latency stands in the
    coefficients, so that the objective needs no constant.

    Beyond the paper: starts end at ``task.latest``, and twins start in order
    (``sum_k k x[i,k] <= sum_k k x[j,k]``). Both keep an optimal schedule. The
    rows of level k in ``task.levels`` hold in every schedule.

    Parameters
    ----------
    task
        What to solve.
    checkpoint
        Called between rows; may raise to stop.
    """
    import pulp

    index = TimeIndex.of(task)
    problem = pulp.LpProblem("kvopt", pulp.LpMinimize)
    pairs = zip(index.request.tolist(), index.start.tolist(), strict=True)
    variables = [
        problem.add_variable(f"x_{i}_{k}", 0, 1, pulp.LpInteger)
        for i, k in pairs
    ]
    checkpoint()
    problem.setObjective(_sum(variables, index.cost.tolist()))
    starts = index.start.tolist()
    for i in range(len(task.instance)):
        own = index.of_request(i)
        once = _sum(variables[own], [1] * (own.stop - own.start))
        problem.addConstraint(
            pulp.LpConstraint(once, pulp.LpConstraintEQ, rhs=1), f"once_{i}"
        )
    for i, j in task.twins:
        own, other = index.of_request(i), index.of_request(j)
        weights = starts[own] + [-k for k in starts[other]]
        ahead = _sum(variables[own] + variables[other], weights)
        problem.addConstraint(
            pulp.LpConstraint(ahead, pulp.LpConstraintLE, rhs=0),
            f"order_{i}_{j}",
        )
    for row in index.memory_rows():
        checkpoint()
        active = [variables[v] for v in row.variables.tolist()]
        usage = _sum(active, row.units.tolist())
        problem.addConstraint(
            pulp.LpConstraint(
                usage, pulp.LpConstraintLE, rhs=task.instance.memory
            ),
            f"memory_{row.round}",
        )
    for level in task.levels:
        for row in index.level_rows(level):
            checkpoint()
            counted = [variables[v] for v in row.variables.tolist()]
            count = _sum(counted, row.units.tolist())
            problem.addConstraint(
                pulp.LpConstraint(count, pulp.LpConstraintLE, rhs=level),
                f"level_{level}_{row.round}",
            )
    return Program(problem, variables, index)


def _sum(
    variables: Sequence[pulp.LpVariable], weights: Sequence[int]
) -> pulp.LpAffineExpression:
    import pulp

    # A dictionary of distinct variables is taken over without a merge.
    return pulp.LpAffineExpression(dict(zip(variables, weights, strict=True)))


def report(session: Session, starts: Sequence[int], objective: float) -> bool:
    """Report a schedule; return False if a tolerance made it infeasible.

    A bound stays one: what a tolerance lets pass only lowers it.

    Parameters
    ----------
    session
        Is told of the schedule.
    starts
        Start round of each request, shape ``(n,)``.
    objective
        Total latency that the solver claims, in rounds.
    """
    instance = session.instance
    if instance.memory >= COARSE and fault(instance, starts):
        return False
    session.found(starts, objective)
    return True
