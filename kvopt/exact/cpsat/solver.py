"""Running CP-SAT on a model: limits, callbacks, interruption."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kvopt.exact.control.session import Session, SolverError, Stopped
from kvopt.exact.task import SolverTask

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

__all__ = ["search", "warm_up"]


def warm_up() -> None:
    """Load CP-SAT, which takes a good part of a second."""
    from ortools.sat.python import cp_model  # noqa: F401


def search(
    model: cp_model.CpModel,
    decode: Callable[[Callable[[cp_model.IntVar], int]], Sequence[int]],
    task: SolverTask,
    session: Session,
) -> str:
    """Solve ``model`` to optimality, or until it is stopped.

    Parameters
    ----------
    model
        The model; its objective is the total latency.
    decode
        Turns a function from variables to values into start rounds.
    task, session
        What is solved, and whom to tell.

    Raises
    ------
    SolverError
        When CP-SAT breaks off, or finds no schedule where one is known.
    """
    from ortools.sat.python import cp_model

    try:
        solver, status = _once(model, decode, task, session)
    except IndexError:
        # OR-Tools 9.15 can break off while presolve carries a hint along
        # (google/or-tools issue 5288); without hints it does not.
        model.clear_hints()
        try:
            solver, status = _once(model, decode, task, session)
        except IndexError as error:
            raise SolverError(f"CP-SAT broke off: {error}") from error
    if status in (cp_model.INFEASIBLE, cp_model.MODEL_INVALID):
        raise SolverError(
            f"CP-SAT says {solver.status_name(status)}, but a schedule is "
            "known"
        )
    session.proved(solver.best_objective_bound)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        session.found(decode(solver.value), solver.objective_value)
    if status != cp_model.OPTIMAL:
        raise Stopped  # there is no other reason to end
    return "CP-SAT ended"


def _once(
    model: cp_model.CpModel,
    decode: Callable[[Callable[[cp_model.IntVar], int]], Sequence[int]],
    task: SolverTask,
    session: Session,
) -> tuple[cp_model.CpSolver, cp_model.CpSolverStatus]:
    """Run a new solver; return it and its status."""
    from ortools.sat.python import cp_model

    class Report(cp_model.CpSolverSolutionCallback):
        def on_solution_callback(self) -> None:
            session.found(decode(self.value), self.objective_value)
            session.proved(self.best_objective_bound)

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = task.workers
    solver.parameters.random_seed = task.seed
    # Its own handler would end the process on Ctrl-C, with all results.
    solver.parameters.catch_sigint_signal = False
    solver.best_bound_callback = session.proved
    session.on_stop(solver.stop_search)
    session.checkpoint()
    limit = session.remaining()
    if limit is not None:
        solver.parameters.max_time_in_seconds = limit
    return solver, solver.solve(model, Report())
