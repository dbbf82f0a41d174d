"""Policies on a backlog: all requests at 0, against a proved lower bound.

P2 (arXiv 2508.06133) mixes short conversations with long documents; P4
(arXiv 2601.22996) takes lengths of conversations, as they are or rounded up
to powers of two. Figures of either read the rows of this experiment.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kvopt.analysis.seeds import task_rng, task_seed
from kvopt.check.gate import verified_bound, verified_latency
from kvopt.exact import lower_bound
from kvopt.experiments.tasks import policy_kind, sweep_task, trace_of_file
from kvopt.model import InputError, Instance, PolicyError, Trace
from kvopt.model.instance import IntArray
from kvopt.simulation import simulate
from kvopt.sweep import SweepTask
from kvopt.workloads.predictions.by_name import parse_predictor
from kvopt.workloads.random.calibrated import lmsys_like_trace

__all__ = [
    "BACKLOG",
    "CONVERSATIONS",
    "DOCUMENTS",
    "BacklogRow",
    "BacklogTask",
    "backlog_instance",
    "backlog_sweep_task",
    "run_backlog_task",
]

# Samples that need no file.
CONVERSATIONS, DOCUMENTS = "lmsys-like", "document-like"
# Prompts and outputs of document-like requests, in tokens: uniform.
_PROMPTS, _OUTPUTS = (1_000, 4_000), (50, 500)


@dataclass(frozen=True)
class BacklogTask:
    """One policy on one backlog.

    Parameters
    ----------
    traces
        Paths of trace files, ``"lmsys-like"`` or ``"document-like"``, put
        together with ``os.pathsep``: the requests are drawn from them in
        equal shares.
    policy
        The policy's specification.
    requests
        Number of requests.
    memory
        Capacity ``M``, in tokens; what does not fit is not drawn.
    rounded
        Whether outputs are rounded up to powers of two, as P4 does.
    prompt
        Prompt of every request, in place of its own; None to keep it.
    seed
        Decides the sample, predictions, and what a random policy draws.
    longest
        Longest output that is drawn; None for whatever fits.
    predictor
        Predictions of lengths, as on the command line; "" for none.
    """

    traces: str
    policy: str
    requests: int
    memory: int
    rounded: bool
    prompt: int | None
    seed: int
    longest: int | None = None
    predictor: str = ""


@dataclass(frozen=True)
class BacklogRow:
    """What came of a :class:`BacklogTask`; latencies in rounds.

    Parameters
    ----------
    status
        ``"FINISHED"``, or ``"FAILED"`` with the policy's ``error``; then
        there is no latency.
    total, mean
        Total end-to-end latency, and that a request.
    bound
        A lower bound on the total latency of every schedule, checked.
    makespan
        Last round in which anything runs.
    runtime
        Wall time of the simulation, in seconds.
    verified
        True when the independent checker accepted schedule and bound.
    """

    traces: str
    policy: str
    requests: int
    memory: int
    rounded: bool
    prompt: int | None
    longest: int | None
    predictor: str
    seed: int
    instance: str
    status: str
    error: str
    total: int | None
    mean: float | None
    bound: int
    makespan: int | None
    runtime: float | None
    verified: bool


def backlog_instance(task: BacklogTask) -> Instance:
    """Return the instance of a task.

    Raises
    ------
    InputError
        When a trace has no prompts, or too few requests that fit.
    """
    rng = task_rng(task.seed, 0)
    traces = task.traces.split(os.pathsep)
    counts = np.full(len(traces), task.requests // len(traces))
    counts[: task.requests % len(traces)] += 1
    parts = [
        _lengths(name, int(count), task, rng)
        for name, count in zip(traces, counts, strict=True)
    ]
    prompt = np.concatenate([prompts for prompts, _ in parts])
    output = np.concatenate([outputs for _, outputs in parts])
    order = rng.permutation(task.requests)
    names = ", ".join(Path(name).name for name in traces)
    made = ", outputs rounded up to powers of 2" if task.rounded else ""
    if task.prompt is not None:
        made += f", prompts {task.prompt}"
    instance = Instance(
        task.memory,
        np.zeros(task.requests, dtype=np.int64),
        prompt[order],
        output[order],
        source=f"{task.requests} of {names}{made}, seed {task.seed}",
    )
    if not task.predictor:
        return instance
    _, predict = parse_predictor(task.predictor)
    return predict(instance, task_rng(task.seed, 3))


def _lengths(
    name: str, count: int, task: BacklogTask, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Draw prompts and outputs of so many requests that fit."""
    if name == DOCUMENTS:
        prompt = rng.integers(*_PROMPTS, 4 * count, endpoint=True)
        output = rng.integers(*_OUTPUTS, 4 * count, endpoint=True)
    else:
        trace = _trace(name, count, task.memory, task.seed)
        if trace.prompt is None:
            raise InputError("has no prompt lengths", where=name)
        prompt, output = trace.prompt, trace.output
    if task.prompt is not None:
        prompt = np.full(prompt.size, task.prompt, np.int64)
    if task.rounded:
        exponents = np.ceil(np.log2(output)).astype(np.int64)
        output = np.left_shift(np.int64(1), exponents)
    longest = task.memory if task.longest is None else task.longest
    fits = np.flatnonzero(
        (prompt + output <= task.memory) & (output <= longest)
    )
    if fits.size < count:
        raise InputError(
            f"has {fits.size} requests that fit into {task.memory} units",
            field="requests",
            value=count,
            where=name,
        )
    drawn = rng.choice(fits, count, replace=False)
    return prompt[drawn], output[drawn]


def _trace(name: str, count: int, memory: int, seed: int) -> Trace:
    if name == CONVERSATIONS:
        rng = task_rng(seed, 1)
        return lmsys_like_trace(rng, 2 * count + 10, memory=memory)
    return trace_of_file(name)


def run_backlog_task(task: BacklogTask) -> BacklogRow:
    """Simulate, bound and verify; a policy that fails is a row.

    Raises
    ------
    InputError
        When the task itself is wrong.
    RejectedError
        When the independent checker rejects schedule or bound.
    """
    instance = backlog_instance(task)
    certificate = lower_bound(instance)
    row = BacklogRow(
        traces=task.traces,
        policy=task.policy,
        requests=len(instance),
        memory=task.memory,
        rounded=task.rounded,
        prompt=task.prompt,
        longest=task.longest,
        predictor=task.predictor,
        seed=task.seed,
        instance=instance.hash,
        status="FAILED",
        error="",
        total=None,
        mean=None,
        bound=verified_bound(instance, certificate),
        makespan=None,
        runtime=None,
        verified=False,
    )
    try:
        result = simulate(instance, task.policy, seed=task_seed(task.seed, 2))
    except PolicyError as error:
        return replace(row, error=str(error))
    total = verified_latency(instance, result.schedule)
    return replace(
        row,
        status="FINISHED",
        total=total,
        mean=total / len(instance),
        makespan=result.schedule.makespan,
        runtime=result.runtime,
        verified=True,
    )


BACKLOG = policy_kind(run_backlog_task, BacklogTask)


def backlog_sweep_task(task: BacklogTask) -> SweepTask:
    """Return the sweep task that makes a task's row."""
    return sweep_task(f"{__name__}:BACKLOG", task, backlog_instance)
