"""What a sweep would do and cost, from a small sample of its tasks."""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from dataclasses import dataclass

from kvopt.sweep.costs import TaskCosts
from kvopt.sweep.forecast import shuffled
from kvopt.sweep.local import LocalPool
from kvopt.sweep.plan import SweepPlan
from kvopt.sweep.store import Store
from kvopt.sweep.task import SweepTask

__all__ = ["GroupEstimate", "estimate"]

_SAMPLE = 3
_SAMPLE_SECONDS = 30.0


@dataclass(frozen=True)
class GroupEstimate:
    """The tasks of one policy, solver or bound.

    Parameters
    ----------
    kind, subject
        Which tasks.
    tasks, present
        How many there are, and how many of them have a row already.
    sampled
        How many of the others were run.
    seconds
        Expected time for what is missing, on one worker. With nothing
        sampled it is the most that the limits allow.
    """

    kind: str
    subject: str
    tasks: int
    present: int
    sampled: int
    seconds: float


def estimate(
    plan: SweepPlan, store: str | os.PathLike[str], workers: int
) -> list[GroupEstimate]:
    """Run up to three tasks of each group, for at most half a minute.

    Nothing is written; the store is only read, if there is one.

    Parameters
    ----------
    plan
        The tasks.
    store
        Path of the store; it need not exist.
    workers
        Number of processes that are to run the plan.
    """
    present: dict[str, str] = {}
    if os.path.exists(store):
        with Store(store) as rows:
            present = rows.keys()
    missing: dict[tuple[str, str], list[SweepTask]] = defaultdict(list)
    for task in shuffled(plan.tasks):
        if task.key not in present:
            missing[task.group].append(task)
    sample = {
        task.key: task
        for tasks in missing.values()
        for task in tasks[:_SAMPLE]
    }
    costs = TaskCosts()
    sampled: Counter[tuple[str, str]] = Counter()
    end = time.monotonic() + _SAMPLE_SECONDS
    with LocalPool(workers, plan.limits) as pool:
        for outcomes in pool.run(list(sample.values())):
            for outcome in outcomes:
                task = sample[outcome.key]
                costs.learn(task, outcome)
                sampled[task.group] += 1
            if time.monotonic() > end:
                break
    found = []
    for group, number in Counter(task.group for task in plan.tasks).items():
        left = missing[group]
        forecast = costs.total({group: len(left)})
        most = sum(
            task.parameters.get("time_limit", plan.limits.seconds)
            for task in left
        )
        found.append(
            GroupEstimate(
                *group,
                tasks=number,
                present=number - len(left),
                sampled=sampled[group],
                seconds=forecast.seconds if forecast.complete else most,
            )
        )
    return found
