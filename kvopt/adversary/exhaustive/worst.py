"""The worst ratio of a policy over all instances of a size, proved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kvopt.adversary.exhaustive.arrays import Arrays
from kvopt.adversary.exhaustive.seekers import Seeker, seeker_of, told
from kvopt.adversary.exhaustive.space import Space
from kvopt.adversary.optimum import cheapest
from kvopt.model import Instance, Schedule, Witness
from kvopt.policies import Policy, parse_policy, policy_spec
from kvopt.simulation import simulate

__all__ = ["Worst", "warm_up", "witness_of", "worst_ratios"]


@dataclass(frozen=True)
class Worst:
    """What the enumeration proves of a policy.

    Parameters
    ----------
    policy
        Specification of the policy.
    space
        All instances of it were looked at, or passed over with a proof that
        they are no worse.
    listing
        The worst instance: places of its requests in ``space.types``, in
        order.
    cost, optimum
        Total latencies on it, in rounds; ``cost`` is None if the policy
        never finishes, and the ratio unbounded.
    instances, runs
        Numbers of instances in the space, and of simulations.
    """

    policy: str
    space: Space
    listing: tuple[int, ...]
    cost: int | None
    optimum: int
    instances: int
    runs: int

    @property
    def ratio(self) -> Fraction | None:
        """The worst ratio, None for an unbounded one."""
        return None if self.cost is None else Fraction(self.cost, self.optimum)

    @property
    def instance(self) -> Instance:
        """The worst instance, with what the policy is told."""
        policy = parse_policy(self.policy)
        return told(self.space.instance(self.listing), policy)


def worst_ratios(
    policies: Sequence[Policy],
    space: Space,
    progress: Callable[[int], object] = lambda done: None,
) -> list[Worst]:
    """Return the worst ratio of each policy over a space.

    Parameters
    ----------
    policies
        Policies without random choices.
    space
        The instances.
    progress
        Called with the number of instances that are done.

    Raises
    ------
    InputError
        When a policy is defined for requests that are all there at 0, and
        the space has later ones; or when its order is random.

    Notes
    -----
    The optimum of an instance is computed once, and only if a policy's cost
    over a lower bound exceeds its worst ratio so far. The prediction
    intervals of policies that want them are ``[min o, max o]`` for every
    request, cut at what memory leaves beside its prompt.
    """
    seekers = [seeker_of(policy, space) for policy in policies]
    arrays = Arrays(space)
    done = 0
    for rows in space.chunks():
        arrays.take(rows)
        for seeker in seekers:
            seeker.look(arrays)
        done += len(rows)
        progress(done)
    return [_worst(seeker, done) for seeker in seekers]


def witness_of(worst: Worst) -> Witness:
    """Return the ``kvopt-witness/1`` of a worst ratio that is finite."""
    instance = worst.instance
    schedule = simulate(instance, worst.policy, "reference").schedule
    found = cheapest(instance, worst.optimum + 1, 10**7)
    assert found.starts is not None
    return Witness(
        claim=(
            f"{worst.policy} costs {worst.cost}/{worst.optimum} times the "
            "optimum, and no more on any instance with "
            f"n = {worst.space.requests} and M = {worst.space.memory} "
            "of its class"
        ),
        instance=instance,
        algorithm_schedule=schedule,
        reference_schedule=Schedule.from_starts(instance, found.starts),
        reference_optimal=True,
        certificate="enumeration of kvopt.adversary.exhaustive",
        algorithm=worst.policy,
    )


def warm_up() -> None:
    """Have numba compile all that the functions above call."""
    # One policy for each way to look for the worst listing.
    ways = ("mc-sf", "sorted-f", "gsa-spec", "two-point-rule")
    policies = [parse_policy(name) for name in ways]
    for worst in worst_ratios(policies, Space(2, 4, False)):
        witness_of(worst)


def _worst(seeker: Seeker, instances: int) -> Worst:
    """Return what was found in a space of so many instances."""
    cost, optimum, runs = seeker.best.tolist()
    return Worst(
        policy=policy_spec(seeker.policy),
        space=seeker.space,
        listing=tuple(seeker.listing.tolist()),
        cost=None if seeker.failed else cost,
        optimum=optimum,
        instances=instances,
        runs=runs,
    )
