"""The same instances in PyJobShop, for comparison: ``kvopt[bench]``.

PyJobShop (Lan and Berkhout, arXiv 2502.13483) is a front end for constraint
programming; here it runs OR-Tools CP-SAT. Its resources are used at a
constant rate, so memory that grows is a stack of tasks, as in
:mod:`kvopt.exact.cpsat.interval`.
"""

from __future__ import annotations

import math
import time
from typing import Any

from kvopt.exact.bounds import lower_bound
from kvopt.exact.control.session import TOLERANCE
from kvopt.exact.info import package_versions
from kvopt.exact.presolve.reduce import reduced
from kvopt.exact.task import SolverTask
from kvopt.exact.warm_start import best_starts
from kvopt.model import Instance, Schedule, SolveResult, Status

__all__ = ["PACKAGES", "solve_with_pyjobshop"]

PACKAGES = ("ortools", "pyjobshop")


def solve_with_pyjobshop(
    instance: Instance, time_limit: float, workers: int, seed: int
) -> SolveResult:
    """Return what PyJobShop finds, as :func:`kvopt.exact.solve` would.

    It gets what our own backends get: the policies' best schedule to start
    from, the latest starts, the order of equal requests, and the certified
    bound where its own is weaker.
    """
    began = time.monotonic()
    certificate = lower_bound(instance)
    first = best_starts(instance, seed)
    task = reduced(instance, first, workers, seed, lambda: None)
    starts, bound = _run(task, max(time_limit + began - time.monotonic(), 0.1))
    schedule = Schedule.from_starts(instance, starts)
    objective = schedule.total_latency(instance)
    lower = max(certificate.value, math.ceil(bound - TOLERANCE))
    proved = lower == objective
    return SolveResult(
        objective=objective,
        lower_bound=lower,
        status=Status.OPTIMAL if proved else Status.TIME_LIMIT,
        schedule=schedule,
        certificate=certificate,
        runtime=time.monotonic() - began,
        seed=seed,
        solver="pyjobshop",
        versions=package_versions(PACKAGES),
        reason="PyJobShop ended" if proved else "the time limit was reached",
    )


def _run(task: SolverTask, time_limit: float) -> tuple[list[int], float]:
    """Return starts and a lower bound."""
    from pyjobshop import Model, Solution
    from pyjobshop.Solution import ScheduledTask

    model = Model()
    memory = model.add_renewable(task.instance.memory)
    known: list[Any] = []
    first: list[Any] = []
    first_index: list[int] = []
    for request, latest, start in zip(
        task.instance, task.latest.tolist(), task.incumbent, strict=True
    ):
        job = model.add_job(release_date=request.arrival)
        for u in range(request.output):
            layer = model.add_task(
                None if u else job,
                earliest_start=request.arrival + u,
                latest_start=latest + u,
            )
            duration = request.output - u
            demand = 1 if u else request.prompt + 1
            model.add_mode(layer, memory, duration, demand)
            if u:
                model.add_start_at_start(first[-1], layer, u)
            else:
                first_index.append(len(known))
                first.append(layer)
            mode = len(known)
            known.append(
                ScheduledTask(mode, [0], start + u, start + request.output)
            )
    for i, j in task.twins:
        model.add_start_before_start(first[i], first[j])
    model.set_objective(weight_total_flow_time=1)
    found = model.solve(
        time_limit=time_limit,
        display=False,
        num_workers=task.workers,
        initial_solution=Solution(model.data(), known),
        random_seed=task.seed,
    )
    tasks = found.best.tasks
    if not tasks:
        return list(task.incumbent), 0.0
    return [tasks[i].start for i in first_index], found.lower_bound
