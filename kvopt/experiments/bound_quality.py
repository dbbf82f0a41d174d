"""How close lower bounds come to the optimum, on the random models of P1."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

from kvopt.analysis.seeds import task_seed
from kvopt.check.gate import verified_latency
from kvopt.exact import run_bound, solve
from kvopt.experiments.ratio import RatioTask, draw_instance
from kvopt.experiments.tasks import experiment_kind, sweep_task
from kvopt.model import Instance
from kvopt.sweep import SweepTask

__all__ = [
    "BOUND_QUALITY",
    "BoundRow",
    "BoundTask",
    "bound_sweep_task",
    "run_bound_task",
]

# In place of a method: the search, which gives a schedule and a bound.
SEARCH = "search"


@dataclass(frozen=True)
class BoundTask:
    """One method on one instance.

    Parameters
    ----------
    method
        A method of :func:`kvopt.exact.run_bound`, or ``"search"``.
    model, requests, index, seed
        As for :class:`kvopt.experiments.ratio.RatioTask`.
    time_limit
        Seconds of the method.
    """

    method: str
    model: str
    requests: int
    index: int
    seed: int
    time_limit: float


def bounded_instance(task: BoundTask) -> Instance:
    """Return the instance that is drawn for a task, whatever its method."""
    return draw_instance(
        RatioTask(task.model, task.index, task.seed, task.requests)
    )


@dataclass(frozen=True)
class BoundRow:
    """What came of a :class:`BoundTask`; latencies in rounds.

    Parameters
    ----------
    bound
        The lower bound on the total latency of every schedule.
    best
        Total latency of the search's schedule, checked; None for a method
        that makes none.
    runtime
        Wall time, in seconds.
    """

    method: str
    model: str
    requests: int
    index: int
    seed: int
    time_limit: float
    bound: int
    best: int | None
    runtime: float


def run_bound_task(task: BoundTask) -> BoundRow:
    """Compute a bound, or search on one worker.

    Raises
    ------
    KeyboardInterrupt
        When the search or the bound was interrupted: what it has come to by
        then is not what the time limit gives.
    RejectedError
        When the independent checker rejects the schedule.
    """
    instance = bounded_instance(task)
    began = perf_counter()
    best = None
    if task.method == SEARCH:
        found = solve(
            instance,
            solver="search",
            time_limit=task.time_limit,
            workers=1,
            seed=task_seed(task.seed, task.index),
        )
        if found.reason == "interrupted":
            raise KeyboardInterrupt
        best = verified_latency(instance, found.schedule)
        bound = found.lower_bound
    else:
        run = run_bound(instance, task.method, task.time_limit)
        if run.ended == "interrupted":
            raise KeyboardInterrupt
        bound = run.certificate.value
    return BoundRow(
        **asdict(task),
        bound=bound,
        best=best,
        runtime=perf_counter() - began,
    )


def _read(
    method: str, parameters: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    return method, parameters


BOUND_QUALITY = experiment_kind(
    run_bound_task, BoundTask, _read, lambda method: ("numba", "ortools")
)


def bound_sweep_task(task: BoundTask) -> SweepTask:
    """Return the sweep task that makes a task's row."""
    return sweep_task(
        f"{__name__}:BOUND_QUALITY", task, bounded_instance, "method"
    )
