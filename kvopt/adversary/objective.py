"""How bad an instance is for a policy: its cost over the optimum."""

from __future__ import annotations

from dataclasses import dataclass

from kvopt.adversary.optimum import cheapest
from kvopt.model import InputError, Instance, Schedule
from kvopt.policies import Policy, policy_spec
from kvopt.policies.base import Arrivals, InformationModel
from kvopt.simulation import simulate

__all__ = ["Finding", "PolicyRatio"]


@dataclass(frozen=True)
class Finding:
    """An instance with what a policy did and a schedule as good or better.

    Parameters
    ----------
    instance
        The instance.
    algorithm, reference
        The policy's schedule, and the best one found.
    optimal
        Whether the reference was proved optimal.
    proof
        How, in words; "" if it was not.
    """

    instance: Instance
    algorithm: Schedule
    reference: Schedule
    optimal: bool
    proof: str

    @property
    def algorithm_cost(self) -> int:
        """Total latency of the policy's schedule, in rounds."""
        return self.algorithm.total_latency(self.instance)

    @property
    def reference_cost(self) -> int:
        """Total latency of the reference, in rounds."""
        return self.reference.total_latency(self.instance)

    @property
    def ratio(self) -> float:
        """A lower bound on the policy's ratio, tight if ``optimal``.

        The reference costs at least the optimum, so dividing by it never
        flatters the instance.
        """
        return self.algorithm_cost / self.reference_cost


@dataclass(frozen=True)
class PolicyRatio:
    """The ratio of a policy to the optimum, found by enumeration.

    Parameters
    ----------
    policy
        The policy. One that is told predictions is refused: the search makes
        none.
    seed
        Seed of the policy's own random choices, the same on every instance.
    nodes
        Effort of the enumeration. When it does not suffice, the best
        schedule it found is the reference.
    """

    policy: Policy
    seed: int = 0
    nodes: int = 20_000

    def __post_init__(self) -> None:
        if self.policy.information not in (
            InformationModel.CLAIRVOYANT,
            InformationModel.NON_CLAIRVOYANT,
        ):
            raise InputError(
                f"needs {self.policy.information.value}, and the search makes "
                "instances without predictions",
                field="policy",
                value=policy_spec(self.policy),
            )

    @property
    def batch_only(self) -> bool:
        """Whether the policy is defined for arrivals at 0 only."""
        return self.policy.info.arrivals is Arrivals.BATCH

    def evaluate(
        self, instance: Instance, at_least: float = 1.0
    ) -> Finding | None:
        """Return the finding, or None if its ratio is below ``at_least``.

        The higher ``at_least``, the sooner an instance is dismissed: only
        schedules have to be ruled out that cost ``1/at_least`` of what the
        policy's does.

        Raises
        ------
        PolicyError
            When the policy breaks a rule or makes no progress.
        """
        schedule = simulate(instance, self.policy, seed=self.seed).schedule
        cost = schedule.total_latency(instance)
        best = Schedule(run for run in schedule.runs if run.completed)
        # The largest cost of a reference that makes the ratio high enough.
        limit = _largest_reference(cost, at_least)
        found = cheapest(instance, min(limit + 1, cost), self.nodes)
        if found.starts is not None:
            best = Schedule.from_starts(instance, found.starts)
        elif limit < cost:
            return None
        proof = "branch and bound of kvopt.adversary" if found.proved else ""
        return Finding(instance, schedule, best, found.proved, proof)


def _largest_reference(cost: int, ratio: float) -> int:
    """Return the largest ``c`` with ``cost / c >= ratio``, as floats do."""
    c = int(cost / ratio) + 1
    while c and cost / c < ratio:
        c -= 1
    return c
