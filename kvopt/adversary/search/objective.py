"""How bad an instance is for a policy: its cost over that of a reference."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple, assert_never

from kvopt.adversary.search.conditions import Conditions
from kvopt.adversary.search.recipe import Recipe, Told
from kvopt.adversary.search.references import (
    Reference,
    ReferenceKind,
    ReferenceParams,
    quickly_bounded,
    solved,
    warm_up,
)
from kvopt.exact import lower_bound
from kvopt.model import InputError, Instance, Schedule
from kvopt.model.pictures import memory_picture
from kvopt.model.showing import Fact, Shown
from kvopt.policies import Policy, policy_spec
from kvopt.policies.base import Arrivals, InformationModel
from kvopt.policies.composed import ComposedPolicy
from kvopt.simulation import simulate

__all__ = ["Finding", "PolicyRatio", "Score"]

# Scores that are remembered; beyond, the oldest are forgotten.
REMEMBERED = 50_000
# Defaults; all of them are frozen.
_ANY = Conditions()
_SCHEDULE = Reference(ReferenceKind.SCHEDULE)
_EFFORT = ReferenceParams()


class Score(NamedTuple):
    """The two costs of a candidate, in rounds.

    ``proved`` says that the reference is an optimum.
    """

    algorithm: int
    reference: int
    proved: bool

    @property
    def ratio(self) -> float:
        """The policy's cost over that of the reference."""
        return self.algorithm / self.reference


class _Dropped(NamedTuple):
    """A candidate whose ratio is below ``least``."""

    least: float


