"""Policies that serve a trace: one sample, one rate, one clock, one policy.

P1 (arXiv 2502.07115 v4/v5, section 5) runs its policies on an LMSYS sample
with Poisson arrivals, 50 and 10 a second, ``M = 16492``. All figures of such
runs read the rows of this experiment.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from kvopt.analysis.comparison import row_of
from kvopt.analysis.energy import TWO_A100_FLOPS, energy_of
from kvopt.analysis.seeds import task_rng, task_seed
from kvopt.analysis.timeline import timeline_of
from kvopt.check.gate import verified_latency
from kvopt.experiments.tasks import policy_kind, sweep_task, trace_of_file
from kvopt.model import (
    InputError,
    Instance,
    PolicyError,
    SimulationResult,
    Trace,
)
from kvopt.simulation import simulate
from kvopt.simulation.clocks import MICROSECOND, SECOND, parse_clock
from kvopt.sweep import SweepTask
from kvopt.workloads import instance_from_trace
from kvopt.workloads.predictions.by_name import parse_predictor
from kvopt.workloads.random.calibrated import lmsys_like_trace

__all__ = [
    "P1_BASELINES",
    "PACKAGED",
    "SERVING",
    "ServingRow",
    "ServingTask",
    "run_serving_task",
    "served_instance",
    "serving_sweep_task",
]

# The synthetic sample with the published means and medians.
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
class ServingTask:
    """One policy on the first requests of one sample of a trace.

    Parameters
    ----------
    trace
        Path of a trace file, or ``"lmsys-like"`` for the synthetic sample.
    policy
        The policy's specification.
    requests
        Number of requests to run.
    sample
        Number of requests drawn, of which the first ``requests`` are run:
        the sizes of one experiment are nested.
    memory
        Capacity ``M``, in tokens.
    rate
        Rate of the Poisson arrivals, in requests a second; with the clock
        ``unit``, in requests a round.
    clock
        How long a round takes.
    predictor
        Predictions of lengths, as on the command line; "" for none.
    seed
        Decides sample, arrivals, predictions, and what a random policy
        draws.
    """

    trace: str
    policy: str
    requests: int
    sample: int
    memory: int
    rate: float
    clock: str
    predictor: str
    seed: int


@dataclass(frozen=True)
class ServingRow:
    """What came of a :class:`ServingTask`.

    Times are in seconds, in rounds with the clock ``unit``; energies in
    joules, with a clock that measures only. Without the policy's end there
    is no number, not even of the requests that did finish.

    Parameters
    ----------
    status
        ``"FINISHED"``, or ``"FAILED"`` with the policy's ``error``.
    mean, p50, p95, p99, largest
        End-to-end latency over all requests.
    first_token_mean, first_token_p95
        Time from arrival to the first token.
    throughput
        Tokens made a unit of time.
    peak_memory, mean_memory
        Units in use: at most, and on average over time.
    cancellations, wasted_tokens
        Runs that were cancelled, and the tokens lost with them.
    energy, energy_per_token
        In all, and for each token of a completed run, by the power model of
        readings.md 1.11.
    flop_energy, flop_energy_per_token
        The same by that of arXiv 2601.17855.
    makespan
        Time of the last completion.
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
    clock: str
    predictor: str
    seed: int
    instance: str
    status: str
    error: str
    mean: float | None
    p50: float | None
    p95: float | None
    p99: float | None
    largest: float | None
    first_token_mean: float | None
    first_token_p95: float | None
    throughput: float | None
    peak_memory: int | None
    mean_memory: float | None
    cancellations: int | None
    wasted_tokens: int | None
    energy: float | None
    energy_per_token: float | None
    flop_energy: float | None
    flop_energy_per_token: float | None
    makespan: float | None
    runtime: float | None
    verified: bool


def served_instance(task: ServingTask) -> Instance:
    """Return the instance of a task: a prefix of its experiment's sample.

    Raises
    ------
    InputError
        When the trace has fewer requests than the sample, or the sample
        fewer than are to be run.
    """
    whole = _sample(replace(task, policy="", requests=0, predictor=""))
    k = task.requests
    if not 1 <= k <= len(whole):
        raise InputError(
            f"must be at least 1 and at most the sample of {len(whole)}",
            field="requests",
            value=k,
        )
    instance = Instance(
        whole.memory,
        whole.arrival[:k],
        whole.prompt[:k],
        whole.output[:k],
        name=whole.name,
        source=f"{whole.source}; first {k}",
    )
    if not task.predictor:
        return instance
    _, predict = parse_predictor(task.predictor)
    return predict(instance, task_rng(task.seed, 1))


@lru_cache(maxsize=32)
def _sample(task: ServingTask) -> Instance:
    """Return the whole sample; the same for all policies and sizes."""
    measures = parse_clock(task.clock).measures
    return instance_from_trace(
        _trace(task),
        task.memory,
        sample=task.sample,
        arrivals="poisson",
        rate=task.rate,
        round_seconds=MICROSECOND / SECOND if measures else None,
        drop_oversize=True,
        rng=task_rng(task.seed, 0),
    )


def _trace(task: ServingTask) -> Trace:
    if task.trace == PACKAGED:
        rng = task_rng(task.seed, 2)
        return lmsys_like_trace(rng, task.sample, memory=task.memory)
    return trace_of_file(task.trace)


def run_serving_task(task: ServingTask) -> ServingRow:
    """Simulate and verify; a policy that fails is a row with its error.

    Raises
    ------
    InputError
        When the task itself is wrong.
    RejectedError
        When the independent checker rejects the schedule.
    """
    instance = served_instance(task)
    try:
        result = simulate(
            instance,
            task.policy,
            seed=task_seed(task.seed, 3),
            clock=parse_clock(task.clock),
        )
    except PolicyError as error:
        return _row(task, instance, error=str(error))
    return _row(task, instance, result)


def _row(
    task: ServingTask,
    instance: Instance,
    result: SimulationResult | None = None,
    error: str = "",
) -> ServingRow:
    given = asdict(task) | {
        "trace": Path(task.trace).name,
        "requests": len(instance),
        "instance": instance.hash,
        "status": "FAILED" if result is None else "FINISHED",
        "error": error,
        "verified": result is not None,
    }
    measured: dict[str, Any] = {}
    if result is not None:
        verified_latency(result.instance, result.schedule)
        measured = row_of(result, None)
        measured["runtime"] = measured.pop("seconds")
        if measured["energy"] is not None:
            other = energy_of(result, timeline_of(result), TWO_A100_FLOPS)
            measured["flop_energy"] = other.total
            measured["flop_energy_per_token"] = other.per_token
    row: dict[str, Any] = measured | given
    cells: dict[str, Any] = {
        field.name: row.get(field.name) for field in fields(ServingRow)
    }
    return ServingRow(**cells)


SERVING = policy_kind(run_serving_task, ServingTask)


def serving_sweep_task(task: ServingTask) -> SweepTask:
    """Return the sweep task that makes a task's row."""
    return sweep_task(f"{__name__}:SERVING", task, served_instance)
