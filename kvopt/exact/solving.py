"""``solve()``: the best schedule and the best bound within a time limit."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Event, Thread
from typing import Any

import numpy as np

from kvopt.exact.bounds import lower_bound
from kvopt.exact.control.feasibility import fault
from kvopt.exact.control.limits import check_memory_limit, check_time_limit
from kvopt.exact.control.session import Session, SolveEvent, Stopped
from kvopt.exact.info import Solver, package_versions
from kvopt.exact.presolve.reduce import reduced, unreduced
from kvopt.exact.registry import resolve
from kvopt.exact.task import SolverTask
from kvopt.exact.warm_start import one_by_one, policy_starts, prepare
from kvopt.interrupts import noting_interrupts
from kvopt.model import (
    InputError,
    Instance,
    Schedule,
    SearchParams,
    SolveResult,
    Status,
)
from kvopt.model.instance import whole_number

__all__ = ["choose", "solve"]

Progress = Callable[[SolveEvent], Any]

# Seconds between two looks at what the backend has reported.
POLL = 0.05
# A backend should stop by itself at the limit; this much later it is told
# to, and after as much again it is left behind.
GRACE = 1.0
# Rows of higher levels were never seen to help.
MOST_LEVEL = 9
# Seconds that an interrupted backend gets to hand over its last schedule.
FAREWELL = 3.0


def solve(
    instance: Instance,
    solver: str = "auto",
    time_limit: float | None = None,
    workers: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    params: SearchParams | None = None,
    *,
    warm_start: Schedule | None = None,
    memory_limit: float | None = None,
    levels: Sequence[int] | None = None,
) -> SolveResult:
    """Search for a schedule of least total latency, and for a bound.

    Parameters
    ----------
    instance
        What to schedule.
    solver
        A name of :func:`kvopt.exact.registry.names`.
    time_limit
        Seconds, model building included, compilation not; None for no limit.
        It holds within about two seconds.
    workers
        Threads; None for as many as this process may use, or one where the
        solver has no more. With 1 the result is the same for the same seed,
        unless the time limit ends the search.
    seed
        Seed of the backend and of random policies.
    progress
        Called, in this thread, when the schedule or the bound improves.
    params
        Of the dedicated search; None for the defaults. Other solvers have
        none.
    warm_start
        Schedule to start from; None for the best that the policies make.
    memory_limit
        GiB that the tables of the dedicated search and of the dynamic program
        for few types may take, at least 1/16; where more would be needed they
        end with the bound so far. None for 4. The other solvers manage their
        memory themselves.
    levels
        Levels of the :mod:`~kvopt.exact.cuts` rows that integer and
        constraint programs get; None for what was measured to be best for
        the solver (``docs/ingredients.md``).

    Returns
    -------
    SolveResult
        Always with a schedule and a bound. OPTIMAL when they meet, TIME_LIMIT
        when the limit ended the search, else FEASIBLE with the reason, which
        is ``"interrupted"`` after a KeyboardInterrupt.

    Raises
    ------
    InputError
        For an unknown or missing solver, a limit that is not positive or too
        small, fewer than 1 worker, an option that the solver does not have,
        an instance that it is not for, or a warm start that is infeasible.
    SolverError
        When the backend's schedule is infeasible or has not the objective
        that was claimed, or its bound contradicts a schedule.

    Notes
    -----
    The bound is the greater of the backend's, rounded up, and the
    certificate's. The schedule is checked here by a sweep; for an independent
    check see :mod:`kvopt.check`.

    There is no horizon to choose: it is computed, with a proof that no
    optimal schedule exceeds it (:mod:`kvopt.exact.presolve.horizon`).
    """
    check_time_limit(time_limit)
    memory = check_memory_limit(memory_limit)
    rows = None if levels is None else _levels(levels)
    seed = whole_number(seed, "seed", 0, 2**31 - 1)
    chosen = choose(instance, solver, workers, memory_limit, levels, params)
    if workers is None:
        several = "workers" in chosen.options
        workers = len(os.sched_getaffinity(0)) if several else 1
    first = one_by_one(instance)
    if warm_start is not None:
        first = _starts(warm_start, instance)
    session = Session(instance, time_limit, first, lower_bound(instance))
    task = replace(
        unreduced(instance, first, workers, seed),
        levels=chosen.levels if rows is None else rows,
        memory=memory,
        params=SearchParams() if params is None else params,
    )

    def news() -> None:
        if progress is not None:
            progress(session.event())

    backend = _Backend(chosen, session, task, warm_start is None)
    try:
        with noting_interrupts(session):
            news()
            _search(backend, session, news)
    except KeyboardInterrupt:
        session.interrupted = True
    status, reason = _conclusion(session, backend)
    return SolveResult(
        objective=session.objective,
        lower_bound=session.lower_bound,
        status=status,
        schedule=Schedule.from_starts(instance, session.starts),
        certificate=session.certificate,
        runtime=session.seconds,
        seed=seed,
        solver=chosen.info.name,
        versions=package_versions(chosen.info.packages),
        reason=reason,
        params=task.params if "params" in chosen.options else None,
    )


def choose(
    instance: Instance,
    solver: str = "auto",
    workers: int | None = None,
    memory_limit: float | None = None,
    levels: Sequence[int] | None = None,
    params: SearchParams | None = None,
) -> Solver:
    """Return the solver that :func:`solve` runs with these arguments.

    Parameters
    ----------
    instance
        What is to be scheduled; ``"auto"`` depends on it.
    solver, workers, memory_limit, levels, params
        As for :func:`solve`.

    Raises
    ------
    InputError
        For an unknown or missing solver, fewer than 1 worker, an option
        that the solver does not have, and an instance that it is not for.
    """
    if workers is not None:
        workers = whole_number(workers, "workers", 1, 1024)
    asked = {
        "workers": None if workers == 1 else workers,
        "memory_limit": memory_limit,
        "levels": levels and _levels(levels),
        "params": params,
    }
    given = {k: value for k, value in asked.items() if value}
    return resolve(solver, instance, given)


def _starts(warm_start: Schedule, instance: Instance) -> list[int]:
    """Return the starts of a warm start; refuse what is no schedule."""
    try:
        starts = warm_start.starts(instance)
        length = warm_start.completions(instance) - starts
    except InputError as error:
        raise error.at("warm_start") from None
    first: list[int] = starts.tolist()
    wrong = np.flatnonzero(length != instance.output)
    if wrong.size:
        i = int(wrong[0])
        problem = (
            f"request {i} runs {length[i]} of {instance.output[i]} rounds"
        )
    else:
        problem = fault(instance, first)
    if problem:
        raise InputError(problem, where="warm_start")
    return first


def _levels(levels: Sequence[int]) -> tuple[int, ...]:
    """Return the levels of rows that were asked for, in order."""
    whole = {whole_number(k, "levels", 1, MOST_LEVEL) for k in levels}
    return tuple(sorted(whole))


class _Backend(Thread):
    """The thread in which policies, reductions and a backend run.

    A thread, so that the caller's can be interrupted while native code runs.
    It is a daemon: whatever does not stop in time is left behind.
    """

    def __init__(
        self,
        solver: Solver,
        session: Session,
        task: SolverTask,
        policies: bool,
    ) -> None:
        super().__init__(name=f"kvopt-{solver.info.name}", daemon=True)
        self.solver = solver
        self.session = session
        self.task = task
        self.policies = policies and solver.presolve
        self.ended = ""
        self.stopped = True
        self.failure: Exception | None = None
        # Thread.join, interrupted, can take a running thread for finished
        # (CPython 3.11); waiting for an event cannot.
        self.over = Event()

    def run(self) -> None:
        """Prepare the task and solve it; keep what was raised."""
        try:
            self.ended = self.solve()
            self.stopped = False
        except Stopped as stopped:
            self.ended = str(stopped)
        except Exception as error:
            self.failure = error
        finally:
            self.over.set()

    def solve(self) -> str:
        """Return why the backend ended; "" if it was not needed."""
        session, solver, task = self.session, self.solver, self.task
        if solver.presolve:
            found = self.presolved()
            if found is None:
                return ""
            task = replace(
                found,
                levels=task.levels,
                memory=task.memory,
                params=task.params,
            )
        session.prepare(solver.warm_up)
        return solver.run(task, session)

    def presolved(self) -> SolverTask | None:
        """Return the reduced task; None if policies have solved it."""
        session, task = self.session, self.task
        instance, best = task.instance, list(task.incumbent)
        if self.policies:
            prepare(session)
            for starts in policy_starts(
                instance, task.seed, session.checkpoint
            ):
                session.found(starts, session.latency(starts))
                best = min(best, starts, key=session.latency)
        if session.latency(best) == session.certificate.value:
            return None
        found = reduced(
            instance, best, task.workers, task.seed, session.checkpoint
        )
        # Without its idle rounds it may have become better.
        session.found(found.incumbent, session.latency(found.incumbent))
        return found


def _search(
    backend: _Backend, session: Session, news: Callable[[], None]
) -> None:
    """Run the backend and look after it until it ends or is left behind."""
    try:
        backend.start()
        while not backend.over.wait(POLL):
            if session.interrupted:
                raise KeyboardInterrupt
            if session.absorb():
                news()
            if session.overdue(2 * GRACE):
                break
            if session.overdue(GRACE):
                session.stop()
    except KeyboardInterrupt:
        session.interrupted = True
        session.stop()
        backend.over.wait(FAREWELL)
    except BaseException:
        # Native threads that still run when the process ends abort it.
        session.stop()
        backend.over.wait(FAREWELL)
        raise
    session.stop()
    if session.absorb():
        news()
    if backend.failure is not None:
        raise backend.failure


def _conclusion(session: Session, backend: _Backend) -> tuple[Status, str]:
    if session.optimal:
        if session.theorem:
            return Status.OPTIMAL, f"optimal by theorem: {session.theorem}"
        proved = session.certificate.value == session.lower_bound
        if session.ground and not proved:
            return Status.OPTIMAL, session.ground
        solver = backend.solver.info.name
        return Status.OPTIMAL, f"the schedule meets the bound ({solver})"
    if session.interrupted:
        return Status.FEASIBLE, "interrupted"
    if not backend.stopped:
        return Status.FEASIBLE, backend.ended
    reached = f"the time limit of {session.time_limit:g} s was reached"
    return Status.TIME_LIMIT, "; ".join(filter(None, (reached, backend.ended)))
