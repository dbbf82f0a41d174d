"""Latency of policies against the number of requests of a trace.

P1 (arXiv 2502.07115 v4/v5, section 5) plots average latency against the
number of requests of an LMSYS sample with Poisson arrivals, ``M = 16492``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from kvopt.analysis.latency import Latency, latency_of
from kvopt.analysis.seeds import task_rng, task_seed
from kvopt.check.gate import verified_latency
from kvopt.experiments.tasks import experiment_kind
from kvopt.model import (
    InputError,
    Instance,
    PolicyError,
    SimulationResult,
    Trace,
    read_trace,
)
from kvopt.model.sums import exact_sum
from kvopt.simulation import simulate
from kvopt.sweep import Source, SweepTask
from kvopt.sweep.kinds.simulate import SIMULATE
from kvopt.workloads import instance_from_trace, library

__all__ = [
    "LATENCY",
    "P1_BASELINES",
    "PACKAGED",
    "LatencyRow",
    "LatencyTask",
    "latency_sweep_task",
    "latency_tasks",
    "load_trace",
    "rate_of_load",
    "run_latency_task",
    "trace_instance",
]

# Name of the synthetic sample that ships with the package.
PACKAGED = "lmsys-like"

# MC-SF and the seven baselines of P1 (values from readings.md 1.8; which
# parameter goes with which policy is inferred).
P1_BASELINES = (
    "mc-sf",
    "mc-benchmark",
    "alpha-greedy:alpha=0.3",
    "alpha-greedy:alpha=0.25",
    "alpha-beta-clearing:alpha=0.2,beta=0.2",
    "alpha-beta-clearing:alpha=0.2,beta=0.1",
    "alpha-beta-clearing:alpha=0.1,beta=0.2",
    "alpha-beta-clearing:alpha=0.1,beta=0.1",
)


@dataclass(frozen=True)
class LatencyTask:
    """One policy on the first requests of one sample of a trace.

    Parameters
    ----------
    trace
        Path of a trace file, or ``"lmsys-like"`` for the packaged sample.
    policy
        The policy's specification.
    requests
        Number of requests to run.
    sample
        Number of requests drawn from the trace, of which the first
        ``requests`` are run: the sizes of one experiment are nested.
    memory
        Capacity ``M``, in tokens.
    rate
        Rate of the Poisson arrivals, in requests a round.
    seed, index
        Seed of the experiment, which determines sample and arrivals, and
        number of the task, from which random policies get their own seed.
    """

    trace: str
    policy: str
    requests: int
    sample: int
    memory: int
    rate: float
    seed: int
    index: int


@dataclass(frozen=True)
class LatencyRow:
    """What came of a :class:`LatencyTask`; times in rounds, memory in tokens.

    Parameters
    ----------
    status
        ``"FINISHED"``, or ``"FAILED"`` with the policy's ``error``; then
        there are no latencies, not even of the requests that did finish.
    total, mean, p50, p90, p95, p99, largest
        Latency over all requests.
    makespan
        Last round in which anything ran.
    cancellations, wasted_rounds
        Runs that were cancelled, and the rounds lost with them.
    runtime
        Wall time of the simulation, in seconds.
    verified
        True when the independent checker accepted the schedule; False when
        there is none.
    """

    trace: str
    policy: str
    requests: int
    memory: int
    rate: float
    seed: int
    index: int
    instance: str
    status: str
    error: str
    total: int | None
    mean: float | None
    p50: int | None
    p90: int | None
    p95: int | None
    p99: int | None
    largest: int | None
    makespan: int | None
    cancellations: int | None
    wasted_rounds: int | None
    runtime: float | None
    verified: bool


def load_trace(name: str) -> Trace:
    """Return the packaged sample or read the trace file ``name``."""
    return library.sample_trace() if name == PACKAGED else read_trace(name)


def rate_of_load(trace: Trace, memory: int, load: float) -> float:
    """Return the Poisson rate, in requests a round, of an offered load.

    The load is ``rate * mean volume / M``: the share of the memory that the
    requests would hold on average if each ran once, without waiting. Above 1
    no policy can keep up. Requests with ``s + o > M`` are left out.

    Parameters
    ----------
    trace
        The requests.
    memory
        ``M``, in units of KV memory.
    load
        The offered load, positive.
    """
    if not 0 < load < float("inf"):
        raise InputError("must be positive", field="load", value=load)
    if trace.prompt is None:
        raise InputError("the trace has no prompt lengths", where=trace.source)
    s, o = trace.prompt, trace.output
    volume = (s * o + o * (o + 1) // 2)[s + o <= memory]
    return float(load * memory / np.mean(volume))


def trace_instance(task: LatencyTask) -> Instance:
    """Return the instance of a task: a prefix of its experiment's sample."""
    whole = instance_from_trace(
        load_trace(task.trace),
        task.memory,
        sample=task.sample,
        arrivals="poisson",
        rate=task.rate,
        drop_oversize=True,
        rng=task_rng(task.seed, 0),
    )
    k = task.requests
    if not 1 <= k <= len(whole):
        raise InputError(
            f"must be at least 1 and at most the sample of {len(whole)}",
            field="requests",
            value=k,
        )
    return Instance(
        whole.memory,
        whole.arrival[:k],
        whole.prompt[:k],
        whole.output[:k],
        name=whole.name,
        source=f"{whole.source}; first {k}",
    )


