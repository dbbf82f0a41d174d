"""Policies on a burst: all requests at once, latencies in seconds.

P6 (arXiv 2606.22327) sends 2,000 requests at once and reports latencies a
token: the end-to-end latency of a request over its output.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from kvopt.analysis.seeds import task_seed
from kvopt.check.gate import verified_latency
from kvopt.experiments.backlog import BacklogTask, backlog_instance
from kvopt.experiments.tasks import policy_kind, sweep_task
from kvopt.model import Instance
from kvopt.simulation import simulate
from kvopt.simulation.clocks import parse_clock
from kvopt.sweep import SweepTask

__all__ = [
    "BURST",
    "BurstRow",
    "BurstTask",
    "burst_sweep_task",
    "run_burst_task",
]


@dataclass(frozen=True)
class BurstTask:
    """One policy on one burst.

    Parameters
    ----------
    traces, policy, requests, memory, seed
        As for :class:`kvopt.experiments.backlog.BacklogTask`.
    clock
        How long a round takes, as on the command line; it measures seconds.
    """

    traces: str
    policy: str
    requests: int
    memory: int
    clock: str
    seed: int


def burst_instance(task: BurstTask) -> Instance:
    """Return the requests of a task, those of a backlog."""
    return backlog_instance(
        BacklogTask(
            task.traces,
            task.policy,
            task.requests,
            task.memory,
            rounded=False,
            prompt=None,
            seed=task.seed,
        )
    )


@dataclass(frozen=True)
class BurstRow:
    """What came of a :class:`BurstTask`; times in seconds.

    Parameters
    ----------
    mean
        Mean latency.
    token_mean, token_p95
        Mean and 95th percentile, over requests, of latency over output.
    cancelled
        Runs that were cancelled.
    runtime
        Wall time of the simulation.
    verified
        True: the independent checker accepted the schedule.
    """

    traces: str
    policy: str
    requests: int
    memory: int
    clock: str
    seed: int
    mean: float
    token_mean: float
    token_p95: float
    cancelled: int
    runtime: float
    verified: bool


def run_burst_task(task: BurstTask) -> BurstRow:
    """Simulate, verify and measure.

    Raises
    ------
    InputError
        When the task means nothing.
    PolicyError
        When the policy does not finish.
    RejectedError
        When the independent checker rejects the schedule.
    """
    instance = burst_instance(task)
    result = simulate(
        instance,
        task.policy,
        seed=task_seed(task.seed, 2),
        clock=parse_clock(task.clock),
    )
    verified_latency(instance, result.schedule)
    records = result.records
    latency = records["latency"]
    each = latency / records["output"]
    return BurstRow(
        **asdict(task),
        mean=float(latency.mean()),
        token_mean=float(each.mean()),
        token_p95=float(np.percentile(each, 95, method="inverted_cdf")),
        cancelled=int(records["cancellations"].sum()),
        runtime=result.runtime,
        verified=True,
    )


BURST = policy_kind(run_burst_task, BurstTask)


def burst_sweep_task(task: BurstTask) -> SweepTask:
    """Return the sweep task that makes a task's row."""
    return sweep_task(f"{__name__}:BURST", task, burst_instance)
