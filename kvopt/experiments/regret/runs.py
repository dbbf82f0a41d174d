"""The regret laboratory: policies against the hindsight optimum.

P1 v1/v2 (arXiv 2502.07115) claimed constant regret for stochastic arrivals;
what exactly was meant is not known (readings.md 1.6). Here requests of a few
types arrive at random for ``T`` rounds, the worker then runs until all are
complete, and the regret of a policy is its total latency minus the least one
possible for these arrivals, known in advance. Where that is not proved, the
regret of the run is an interval.

All policies see the same arrivals, and a run's arrivals for a shorter horizon
are the first part of those for a longer one (common random numbers).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from kvopt.analysis.seeds import task_seed
from kvopt.check.gate import verified_bound, verified_latency
from kvopt.exact.bounds import lower_bound
from kvopt.exact.few_types.online import WIDTH, hindsight
from kvopt.exact.few_types.types import Types
from kvopt.experiments.regret.resolving import ReSolving
from kvopt.experiments.tasks import experiment_kind
from kvopt.model import InputError, Instance, PolicyError
from kvopt.model.instance import whole_number
from kvopt.policies import Policy, parse_policy, policy_spec
from kvopt.simulation import simulate
from kvopt.sweep import Source, SweepTask
from kvopt.workloads import FewTypes, generate

__all__ = [
    "OPTIMUM",
    "POLICIES",
    "REGRET",
    "RegretRow",
    "RegretTask",
    "Setting",
    "policy_called",
    "regret_instance",
    "regret_sweep_task",
    "regret_tasks",
    "run_regret_task",
]

OPTIMUM = "hindsight"
# alpha-greedy at the published 0.3 and 0.25 repeats itself for ever here.
POLICIES = (
    "mc-sf",
    "svf",
    "sorted-f",
    ReSolving.info.name,
    "mc-benchmark",
    "alpha-greedy:alpha=0.6",
    "alpha-beta-clearing",
)


@dataclass(frozen=True)
class Setting:
    """A worker, the types of its requests, and how they arrive.

    Parameters
    ----------
    memory
        Capacity ``M``, in units.
    prompt, output, weights
        For each type its prompt and output length, in tokens, and its share
        of the arrivals up to a common factor; integers such as ``"1,3,5"``.
    process
        ``"poisson"`` or ``"bernoulli"``, see
        :class:`kvopt.workloads.FewTypes`.
    rate
        Mean number of arrivals a round.
    """

    memory: int = 9
    prompt: str = "1,1,1"
    output: str = "1,3,5"
    weights: str = "1,1,1"
    process: str = "poisson"
    rate: float = 0.25

    def arrivals(self, horizon: int) -> FewTypes:
        """Return the family of ``horizon`` rounds, checked."""
        return FewTypes(
            self.memory,
            _integers("prompt", self.prompt),
            _integers("output", self.output),
            _integers("weights", self.weights),
            self.rate,
            horizon,
            self.process,
        )

    @property
    def types(self) -> Types:
        """The worker's memory and types."""
        family = self.arrivals(1)
        sizes = zip(family.prompt, family.output, strict=True)
        return Types(self.memory, tuple(sizes))

    @property
    def mix(self) -> tuple[float, ...]:
        """The share of each type."""
        weights = self.arrivals(1).weights
        return tuple(weight / sum(weights) for weight in weights)


