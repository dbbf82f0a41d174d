"""The worst ratio of a policy over all instances of a size, proved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import assert_never

import numpy as np

from kvopt.adversary.exhaustive.space import Space
from kvopt.adversary.optimum import cheapest
from kvopt.model import (
    InputError,
    Instance,
    PolicyError,
    Predictions,
    Schedule,
    Witness,
)
from kvopt.model.instance import IntArray
from kvopt.model.serving import PLAIN
from kvopt.policies import Policy, parse_policy, policy_spec
from kvopt.policies.base import Arrivals, InformationModel
from kvopt.policies.choices import (
    Belief,
    EvictLast,
    Impossible,
    LookAhead,
    Order,
    PeakReservation,
    Proxy,
    UsageThreshold,
)
from kvopt.policies.composed import ComposedPolicy
from kvopt.policies.mc_benchmark import MCBenchmark
from kvopt.policies.sps import SPS
from kvopt.simulation import simulate
from kvopt.simulation.engine import engine_of

__all__ = ["Worst", "warm_up", "witness_of", "worst_ratios"]

# Cancelled runs of one simulation, and active requests, for which the fast
# engine has room: far above what tiny instances need.
_LOST, _ACTIVE = 4096, 64


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
        return _told(self.space.instance(self.listing), policy)


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
    seekers = [_seeker(policy, space) for policy in policies]
    arrays = _Arrays(space)
    done = 0
    for rows in space.chunks():
        arrays.take(rows)
        for seeker in seekers:
            seeker.look(arrays)
        done += len(rows)
        progress(done)
    return [seeker.worst(done) for seeker in seekers]


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
    policies = [parse_policy(name) for name in ("mc-sf", "sorted-f")]
    for worst in worst_ratios(policies, Space(2, 4, False)):
        witness_of(worst)


class _Arrays:
    """A chunk of multisets, and what is known of each."""

    def __init__(self, space: Space) -> None:
        self.space = space
        from kvopt.adversary.optimum_kernels import ENTRIES, WIDEST

        self.kinds = np.ascontiguousarray(np.array(space.types, np.int64).T)
        self.table = (
            np.zeros((ENTRIES, WIDEST + 3), np.int64),
            np.zeros(ENTRIES, np.int64),
            np.zeros(1, np.int64),
        )

    def take(self, rows: IntArray) -> None:
        """Go on to the next chunk."""
        from kvopt.adversary.exhaustive.kernels import lower_bounds

        self.rows = rows
        self.bounds = lower_bounds(self.kinds, self.space.memory, rows)
        self.optima = np.zeros(len(rows), np.int64)

    def arrivals(self, m: int) -> int:
        """Return the sum of the arrivals of a multiset."""
        return int(self.kinds[0][self.rows[m]].sum())

    def optimum(self, m: int) -> int:
        """Return the least sum of completions of a multiset."""
        from kvopt.adversary.exhaustive.kernels import optimum

        if not self.optima[m]:
            row, memory = self.rows[m], self.space.memory
            self.optima[m] = optimum(
                self.kinds, row, memory, 2**40, self.table
            )
        return int(self.optima[m])


class _Seeker:
    """Looks for the worst listing of one policy.

    Attributes
    ----------
    best
        Numerator, denominator and runs, see
        :func:`kvopt.adversary.exhaustive.kernels.scan`.
    """

    def __init__(self, policy: Policy, space: Space) -> None:
        if space.latest_arrival and policy.info.arrivals is Arrivals.BATCH:
            raise InputError(
                "is defined for requests that are all there at 0",
                field="policy",
                value=policy_spec(policy),
            )
        if (
            isinstance(policy, ComposedPolicy)
            and policy.composition.order is Order.RANDOM
        ):
            raise InputError(
                "draws its order; an enumeration needs one that is fixed",
                field="policy",
                value=policy_spec(policy),
            )
        self.policy, self.space = policy, space
        # Anything is worse than a ratio below 1.
        self.best = np.array([0, 1, 0], np.int64)
        self.listing = np.zeros(space.requests, np.int64)

    @property
    def failed(self) -> bool:
        """Whether the policy did not finish on some listing."""
        return bool(self.best[0] < 0)

    def look(self, arrays: _Arrays) -> None:
        """Look at all listings of a chunk."""
        raise NotImplementedError

    def worst(self, instances: int) -> Worst:
        """Return what was found in a space of so many instances."""
        listing = tuple(self.listing.tolist())
        cost, optimum, runs = self.best.tolist()
        return Worst(
            policy=policy_spec(self.policy),
            space=self.space,
            listing=listing,
            cost=cost if cost >= 0 else None,
            optimum=optimum,
            instances=instances,
            runs=runs,
        )


class _Kernel:
    """A composition without a plan, as the fast engine knows it."""

    def __init__(self, policy: ComposedPolicy, space: Space) -> None:
        from kvopt.simulation.clocks import UNIT_ROUNDS
        from kvopt.simulation.fast import state
        from kvopt.simulation.fast.plan import rules_of

        choices = policy.composition
        # The head of the queue starts when nothing else runs, and nobody
        # overtakes it; so it is enough that it is never cancelled. Whoever is
        # evicted as the latest started is not the first of the unfinished:
        # with order of arrival, those that run are always the first of them.
        # With true upper ends nothing overflows.
        fixed = isinstance(choices.overflow, Impossible)
        admits_alone = choices.admission in (
            LookAhead(),
            PeakReservation(),
            UsageThreshold(0.0),
        )
        serial = admits_alone and (
            fixed
            or choices.belief is Belief.UPPER
            or (
                isinstance(choices.overflow, EvictLast)
                and choices.order is Order.ARRIVAL
            )
        )
        rules = rules_of(policy, space.memory, UNIT_ROUNDS, PLAIN, 10**6)
        n = space.requests
        self.choices = rules, _belief(choices.belief), fixed, serial
        self.scratch = (
            np.zeros(n, state.REQUEST),
            np.zeros(_ACTIVE, state.ACTIVE),
            np.zeros((state.KEYS + 1, n), np.int64),
            np.zeros(0, np.int64),
            np.zeros((_LOST, state.LOST_COLUMNS), np.int64),
            np.zeros(1, state.STATE_RECORD),
        )
        self.rng = np.random.default_rng(0)

    def ceilings(self, arrays: _Arrays) -> IntArray:
        """Return the largest completions of each multiset of a chunk."""
        from kvopt.adversary.exhaustive.kernels import ceilings

        most: IntArray = ceilings(
            self.choices, arrays.kinds, arrays.rows, self.scratch, self.rng
        )
        return most


class _Compiled(_Seeker):
    """Looks with the event loop of the fast engine."""

    def __init__(self, policy: ComposedPolicy, space: Space) -> None:
        super().__init__(policy, space)
        self.kernel = _Kernel(policy, space)

    def look(self, arrays: _Arrays) -> None:
        """See :class:`_Seeker`."""
        from kvopt.adversary.exhaustive.kernels import scan

        if self.failed:
            return
        scan(
            self.kernel.choices,
            arrays.kinds,
            arrays.rows,
            arrays.bounds,
            arrays.optima,
            arrays.table,
            self.best,
            self.listing,
            self.kernel.scratch,
            self.kernel.rng,
        )


class _Interpreted(_Seeker):
    """Any policy, on the engine that loads no compiler."""

    def __init__(self, policy: Policy, space: Space) -> None:
        super().__init__(policy, space)
        planned = engine_of(policy) == "planned"
        self.engine = "fast" if planned else "reference"

    def look(self, arrays: _Arrays) -> None:
        """See :class:`_Seeker`."""
        for m, row in enumerate(arrays.rows.tolist()):
            if self.failed:
                return
            if not self.hopeless(arrays, m):
                self.try_listings(arrays, m, self.listings(row))

    def listings(self, row: list[int]) -> Iterator[tuple[int, ...]]:
        """Yield the distinct listings of a multiset, in order of arrival."""
        types = self.space.types
        for listing in sorted(set(permutations(row))):
            arrivals = [types[k].arrival for k in listing]
            if arrivals == sorted(arrivals):
                yield listing

    def hopeless(self, arrays: _Arrays, m: int) -> bool:
        """Whether no listing of a multiset can be worse than the worst."""
        return False

    def try_listings(
        self, arrays: _Arrays, m: int, listings: Iterator[tuple[int, ...]]
    ) -> None:
        """Simulate listings of a multiset, and note what is worse."""
        arrivals = arrays.arrivals(m)
        for listing in listings:
            self.best[2] += 1
            instance = _told(self.space.instance(listing), self.policy)
            try:
                result = simulate(instance, self.policy, self.engine)
            except PolicyError:
                self.best[0] = -1
                self.listing[:] = listing
                return
            cost, (worst, least, _) = result.objective, self.best.tolist()
            if cost * least <= worst * (int(arrays.bounds[m]) - arrivals):
                continue
            optimum = arrays.optimum(m) - arrivals
            if cost * least > worst * optimum:
                self.best[:2] = cost, optimum
                self.listing[:] = listing


class _Planned(_Interpreted):
    """A plan that is made once, and carried out with a look-ahead.

    With all requests at 0 it is no worse than the worst order.
    """

    def __init__(self, policy: ComposedPolicy, space: Space) -> None:
        super().__init__(policy, space)
        self.kernel = _Kernel(MCBenchmark(), space)

    def look(self, arrays: _Arrays) -> None:
        """See :class:`_Seeker`."""
        if not self.space.latest_arrival:
            self.most = self.kernel.ceilings(arrays)
        super().look(arrays)

    def hopeless(self, arrays: _Arrays, m: int) -> bool:
        """Whether the worst order of a multiset is no worse."""
        if self.space.latest_arrival:
            return False
        worst, least, _ = self.best.tolist()
        most = int(self.most[m])
        return most * least <= worst * int(
            arrays.bounds[m]
        ) or most * least <= worst * arrays.optimum(m)


class _InSlots(_Interpreted):
    """One pipeline with all requests at 0.

    Its slots depend on the multiset alone, so that the sum of the
    completions does not depend on who has which.
    """

    def listings(self, row: list[int]) -> Iterator[tuple[int, ...]]:
        """Yield one listing."""
        yield tuple(row)


def _seeker(policy: Policy, space: Space) -> _Seeker:
    """Return what can look for the policy's worst listing fastest."""
    if isinstance(policy, SPS) and not space.latest_arrival:
        return _InSlots(policy, space)
    if isinstance(policy, ComposedPolicy):
        choices = policy.composition
        known = not isinstance(choices.belief, Proxy)
        known = known and choices.belief is not Belief.POINT
        if known and choices.misfit == "break":
            if isinstance(choices.order, Order):
                return _Compiled(policy, space)
            if (
                choices.admission == LookAhead()
                and choices.belief is Belief.TRUE
            ):
                return _Planned(policy, space)
    return _Interpreted(policy, space)


def _belief(belief: Belief | Proxy) -> int:
    """Return the kernel's code of what a policy believes at first."""
    from kvopt.adversary.exhaustive import kernels

    match belief:
        case Belief.TRUE:
            return kernels.TRUE
        case Belief.LOWER:
            return kernels.SHORTEST
        case Belief.UPPER:
            return kernels.LONGEST
        case Belief.UNUSED:
            return kernels.UNUSED
        case Belief.POINT | Proxy():
            raise AssertionError("runs on the reference engine")
        case _:
            assert_never(belief)


def _told(instance: Instance, policy: Policy) -> Instance:
    """Return the instance with one interval for all, if the policy asks."""
    if policy.information is not InformationModel.INTERVALS:
        return instance
    o = instance.output
    lower = np.full(o.size, o.min())
    upper = np.minimum(o.max(), instance.memory - instance.prompt)
    return Instance(
        instance.memory,
        instance.arrival,
        instance.prompt,
        o,
        Predictions(lower=lower, upper=upper),
    )
