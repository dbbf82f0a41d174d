"""MC-SF against the optimum on the random models of P1.

P1 (arXiv 2502.07115 v4/v5, section 5) draws 200 instances of each arrival
model and reports MC-SF / OPT. Here the optimum is an interval whenever the
solver does not close it within its time limit.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from kvopt.analysis.ratios import Ratio
from kvopt.analysis.seeds import task_rng, task_seed
from kvopt.check.gate import verified_bound, verified_latency
from kvopt.exact import solve
from kvopt.experiments.tasks import experiment_kind
from kvopt.model import InputError, Instance
from kvopt.model.instance import whole_number
from kvopt.simulation import simulate
from kvopt.sweep import Source, SweepTask
from kvopt.sweep.kinds.solve import SOLVE, solver_packages
from kvopt.workloads import Model1, Model2, model_1, model_2

__all__ = [
    "PUBLISHED",
    "RATIO",
    "RatioRow",
    "RatioTask",
    "draw_instance",
    "ratio_sweep_task",
    "ratio_tasks",
    "run_ratio_task",
]


class PublishedRatio(NamedTuple):
    """Mean and largest MC-SF / OPT of a model, over 200 trials."""

    mean: float
    worst: float


# P1 v5, section 5.
PUBLISHED = {
    "model-1": PublishedRatio(1.005, 1.074),
    "model-2": PublishedRatio(1.047, 1.227),
}


@dataclass(frozen=True)
class RatioTask:
    """One instance to draw and to solve.

    Parameters
    ----------
    model
        ``"model-1"`` (all at 0) or ``"model-2"`` (Poisson arrivals).
    index
        Number of the trial; with ``seed`` it determines the instance.
    seed
        Seed of the experiment.
    requests
        None for the published number of requests; else so many requests,
        everything else being drawn as published.
    time_limit
        Seconds for the solver.
    solver
        Solver, as for :func:`kvopt.exact.solve`.
    policy
        Policy that is compared with the optimum.
    """

    model: str
    index: int
    seed: int = 0
    requests: int | None = None
    time_limit: float = 10.0
    solver: str = "auto"
    policy: str = "mc-sf"


@dataclass(frozen=True)
class RatioRow:
    """What came of a :class:`RatioTask`.

    Parameters
    ----------
    model, seed, index, policy
        The task.
    instance
        Content hash of the instance.
    requests, memory
        Number of requests ``n`` and capacity ``M``.
    objective, best, lower_bound
        Total latency of the policy and of the best schedule found, and the
        proved lower bound on the optimum, in rounds.
    checked_bound
        The strongest lower bound that the independent checker derives
        itself; ``lower_bound`` may be higher on the solver's word.
    status, solver, time_limit, runtime
        How the search ended, with what, and seconds given and used.
    verified
        True when the independent checker accepted both schedules and the
        certificate of ``checked_bound``. Rows that it does not accept are
        never made, so that this says what was done, not how it ended.
    """

    model: str
    seed: int
    index: int
    policy: str
    instance: str
    requests: int
    memory: int
    objective: int
    best: int
    lower_bound: int
    checked_bound: int | None
    status: str
    solver: str
    time_limit: float
    runtime: float
    verified: bool

    @property
    def ratio(self) -> Ratio:
        """The policy's ratio, as an interval."""
        return Ratio(self.objective, self.lower_bound, self.best)

    @property
    def checked_ratio(self) -> Ratio | None:
        """The interval that rests on nothing but the checker, if any."""
        if self.checked_bound is None:
            return None
        return Ratio(self.objective, self.checked_bound, self.best)


def draw_instance(task: RatioTask) -> Instance:
    """Draw the instance of a task from its seed and index."""
    rng = task_rng(task.seed, task.index)
    k = task.requests
    if task.model == "model-1":
        return model_1(rng, Model1() if k is None else Model1(requests=(k, k)))
    if task.model == "model-2":
        return model_2(rng, Model2(requests=k))
    raise InputError(
        "must be one of model-1, model-2", field="model", value=task.model
    )


def run_ratio_task(task: RatioTask) -> RatioRow:
    """Draw, simulate, solve on one worker, verify.

    Raises
    ------
    RejectedError
        When the independent checker rejects a schedule or a bound.
    KeyboardInterrupt
        When the solver was interrupted.
    """
    instance = draw_instance(task)
    policy = simulate(instance, task.policy)
    found = solve(
        instance,
        solver=task.solver,
        time_limit=task.time_limit,
        workers=1,
        seed=task_seed(task.seed, task.index),
    )
    if found.reason == "interrupted":
        # solve() hands over what it has; here it would be a row that no
        # one could make again.
        raise KeyboardInterrupt
    objective = verified_latency(instance, policy.schedule)
    best = min(objective, verified_latency(instance, found.schedule))
    checked = verified_bound(instance, found.certificate)
    return RatioRow(
        model=task.model,
        seed=task.seed,
        index=task.index,
        policy=task.policy,
        instance=instance.hash,
        requests=len(instance),
        memory=instance.memory,
        objective=objective,
        best=best,
        lower_bound=found.lower_bound,
        checked_bound=checked,
        status=found.status.value,
        solver=found.solver,
        time_limit=task.time_limit,
        runtime=found.runtime,
        verified=True,
    )


def ratio_tasks(
    model: str,
    trials: int,
    seed: int = 0,
    requests: int | None = None,
    time_limit: float = 10.0,
    solver: str = "auto",
) -> list[RatioTask]:
    """Return the tasks of ``trials`` instances, numbered from 0.

    Parameters
    ----------
    model
        ``"model-1"`` or ``"model-2"``.
    trials
        Number of instances, at least 1.
    seed
        Seed of everything random.
    requests
        Requests of each; None for as many as published.
    time_limit
        Seconds of the solver for each.
    solver
        Solver, as for :func:`kvopt.exact.solve`.
    """
    whole_number(trials, "trials", 1, 10**6)
    return [
        RatioTask(model, index, seed, requests, time_limit, solver)
        for index in range(trials)
    ]


def _read(
    solver: str, parameters: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    SOLVE.read(solver, {"time_limit": parameters["time_limit"]})
    return solver, parameters


def _packages(solver: str) -> tuple[str, ...]:
    return (*solver_packages(solver), "numba")


# Not the whole of the experiments' code: the instance is in the key, and a
# row outlives what only reads or draws it.
RATIO = replace(
    experiment_kind(run_ratio_task, RatioTask, _read, _packages),
    code=(
        "kvopt.model",
        "kvopt.policies",
        "kvopt.simulation",
        "kvopt.exact",
        "kvopt.experiments.ratio",
        "kvopt.analysis.seeds",
    ),
)


def ratio_sweep_task(task: RatioTask) -> SweepTask:
    """Return the sweep task that makes a task's row."""
    return SweepTask.of(
        f"{__name__}:RATIO",
        task.solver,
        Source.given(draw_instance(task)),
        asdict(task),
    )