@dataclass(frozen=True)
class Finding(Shown):
    """An instance with what a policy did and a schedule to compare it with.

    Parameters
    ----------
    recipe
        The instance, briefly.
    instance
        The instance.
    algorithm, reference
        The policy's schedule, and the other one.
    optimal
        Whether the reference was proved optimal.
    proof
        How, in words; "" if it was not.
    """

    recipe: Recipe
    instance: Instance
    algorithm: Schedule
    reference: Schedule
    optimal: bool
    proof: str

    def summary(self) -> list[Fact]:
        """Return the instance and what both schedules cost."""
        said = f"optimal: {self.proof}" if self.optimal else "not proved"
        return [
            ("ratio", f"{self.ratio:.6f}"),
            ("cost of the policy", self.algorithm_cost),
            ("reference", f"{self.reference_cost:,}, {said}"),
            ("requests", len(self.instance)),
            ("instance", str(self.recipe)),
        ]

    def picture(self) -> str:
        """Return both schedules, the policy's above."""
        return memory_picture(self.instance, self.algorithm) + memory_picture(
            self.instance, self.reference
        )

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
    """The ratio of a policy to a reference.

    Parameters
    ----------
    policy
        The policy.
    conditions
        What instances may be; also what the policy is told of the lengths.
    reference
        What the policy is compared with.
    seed
        Seed of the policy's own random choices, the same on every instance.
    params
        Effort that is spent on one reference.

    Raises
    ------
    InputError
        When the policy is not defined for arrivals that the conditions
        allow.
    """

    policy: Policy
    conditions: Conditions = _ANY
    reference: Reference = _SCHEDULE
    seed: int = 0
    params: ReferenceParams = _EFFORT
    cache: OrderedDict[Recipe, Score | _Dropped] = field(
        default_factory=OrderedDict, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        batch = self.policy.info.arrivals is Arrivals.BATCH
        if batch and self.conditions.latest_arrival:
            raise InputError(
                f"{policy_spec(self.policy)} is for requests that are all "
                "present at 0",
                field="conditions",
                value=f"arrivals<={self.conditions.latest_arrival}",
            )

    @property
    def told(self) -> Told:
        """What the policy, and the one it is compared with, are told."""
        policies = [self.policy, self.reference.policy]
        needs = [p.information for p in policies if p is not None]
        return self.conditions.told(
            InformationModel.PREDICTIONS in needs,
            InformationModel.INTERVALS in needs,
        )

    def prepare(self) -> None:
        """Compile what evaluations need; raise what they would raise.

        Raises
        ------
        InputError
            When the policy, or the one it is compared with, cannot run.
        """
        warm_up()
        one = Recipe.read([2, [[1, 0, [[2, 0, 0, 1, 1]]]]])
        instance = self.conditions.fit(one).instance(self.told)
        for policy in (self.policy, self.reference.policy):
            if policy is not None:
                simulate(instance, policy, engine="fast", seed=self.seed)

    def score(self, recipe: Recipe, at_least: float = 1.0) -> Score | None:
        """Return the score, or None if its ratio is below ``at_least``.

        The higher ``at_least``, the sooner a candidate is dismissed.

        Parameters
        ----------
        recipe
            A canonical recipe that keeps the conditions.
        at_least
            The ratio that is asked for.

        Raises
        ------
        PolicyError
            When a policy breaks a rule or makes no progress.
        """
        met = self.cache.get(recipe)
        if isinstance(met, Score):
            return met if met.ratio >= at_least else None
        if met is not None and met.least <= at_least:
            return None
        score, final = self._score(recipe.instance(self.told), at_least)
        enough = score is not None and score.ratio >= at_least
        if final:
            known = score if enough else None
            self.cache[recipe] = known or _Dropped(at_least)
            if len(self.cache) > REMEMBERED:
                self.cache.popitem(last=False)
        return score if enough else None

    def _score(
        self, instance: Instance, at_least: float
    ) -> tuple[Score | None, bool]:
        """Return the score, None for too low, and whether it is final."""
        cost = self.cost(self.policy, instance)
        match self.reference.kind:
            case ReferenceKind.SCHEDULE | ReferenceKind.OPTIMUM:
                bound = quickly_bounded(instance)
                enough = _largest_reference(cost, at_least)
                if bound > enough:
                    return None, True
                needed = self.reference.kind is ReferenceKind.OPTIMUM
                effort = self.params
                nodes = effort.nodes if needed else effort.glimpse
                found = solved(instance, enough, bound, effort, nodes)
                if needed and not found.proved:
                    return None, found.final
                score = Score(cost, found.cost, found.proved)
                return score, found.final
            case ReferenceKind.BOUND:
                return Score(cost, lower_bound(instance).value, False), True
            case ReferenceKind.POLICY:
                assert self.reference.policy is not None
                other = self.cost(self.reference.policy, instance)
                return Score(cost, other, False), True
            case _ as never:
                assert_never(never)

    def cost(self, policy: Policy, instance: Instance) -> int:
        """Return the total latency of a policy's schedule."""
        if isinstance(policy, ComposedPolicy):
            # Loading the compiler takes a good part of a second.
            from kvopt.simulation import fast

            return fast.total_latency(instance, policy, self.seed)
        result = simulate(instance, policy, engine="fast", seed=self.seed)
        return int(result.objective)

    def finding(self, recipe: Recipe, score: Score) -> Finding:
        """Return the candidate with the schedules behind its score.

        Its reference may be better than that of the score, or proved, as
        more effort is spent on it. Against a bound, it is the best schedule
        found.

        Parameters
        ----------
        recipe
            The candidate.
        score
            What :meth:`score` said of it.
        """
        instance = recipe.instance(self.told)
        schedule = simulate(
            instance, self.policy, engine="fast", seed=self.seed
        ).schedule
        cost = schedule.total_latency(instance)
        if self.reference.policy is not None:
            other = simulate(
                instance,
                self.reference.policy,
                engine="fast",
                seed=self.seed,
            ).schedule
            reference = Schedule(run for run in other.runs if run.completed)
            return Finding(recipe, instance, schedule, reference, False, "")
        bound = quickly_bounded(instance)
        effort = self.params
        found = solved(instance, score.reference, bound, effort, effort.nodes)
        if found.cost > cost:
            own = Schedule(run for run in schedule.runs if run.completed)
            return Finding(recipe, instance, schedule, own, False, "")
        return Finding(
            recipe,
            instance,
            schedule,
            Schedule.from_starts(instance, found.starts.tolist()),
            found.proved,
            "branch and bound of kvopt.adversary" if found.proved else "",
        )


def _largest_reference(cost: int, ratio: float) -> int:
    """Return the largest ``c`` with ``cost / c >= ratio``, as floats do."""
    c = int(cost / ratio) + 1
    while c and cost / c < ratio:
        c -= 1
    return c
