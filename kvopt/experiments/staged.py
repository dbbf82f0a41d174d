"""Policies of the staged model (P5) under a steady load of one type.

P5 (arXiv 2504.11320), section 6: Poisson arrivals, iterations whose time is
affine in the tokens that are held, and what a policy completes a second.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from kvopt.check.gate import verified_staged
from kvopt.experiments.tasks import experiment_kind
from kvopt.model import Instance
from kvopt.policies.staged import parse_staged
from kvopt.simulation.clocks import MICROSECOND, SECOND, AffineClock
from kvopt.simulation.staged import simulate_staged
from kvopt.sweep import Source, SweepTask

__all__ = [
    "STAGED",
    "StagedRow",
    "StagedTask",
    "run_staged_task",
    "staged_sweep_task",
]


@dataclass(frozen=True)
class StagedTask:
    """One staged policy at one rate of arrivals.

    Parameters
    ----------
    policy
        The policy's specification.
    rate
        Requests a second.
    seconds
        Length of the arrivals.
    seed
        Seed of the arrivals; the same for all policies.
    memory
        Capacity ``C``, in tokens.
    prompt, output
        ``l`` and ``l'`` of every request, in tokens.
    base, each
        Ticks that an iteration takes, and that each token adds which its
        batch holds.
    """

    policy: str
    rate: float
    seconds: int
    seed: int
    memory: int
    prompt: int
    output: int
    base: int
    each: int


@dataclass(frozen=True)
class StagedRow:
    """What came of a :class:`StagedTask`.

    Parameters
    ----------
    requests
        Number of requests.
    mean, p95
        End-to-end latency, in seconds.
    completed
        Requests a second that end in the second half of the arrivals.
    memory
        Tokens held, the mean over the iterations that start there.
    evictions
        Number of cancelled runs.
    verified
        True when the independent checker accepted the schedule.
    runtime
        Wall time of the simulation and the check, in seconds.
    """

    policy: str
    rate: float
    seed: int
    requests: int
    mean: float
    p95: float
    completed: float
    memory: float
    evictions: int
    verified: bool
    runtime: float


def run_staged_task(task: StagedTask) -> StagedRow:
    """Simulate, check and measure one policy at one rate."""
    instance = _instance(task)
    began = time.monotonic()
    clock = AffineClock(d0=task.base, d2=task.each)
    result = simulate_staged(instance, task.policy, clock)
    verdict = verified_staged(instance, result)
    half, end = (k * task.seconds * SECOND // 2 for k in (1, 2))
    starts = np.array([step.start for step in result.iterations])
    middle = (starts >= half) & (starts < end)
    latency = result.records["latency"] / SECOND
    tokens = result.throughput(end, half) * SECOND
    return StagedRow(
        policy=result.policy,
        rate=task.rate,
        seed=task.seed,
        requests=len(instance),
        mean=float(latency.mean()),
        p95=float(np.percentile(latency, 95, method="inverted_cdf")),
        completed=tokens / task.output,
        memory=float(result.memory[middle].mean()),
        evictions=result.evictions,
        verified=verdict.ok,
        runtime=time.monotonic() - began,
    )


def _instance(task: StagedTask) -> Instance:
    rng = np.random.default_rng(task.seed)
    number = rng.poisson(task.rate * task.seconds)
    last = task.seconds * SECOND // MICROSECOND
    arrival = np.sort(rng.integers(0, last, number))
    ones = np.ones(number, np.int64)
    return Instance(
        task.memory, arrival, task.prompt * ones, task.output * ones
    )


def _read(
    policy: str, parameters: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    parse_staged(policy)
    return policy, parameters


STAGED = experiment_kind(
    run_staged_task, StagedTask, _read, lambda policy: ("numpy",)
)


def staged_sweep_task(task: StagedTask) -> SweepTask:
    """Return the sweep task that makes a task's row."""
    return SweepTask.of(
        f"{__name__}:STAGED",
        task.policy,
        _source(replace(task, policy="")),
        asdict(task),
    )


@lru_cache(maxsize=256)
def _source(task: StagedTask) -> Source:
    # The same for all policies.
    return Source.given(_instance(task))
