"""Policies against the optimum of many requests, as intervals.

Nobody knows the optimum of a thousand requests. A near-optimal schedule and
a lower bound enclose it, and with it the ratio of each policy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kvopt.check.gate import verified_bound, verified_latency
from kvopt.exact import solve
from kvopt.exact.warm_start import start_policies
from kvopt.model import Instance, PolicyError, Schedule, Trace
from kvopt.model.sums import exact_sum
from kvopt.policies import policy_spec
from kvopt.simulation import simulate
from kvopt.workloads.traces.instances import instance_from_trace

__all__ = [
    "NearOptimumRow",
    "StampedRow",
    "TraceSetting",
    "measured",
    "sampled",
]


@dataclass(frozen=True)
class TraceSetting:
    """Which requests of a trace, and how long to solve.

    Parameters
    ----------
    memory
        ``M``, in units.
    largest
        Requests with ``s + o`` above it are left out of the trace, the same
        for every memory.
    requests
        Number of requests that are sampled, without replacement.
    load
        Rate of Poisson arrivals as a multiple of the capacity ``M / v``
        requests a round, with ``v`` the mean volume of the sample: no
        schedule completes more. 0 for all requests at round 0.
    seed
        Of the sample, the arrivals and the solver.
    time_limit
        Seconds of the solver.
    workers
        Its threads.
    """

    memory: int
    largest: int
    requests: int
    load: float
    seed: int
    time_limit: float
    workers: int


@dataclass(frozen=True)
class NearOptimumRow:
    """One policy on one instance; latencies in rounds, all verified.

    ``best`` is the latency of the best schedule known, ``bound`` what the
    certificate of ``method`` proves. ``fill`` is the share of the memory that
    the policy uses, on average over the rounds until its last completion.
    """

    trace: str
    memory: int
    requests: int
    load: float
    seed: int
    time_limit: float
    workers: int
    solver: str
    policy: str
    latency: int
    fill: float
    best: int
    bound: int
    method: str

    @property
    def low(self) -> float:
        """The policy over the best schedule: at most its ratio."""
        return self.latency / self.best

    @property
    def high(self) -> float:
        """The policy over the lower bound: at least its ratio."""
        return self.latency / self.bound

    @property
    def gap(self) -> float:
        """The certified gap of the best schedule."""
        return self.best / self.bound - 1


@dataclass(frozen=True)
class StampedRow(NearOptimumRow):
    """A row, and the code, versions and machine that it comes from."""

    code: str
    versions: str
    machine: str


def sampled(trace: Trace, setting: TraceSetting) -> Instance:
    """Return the instance of a setting.

    Raises
    ------
    InputError
        When no request of the trace fits.
    """
    rng = np.random.default_rng(setting.seed)
    prompt = 0 if trace.prompt is None else trace.prompt
    fits = int((prompt + trace.output <= setting.largest).sum())
    base = instance_from_trace(
        trace,
        setting.largest,
        sample=min(setting.requests, fits),
        arrivals="zero",
        drop_oversize=True,
        rng=rng,
    )
    output, source = base.output, base.source
    times = np.zeros(len(base))
    if setting.load > 0:
        volume = base.prompt * output + output * (output + 1) // 2
        gap = float(volume.mean()) / (setting.load * setting.memory)
        times = np.floor(np.cumsum(rng.exponential(gap, len(base))))
        source += f"; Poisson arrivals at {setting.load:g} of the capacity"
    return Instance(
        setting.memory,
        times.astype(np.int64),
        base.prompt,
        output,
        name=base.name,
        source=source,
    )


def measured(
    trace: Trace,
    name: str,
    setting: TraceSetting,
    progress: Callable[[str], None] = lambda said: None,
) -> list[NearOptimumRow]:
    """Solve an instance, run every policy on it, and verify all.

    Parameters
    ----------
    trace, name
        The trace, and what it is called.
    setting
        The instance and the limits.
    progress
        Called with a line now and then.

    Raises
    ------
    KeyboardInterrupt
        When the solver was interrupted.
    RejectedError
        When the independent checker rejects a schedule or the bound.
    """
    instance = sampled(trace, setting)
    found = solve(
        instance,
        "large",
        time_limit=setting.time_limit,
        workers=setting.workers,
        seed=setting.seed,
    )
    if found.reason == "interrupted":
        # What it has by then is not what the time limit gives.
        raise KeyboardInterrupt
    bound = verified_bound(instance, found.certificate)
    latencies, fills = {}, {}
    for policy in start_policies(instance):
        try:
            run = simulate(instance, policy, "auto", setting.seed)
        except PolicyError:
            continue
        latency = verified_latency(instance, run.schedule)
        latencies[policy_spec(policy)] = latency
        fills[policy_spec(policy)] = _fill(instance, run.schedule)
    solved = verified_latency(instance, found.schedule)
    best = min(solved, *latencies.values())
    gap = best / bound - 1
    progress(f"{name}, M = {setting.memory:,}: certified gap {gap:.2%}")
    return [
        NearOptimumRow(
            trace=name,
            memory=setting.memory,
            requests=len(instance),
            load=setting.load,
            seed=setting.seed,
            time_limit=setting.time_limit,
            workers=setting.workers,
            solver=found.solver,
            policy=policy,
            latency=latency,
            fill=fills[policy],
            best=best,
            bound=bound,
            method=found.certificate.method,
        )
        for policy, latency in latencies.items()
    ]


def _fill(instance: Instance, schedule: Schedule) -> float:
    """Return the share of memory and rounds that requests hold.

    Runs that were cancelled count up to their end.
    """
    prompt = instance.prompt[schedule.request]
    rounds = schedule.stop - schedule.start
    held = prompt * rounds + rounds * (rounds + 1) // 2
    return exact_sum(held) / (instance.memory * schedule.makespan)
