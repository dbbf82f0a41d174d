"""Policies of the staged model under Poisson arrivals, as P5 runs them.

P5 (arXiv 2504.11320, section 6) varies the rate of requests of one prompt
and of few output lengths, and says which policies keep up, and how long
requests take. All figures of such runs read the rows of this experiment.
With a trace, lengths are drawn from it, as P5 does with conversations.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from kvopt.analysis.seeds import task_rng
from kvopt.check.gate import verified_staged
from kvopt.experiments.serving import PACKAGED
from kvopt.experiments.tasks import (
    experiment_kind,
    sweep_task,
    trace_of_file,
)
from kvopt.model import InputError, Instance, Trace
from kvopt.model.instance import IntArray, whole_number
from kvopt.policies.staged import parse_staged
from kvopt.simulation.clocks import SECOND, Clock, parse_clock
from kvopt.simulation.staged import simulate_staged
from kvopt.sweep import SweepTask
from kvopt.workloads.random.calibrated import lmsys_like_trace

__all__ = [
    "STAGED_SERVING",
    "StagedRow",
    "StagedTask",
    "lengths_of_trace",
    "run_staged_task",
    "staged_sweep_task",
]

# Requests of the synthetic sample before the long ones are left out.
_SAMPLE = 20_000
# P5 takes conversations whose prompt and output are shorter.
_LONGER = 500


@dataclass(frozen=True)
class StagedTask:
    """One policy of the staged model on one sample of arrivals.

    Times are in seconds, with the clock ``unit`` in rounds.

    Parameters
    ----------
    policy
        Specification of the staged policy.
    prompt
        Prompt length ``l`` of every request, in tokens; 0 with a trace.
    mix
        Output lengths ``l'`` and the share of each: ``"20:0.7+50:0.3"``. Or
        a trace, whose pairs of lengths are drawn with replacement, both
        below 500 tokens: a file, or ``"lmsys-like"`` for the synthetic
        sample.
    rate
        Rate of the Poisson arrivals.
    duration
        Until when requests arrive.
    memory
        Capacity ``C``, in tokens.
    clock
        How long an iteration takes, as on the command line.
    seed
        Decides arrivals and lengths.
    """

    policy: str
    prompt: int
    mix: str
    rate: float
    duration: int
    memory: int
    clock: str
    seed: int

    def __post_init__(self) -> None:
        if not 0 < self.rate < float("inf"):
            raise InputError("must be positive", field="rate", value=self.rate)
        whole_number(self.duration, "duration", 1, 10**6)
        if self.is_trace and self.prompt:
            raise InputError(
                "must be 0: prompts are those of the trace",
                field="prompt",
                value=self.prompt,
            )
        if not self.is_trace:
            _ = self.shares

    @property
    def is_trace(self) -> bool:
        """Whether ``mix`` names a trace."""
        return ":" not in self.mix

    @property
    def shares(self) -> dict[int, float]:
        """Share of each output length; they add up to 1."""
        try:
            pairs = [part.split(":") for part in self.mix.split("+")]
            found = {int(output): float(share) for output, share in pairs}
        except ValueError:
            found = {}
        if min(found, default=0) < 1 or abs(sum(found.values()) - 1) > 1e-9:
            raise InputError(
                "must be lengths with shares that add up to 1",
                field="mix",
                value=self.mix,
            )
        return found


@dataclass(frozen=True)
class StagedRow:
    """What came of a :class:`StagedTask`; times as there, memory in tokens.

    Parameters
    ----------
    requests
        How many arrived.
    mean, p95, first_token_mean
        Latencies over all requests, also those that end after the arrivals.
    completed, arrived
        Requests completed, and that arrived, a unit of time in the second
        half of the arrivals.
    tokens, tokens_arrived
        Decode tokens of requests completed by the end of the arrivals (the
        effective throughput), and of those that arrived, a unit of time.
    held, largest
        Memory held: mean over iterations in the second half of the arrivals,
        and largest of all.
    evictions
        Their number; of how many requests, ``evicted``.
    runtime
        Wall time of the simulation, in seconds.
    verified
        True when the independent checker accepted the log.
    """

    policy: str
    prompt: int
    mix: str
    rate: float
    duration: int
    memory: int
    clock: str
    seed: int
    requests: int
    mean: float
    p95: float
    first_token_mean: float
    completed: float
    arrived: float
    tokens: float
    tokens_arrived: float
    held: float
    largest: int
    evictions: int
    evicted: int
    runtime: float
    verified: bool

    @property
    def share_completed(self) -> float:
        """Completed over arrived; above 1 when a queue gets shorter."""
        return self.completed / self.arrived


@lru_cache(maxsize=4)
def lengths_of_trace(name: str) -> tuple[IntArray, IntArray]:
    """Return prompts and outputs below 500 tokens, shape ``(n,)`` each.

    Parameters
    ----------
    name
        A file, or ``"lmsys-like"`` for the synthetic sample.

    Raises
    ------
    InputError
        When the trace cannot be read, has no prompts, or no such request.
    """
    trace = _trace(name)
    if trace.prompt is None:
        raise InputError("has no prompts", field="trace", value=name)
    short = (trace.prompt < _LONGER) & (trace.output < _LONGER)
    if not short.any():
        raise InputError(
            f"has no request with both lengths below {_LONGER}",
            field="trace",
            value=name,
        )
    return trace.prompt[short], trace.output[short]


def _trace(name: str) -> Trace:
    if name == PACKAGED:
        return lmsys_like_trace(task_rng(0, 1), _SAMPLE)
    return trace_of_file(name)


def staged_instance(task: StagedTask) -> Instance:
    """Return the requests of a task.

    Raises
    ------
    InputError
        When nothing arrives, or a length does not fit.
    """
    rng = task_rng(task.seed, 0)
    clock = parse_clock(task.clock)
    number = int(rng.poisson(task.rate * task.duration))
    last = task.duration * _unit(clock) // clock.arrival_unit
    arrival = np.sort(rng.integers(0, last, number))
    if task.is_trace:
        lengths = lengths_of_trace(task.mix)
        drawn = rng.integers(0, len(lengths[0]), number)
        prompt, output = (length[drawn] for length in lengths)
    else:
        outputs = np.array(list(task.shares), dtype=np.int64)
        output = rng.choice(outputs, number, p=list(task.shares.values()))
        prompt = np.full(number, task.prompt, dtype=np.int64)
    return Instance(
        task.memory,
        arrival,
        prompt,
        output,
        source=f"Poisson, {task.rate:g} a unit of time, seed {task.seed}",
    )


def run_staged_task(task: StagedTask) -> StagedRow:
    """Simulate, check and measure.

    Raises
    ------
    InputError
        When the task means nothing.
    PolicyError
        When the policy does not finish.
    RejectedError
        When the independent checker rejects the log.
    """
    instance = staged_instance(task)
    clock = parse_clock(task.clock)
    result = simulate_staged(instance, task.policy, clock)
    verdict = verified_staged(instance, result)
    unit = _unit(clock)
    half, end = (k * task.duration * unit // 2 for k in (1, 2))
    starts = np.array([step.start for step in result.iterations])
    middle = result.memory[(starts >= half) & (starts < end)]
    records = result.records
    latency = records["latency"] / unit
    first = (records["first_token"] - records["arrival"]) / unit
    done = records["completion"]
    inside = int(((half < done) & (done <= end)).sum())
    return StagedRow(
        **asdict(task),
        requests=len(instance),
        mean=float(latency.mean()),
        p95=float(np.percentile(latency, 95, method="inverted_cdf")),
        first_token_mean=float(first.mean()),
        completed=inside * unit / (end - half),
        arrived=int((records["arrival"] >= half).sum()) * unit / (end - half),
        tokens=result.throughput(end) * unit,
        tokens_arrived=int(records["output"].sum()) / task.duration,
        held=float(middle.mean()) if middle.size else 0.0,
        largest=int(result.memory.max()),
        evictions=result.evictions,
        evicted=int((records["evictions"] > 0).sum()),
        runtime=result.runtime,
        verified=verdict.ok,
    )


def _unit(clock: Clock) -> int:
    """Return the ticks of a second, or of a round."""
    return SECOND if clock.measures else 1


def _read(
    policy: str, parameters: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    parse_staged(policy)
    return policy, parameters


STAGED_SERVING = experiment_kind(
    run_staged_task, StagedTask, _read, lambda policy: ()
)


def staged_sweep_task(task: StagedTask) -> SweepTask:
    """Return the sweep task that makes a task's row."""
    return sweep_task(f"{__name__}:STAGED_SERVING", task, staged_instance)