def _integers(name: str, text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise InputError(
            "must be integers such as 1,3,5", field=name, value=text
        ) from None


@dataclass(frozen=True)
class RegretTask(Setting):
    """One policy, or the optimum, on one run.

    Parameters
    ----------
    horizon
        Rounds in which requests arrive.
    index
        Number of the run; with ``seed`` it determines the arrivals.
    seed
        Seed of the experiment.
    policy
        Name of a policy, or ``"hindsight"`` for the optimum.
    width
        Largest number of states of a round for the optimum.
    """

    horizon: int = 40
    index: int = 0
    seed: int = 0
    policy: str = OPTIMUM
    width: int = WIDTH

    @property
    def recipe(self) -> tuple[dict[str, str], int]:
        """Parameters and seed of ``kvopt generate few-types``."""
        names = (*asdict(Setting()), "horizon")
        values = {name: str(getattr(self, name)) for name in names}
        return values, task_seed(self.seed, self.index)


@dataclass(frozen=True, kw_only=True)
class RegretRow(Setting):
    """What came of a :class:`RegretTask`.

    Parameters
    ----------
    horizon, index, seed, policy
        The task.
    instance
        Content hash of the instance.
    requests
        Number of requests.
    low, high
        Total latency, in rounds: of a policy one number; of the optimum a
        proved lower bound and the best schedule's. None when the policy
        failed.
    status
        ``"FINISHED"`` or ``"FAILED"`` for a policy, ``"PROVED"`` or
        ``"OPEN"`` for the optimum.
    error
        Why it failed.
    runtime
        Wall time, in seconds.
    """

    horizon: int
    index: int
    seed: int
    policy: str
    instance: str
    requests: int
    low: int | None
    high: int | None
    status: str
    error: str
    runtime: float


def policy_called(text: str) -> Policy:
    """Return the policy of a text form; ``"re-solving"`` is known here too.

    Raises
    ------
    InputError
        For an unknown policy or parameter.
    """
    if text == ReSolving.info.name:
        return ReSolving()
    return parse_policy(text)


def regret_instance(task: RegretTask) -> Instance:
    """Draw the arrivals of a task."""
    return generate("few-types", *task.recipe)


def run_regret_task(task: RegretTask) -> RegretRow:
    """Draw the arrivals, simulate or solve, verify.

    Raises
    ------
    RejectedError
        When the independent checker rejects the schedule.
    """
    instance = regret_instance(task)
    began = time.perf_counter()
    low: int | None = None
    high: int | None = None
    error = ""
    if task.policy == OPTIMUM:
        low, high = _optimum(instance, task.width)
        status = "PROVED" if low == high else "OPEN"
    else:
        try:
            ran = simulate(
                instance,
                policy_called(task.policy),
                seed=task_seed(task.seed, task.index),
            )
        except PolicyError as problem:
            status, error = "FAILED", str(problem)
        else:
            low = high = verified_latency(instance, ran.schedule)
            status = "FINISHED"
    return RegretRow(
        **{name: getattr(task, name) for name in _SHARED},
        instance=instance.hash,
        requests=len(instance),
        low=low,
        high=high,
        status=status,
        error=error,
        runtime=time.perf_counter() - began,
    )


_SHARED = (*asdict(Setting()), "horizon", "index", "seed", "policy")


def _optimum(instance: Instance, width: int) -> tuple[int, int]:
    """Return a proved lower bound and the latency of a verified schedule."""
    found, schedule = hindsight(instance, width)
    high = verified_latency(instance, schedule)
    if found.proved:
        return found.low, high
    checked = verified_bound(instance, lower_bound(instance))
    return max(found.low, checked or 0), high


def regret_tasks(
    settings: Sequence[Setting],
    horizons: Sequence[int],
    runs: int,
    policies: Sequence[str] = POLICIES,
    seed: int = 0,
    width: int = WIDTH,
) -> list[RegretTask]:
    """Return the tasks of ``runs`` runs a setting and horizon.

    Parameters
    ----------
    settings
        Worker, types and rates.
    horizons
        Horizons, in rounds.
    runs
        Runs a setting and horizon.
    policies
        Policies as on the command line.
    seed
        Seed of everything random.
    width
        Most states that the dynamic program keeps a round.

    Raises
    ------
    InputError
        When there is no run, horizon or policy, or one of them means nothing.
    """
    whole_number(runs, "runs", 1, 10**6)
    if not settings or not horizons or not policies:
        raise InputError(
            "needs a setting, a horizon and a policy at least",
            field="settings, horizons, policies",
            value=[*settings, *horizons, *policies],
        )
    for setting in settings:
        for horizon in horizons:
            setting.arrivals(horizon)
    return [
        RegretTask(
            **asdict(setting),
            horizon=horizon,
            index=index,
            seed=seed,
            policy=policy,
            width=width,
        )
        for setting in settings
        for horizon in horizons
        for index in range(runs)
        for policy in (OPTIMUM, *map(_name, policies))
    ]


def _name(text: str) -> str:
    return policy_spec(policy_called(text))


def _read(
    policy: str, parameters: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    return (policy if policy == OPTIMUM else _name(policy)), parameters


REGRET = experiment_kind(
    run_regret_task, RegretTask, _read, lambda policy: ("numpy",)
)


def regret_sweep_task(task: RegretTask) -> SweepTask:
    """Return the sweep task that makes a task's row."""
    return SweepTask.of(
        f"{__name__}:REGRET", task.policy, _source(*task.recipe), asdict(task)
    )


def _source(values: dict[str, str], seed: int) -> Source:
    return _generated(tuple(values.items()), seed)


# The tasks of a run come one after the other.
@lru_cache(maxsize=1)
def _generated(values: tuple[tuple[str, str], ...], seed: int) -> Source:
    return Source.generated("few-types", dict(values), seed)