def run_latency_task(task: LatencyTask) -> LatencyRow:
    """Simulate and verify; a policy that fails is a row with its error.

    Raises
    ------
    InputError
        When the task itself is wrong.
    RejectedError
        When the independent checker rejects the schedule.
    """
    instance = trace_instance(task)
    try:
        result = simulate(
            instance, task.policy, seed=task_seed(task.seed, task.index)
        )
    except PolicyError as error:
        return _row(task, instance, error=str(error))
    return _row(task, instance, result)


def _row(
    task: LatencyTask,
    instance: Instance,
    result: SimulationResult | None = None,
    error: str = "",
) -> LatencyRow:
    statistics = dict.fromkeys(Latency._fields)
    measured = dict.fromkeys(
        ("total", "makespan", "cancellations", "wasted_rounds", "runtime")
    )
    if result is not None:
        records = result.records
        measured = {
            "total": verified_latency(instance, result.schedule),
            "makespan": result.schedule.makespan,
            "cancellations": int(records["cancellations"].sum()),
            "wasted_rounds": exact_sum(records["wasted_rounds"]),
            "runtime": result.runtime,
        }
        statistics = latency_of(result)._asdict()
    return LatencyRow(
        trace=Path(task.trace).name,
        policy=task.policy,
        requests=len(instance),
        memory=task.memory,
        rate=task.rate,
        seed=task.seed,
        index=task.index,
        instance=instance.hash,
        status="FAILED" if result is None else "FINISHED",
        error=error,
        **measured,
        **statistics,
        verified=result is not None,
    )


def latency_tasks(
    trace: str,
    policies: Sequence[str],
    sizes: Sequence[int],
    memory: int,
    rate: float,
    seed: int = 0,
) -> list[LatencyTask]:
    """Return one task a size and policy, numbered from 0.

    All sizes are prefixes of one sample, and all policies run on the same
    instances.

    Parameters
    ----------
    trace
        File of a trace, or ``"lmsys-like"``.
    policies
        Policies as on the command line.
    sizes
        Numbers of requests.
    memory
        ``M``, in units of KV memory.
    rate
        Poisson rate, in requests a round.
    seed
        Seed of everything random.
    """
    if not sizes or not policies:
        raise InputError(
            "needs at least one size and one policy",
            field="sizes, policies",
            value=[*sizes, *policies],
        )
    pairs = [(size, policy) for size in sizes for policy in policies]
    return [
        LatencyTask(trace, policy, size, max(sizes), memory, rate, seed, index)
        for index, (size, policy) in enumerate(pairs)
    ]


def _read(
    policy: str, parameters: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    SIMULATE.read(policy, {})
    return policy, parameters


LATENCY = experiment_kind(
    run_latency_task, LatencyTask, _read, SIMULATE.packages
)


def latency_sweep_task(task: LatencyTask) -> SweepTask:
    """Return the sweep task that makes a task's row."""
    return SweepTask.of(
        f"{__name__}:LATENCY",
        task.policy,
        _source(replace(task, policy="", index=0)),
        asdict(task),
    )


@lru_cache(maxsize=32)
def _source(task: LatencyTask) -> Source:
    # The same for all policies; reading a trace takes a moment.
    return Source.given(trace_instance(task))
