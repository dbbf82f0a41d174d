"""HiGHS on the integer program, in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kvopt.exact.control.highs_lock import SCHEDULER
from kvopt.exact.control.session import Session, SolverError, Stopped
from kvopt.exact.milp.model import INEXACT, Program, build, report
from kvopt.exact.task import SolverTask
from kvopt.exact.time_index import too_large

if TYPE_CHECKING:
    import highspy

__all__ = ["run", "warm_up"]


def warm_up() -> None:
    """Load HiGHS and PuLP."""
    import highspy  # noqa: F401
    import pulp  # noqa: F401


def run(task: SolverTask, session: Session) -> str:
    """Solve ``task``; return why HiGHS ended."""
    problem = too_large(task)
    if problem:
        return problem
    program = build(task, session.checkpoint)
    while not SCHEDULER.acquire(timeout=0.1):
        session.checkpoint()
    try:
        return _run(program, task, session)
    finally:
        SCHEDULER.release()


def _run(
    program: Program, task: SolverTask, session: Session, presolve: bool = True
) -> str:
    import highspy

    index = program.index
    matrix = _matrix(program)
    session.checkpoint()

    # The number of threads of a process is fixed by its first solve.
    highspy.Highs.resetGlobalScheduler(True)
    model = highspy.Highs()
    options = {
        "output_flag": False,
        "presolve": "choose" if presolve else "off",
        "threads": task.workers,
        "random_seed": task.seed,
        "mip_rel_gap": 0.0,
        # Objectives are integers: nothing better fits into a smaller gap.
        "mip_abs_gap": 0.999,
    }
    for name, value in options.items():
        model.setOptionValue(name, value)
    model.passModel(matrix)
    if task.incumbent:
        start = highspy.HighsSolution()
        start.col_value = index.values(task.incumbent).astype(float).tolist()
        model.setSolution(start)

    def improved(event: Any) -> None:
        data = event.data_out
        starts = index.starts(data.mip_solution)
        report(session, starts, data.objective_function_value)

    def logged(event: Any) -> None:
        session.proved(event.data_out.mip_dual_bound)

    model.cbMipImprovingSolution.subscribe(improved)
    model.cbMipLogging.subscribe(logged)
    model.HandleUserInterrupt = True
    session.on_stop(model.cancelSolve)
    limit = session.remaining()
    if limit is not None:
        model.setOptionValue("time_limit", limit)
    model.run()

    status = model.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        if presolve:
            # Presolve of HiGHS 1.14 can be wrong about that; see issue 3090
            # of ERGO-Code/HiGHS.
            return _run(program, task, session, presolve=False)
        raise SolverError("HiGHS says infeasible, but a schedule is known")
    info = model.getInfo()
    exact = True
    feasible = highspy.SolutionStatus.kSolutionStatusFeasible
    if info.primal_solution_status == feasible:
        exact = report(
            session,
            index.starts(model.getSolution().col_value),
            info.objective_function_value,
        )
    session.proved(info.mip_dual_bound)
    if status in (
        highspy.HighsModelStatus.kTimeLimit,
        highspy.HighsModelStatus.kInterrupt,
    ):
        raise Stopped
    verdict = model.modelStatusToString(status)
    return f"HiGHS ended: {verdict}{'' if exact else INEXACT}"


def _matrix(program: Program) -> highspy.HighsLp:
    """Return the program as one row-wise matrix.

    PuLP's own way, row by row, takes five times as long.
    """
    import highspy

    column = {v: c for c, v in enumerate(program.variables)}
    rows = list(program.problem.constraints())
    sizes = [len(row) for row in rows]
    columns = [column[v] for row in rows for v in row]
    weights = [w for row in rows for w in row.values()]
    inf = highspy.kHighsInf
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(column), len(rows)
    lp.col_cost_ = np.array(program.index.cost, dtype=float)
    lp.col_lower_ = np.zeros(len(column))
    lp.col_upper_ = np.ones(len(column))
    lp.integrality_ = [highspy.HighsVarType.kInteger] * len(column)
    lp.row_lower_ = [-inf if (b := r.getLb()) is None else b for r in rows]
    lp.row_upper_ = [inf if (b := r.getUb()) is None else b for r in rows]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(sizes)])
    lp.a_matrix_.index_ = np.array(columns)
    lp.a_matrix_.value_ = np.array(weights, dtype=float)
    return lp
