"""Policies on generated instances, against another policy on the same ones.

P2 and P3 compare with a policy rather than with the optimum: P3 (arXiv
2508.14544) with H-SF, which knows the lengths.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import lru_cache

from kvopt.analysis.seeds import task_seed
from kvopt.check.gate import verified_bound, verified_latency
from kvopt.exact import lower_bound
from kvopt.experiments.tasks import policy_kind
from kvopt.model import Instance, PolicyError
from kvopt.simulation import simulate
from kvopt.sweep import Source, SweepTask
from kvopt.workloads import generate

__all__ = [
    "FAMILY",
    "FamilyRow",
    "FamilyTask",
    "family_sweep_task",
    "run_family_task",
]


@dataclass(frozen=True)
class FamilyTask:
    """One policy on one generated instance.

    Parameters
    ----------
    generator
        Name of a generator.
    values
        Its parameters, such as ``"law=two-point longest=16"``.
    policy, reference
        Specification of the policy, and of the one it is compared with; or
        ``"bound:METHOD"`` for a lower bound on the optimum.
    seed
        Decides the instance, and what a random policy draws.
    """

    generator: str
    values: str
    policy: str
    reference: str
    seed: int

    @property
    def parameters(self) -> dict[str, str]:
        """The generator's parameters by name."""
        pairs = (word.partition("=") for word in self.values.split())
        return {name: value for name, _, value in pairs}


@dataclass(frozen=True)
class FamilyRow:
    """What came of a :class:`FamilyTask`; costs are total latencies, rounds.

    Parameters
    ----------
    status
        ``"FINISHED"``, or ``"FAILED"`` with the policy's ``error``; then
        there is no cost.
    cost, reference_cost
        Of the policy and of its reference; the independent checker accepted
        both schedules, or derived the bound from its certificate.
    runtime
        Wall time of the policy's simulation, in seconds.
    """

    generator: str
    values: str
    policy: str
    reference: str
    seed: int
    instance: str
    requests: int
    memory: int
    status: str
    error: str
    cost: int | None
    reference_cost: int
    runtime: float | None

    @property
    def ratio(self) -> float | None:
        """Cost over that of the reference; None without a cost."""
        return None if self.cost is None else self.cost / self.reference_cost


def run_family_task(task: FamilyTask) -> FamilyRow:
    """Simulate both and verify; a policy that fails is a row.

    Raises
    ------
    InputError
        When the task itself is wrong.
    RejectedError
        When the independent checker rejects a schedule.
    """
    instance = generate(task.generator, task.parameters, task.seed)
    row = FamilyRow(
        **asdict(task),
        instance=instance.hash,
        requests=len(instance),
        memory=instance.memory,
        status="FAILED",
        error="",
        cost=None,
        reference_cost=_reference_cost(instance, task),
        runtime=None,
    )
    return _with_cost(row, instance, task)


def _reference_cost(instance: Instance, task: FamilyTask) -> int:
    kind, _, method = task.reference.partition(":")
    if kind == "bound":
        return verified_bound(instance, lower_bound(instance, method))
    below = simulate(instance, task.reference, seed=task_seed(task.seed, 1))
    return verified_latency(instance, below.schedule)


def _with_cost(
    row: FamilyRow, instance: Instance, task: FamilyTask
) -> FamilyRow:
    try:
        found = simulate(instance, task.policy, seed=task_seed(task.seed, 2))
    except PolicyError as error:
        return replace(row, error=str(error))
    return replace(
        row,
        status="FINISHED",
        cost=verified_latency(instance, found.schedule),
        runtime=found.runtime,
    )


FAMILY = policy_kind(run_family_task, FamilyTask)


def family_sweep_task(task: FamilyTask) -> SweepTask:
    """Return the sweep task that makes a task's row."""
    return SweepTask.of(
        f"{__name__}:FAMILY",
        task.policy,
        _source(task.generator, task.values, task.seed),
        asdict(task),
    )


@lru_cache(maxsize=256)
def _source(generator: str, values: str, seed: int) -> Source:
    # The same for all policies.
    task = FamilyTask(generator, values, "", "", seed)
    return Source.given(generate(generator, task.parameters, seed))
