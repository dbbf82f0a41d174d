"""Adaptive families, played: the adversary watches what the policy does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Protocol

from kvopt.check.gate import verified_latency
from kvopt.model import (
    InputError,
    Instance,
    PolicyError,
    Predictions,
    Schedule,
    Witness,
)
from kvopt.policies import Policy, as_policy, infos, policy_spec
from kvopt.policies.base import Arrivals, InformationModel
from kvopt.simulation import simulate
from kvopt.workloads.families.deterministic_lower_bound import (
    DeterministicLowerBound,
)
from kvopt.workloads.families.randomized_lower_bound import LargePrompt
from kvopt.workloads.long_and_shorts import LongAndShorts

__all__ = [
    "ADVERSARIES",
    "Adversary",
    "Played",
    "adversary_called",
    "play",
    "playable",
    "refused",
]


class Adversary(Protocol):
    """One that releases short requests after the long one has started."""

    def after(self, start: int) -> LongAndShorts:
        """Return all requests when the long one starts at ``start``.

        They arrive later than ``start``.
        """
        ...

    def answer(self, start: int) -> Instance:
        """Return the instance of :meth:`after`, the long request first."""
        ...

    def stated_reference(self, start: int) -> int:
        """Return the total latency of the schedule the source names."""
        ...


ADVERSARIES: Mapping[str, type[Any]] = {
    "deterministic-lower-bound": DeterministicLowerBound,
    "large-prompt": LargePrompt,
}


@dataclass(frozen=True)
class Played:
    """What came of a play.

    Parameters
    ----------
    policy, seed
        Specification of the policy, and the seed of its random choices.
    instance
        Everything that was released.
    start
        Round in which the policy started the long request for the first
        time.
    schedule, cost
        What the policy did, and its total latency as the checker computes
        it, in rounds.
    reference, reference_cost
        An optimal schedule that cancels nothing, and its total latency. See
        :meth:`~kvopt.workloads.long_and_shorts.LongAndShorts.best_start`.
    stated_cost
        Total latency of the schedule with which the source compares, at
        least ``reference_cost``.
    """

    policy: str
    seed: int
    instance: Instance
    start: int
    schedule: Schedule
    cost: int
    reference: Schedule
    reference_cost: int
    stated_cost: int

    @property
    def ratio(self) -> float:
        """Total latency of the policy over the optimum."""
        return self.cost / self.reference_cost

    @property
    def stated_ratio(self) -> float:
        """Total latency of the policy over that of the source's schedule."""
        return self.cost / self.stated_cost

    def witness(self) -> Witness:
        """Return the ``kvopt-witness/1`` of the play.

        Optimality is not claimed: the argument is not one of the checker's.
        """
        return Witness(
            claim=(
                f"{self.policy} costs at least {self.cost}/"
                f"{self.reference_cost} = {self.ratio:.6g} times the optimum"
            ),
            instance=self.instance,
            algorithm_schedule=self.schedule,
            reference_schedule=self.reference,
            reference_optimal=False,
            algorithm=f"{self.policy}, seed {self.seed}",
        )


def adversary_called(name: str, values: Mapping[str, str]) -> Adversary:
    """Return the adversary of a family, from parameters as text.

    Raises
    ------
    InputError
        For an unknown family or parameter, or a value outside its range.
    """
    if name not in ADVERSARIES:
        raise InputError(
            f"no family that can be played; known are "
            f"{', '.join(ADVERSARIES)}",
            field="FAMILY",
            value=name,
        )
    known = [field.name for field in fields(ADVERSARIES[name])]
    sizes = {}
    for key, text in values.items():
        if key not in known:
            raise InputError(
                f"unknown parameter of {name}; known are {', '.join(known)}",
                field=key,
                value=text,
            )
        try:
            sizes[key] = int(text)
        except ValueError:
            raise InputError(
                "must be an integer", field=key, value=text
            ) from None
    adversary: Adversary = ADVERSARIES[name](**sizes)
    return adversary


def playable() -> tuple[str, ...]:
    """Return the names of the policies that can be played."""
    return tuple(i.name for i in infos() if i.arrivals is Arrivals.ONLINE)


def refused() -> tuple[str, ...]:
    """Return the names of the others: they expect all requests at 0."""
    can = playable()
    return tuple(info.name for info in infos() if info.name not in can)


def play(
    adversary: Adversary,
    policy: Policy | str | type[Any],
    seed: int = 0,
    engine: str = "auto",
) -> Played:
    """Play an adversary against a policy.

    Parameters
    ----------
    adversary
        What releases the requests.
    policy, seed, engine
        As for :func:`kvopt.simulate`.

    Raises
    ------
    InputError
        When the policy is defined for requests that are all there at 0.
    PolicyError
        When the policy never starts the long request, never ends, or does
        something else once it is told more of the future.

    Notes
    -----
    The policy first runs on the long request alone, until it starts it. The
    adversary then says what comes, and the policy runs on the instance that
    has grown. A policy that sees requests when they arrive cannot act
    differently before the release, and that it does not is checked. What
    predictions a policy wants are exact: an adversary that lies would only
    gain by it.
    """
    policy = as_policy(policy)
    spec = policy_spec(policy)
    if policy.info.arrivals is not Arrivals.ONLINE:
        raise InputError(
            "is defined for requests that are all there at 0, and the "
            "adversary releases some later",
            field="policy",
            value=spec,
        )

    def runs(instance: Instance) -> Schedule:
        told = _predicted(instance, policy)
        return simulate(told, policy, engine, seed).schedule

    opening = adversary.answer(0)
    alone = Instance(
        opening.memory,
        opening.arrival[:1],
        opening.prompt[:1],
        opening.output[:1],
    )
    start = min(run.start for run in runs(alone).runs)
    game = adversary.after(start)
    instance = _predicted(adversary.answer(start), policy)
    schedule = runs(instance)
    if _until(schedule, game.release) != _until(runs(alone), game.release):
        raise PolicyError(
            f"{spec} acts on requests before round {game.release}, in which "
            "they arrive"
        )
    reference = Schedule.from_starts(instance, game.starts(game.best_start()))
    return Played(
        policy=spec,
        seed=seed,
        instance=instance,
        start=start,
        schedule=schedule,
        cost=verified_latency(instance, schedule),
        reference=reference,
        reference_cost=verified_latency(instance, reference),
        stated_cost=adversary.stated_reference(start),
    )


def _predicted(instance: Instance, policy: Policy) -> Instance:
    """Return the instance with what the policy wants to be told of it."""
    if policy.information not in (
        InformationModel.PREDICTIONS,
        InformationModel.INTERVALS,
    ):
        return instance
    o = instance.output
    return Instance(
        instance.memory,
        instance.arrival,
        instance.prompt,
        o,
        Predictions(lower=o, upper=o, point=o),
        instance.name,
        instance.source,
    )


def _until(schedule: Schedule, release: int) -> list[tuple[int, int]]:
    """Return start and stop of all runs before a round; stops cut there."""
    return [
        (run.start, min(run.stop, release))
        for run in schedule.runs
        if run.start < release
    ]
