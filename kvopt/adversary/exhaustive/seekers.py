"""What looks for the worst listings of a policy, chunk by chunk."""

from __future__ import annotations

import numpy as np

from kvopt.adversary.exhaustive.arrays import Arrays
from kvopt.adversary.exhaustive.compiled import Kernel
from kvopt.adversary.exhaustive.proved import proved
from kvopt.adversary.exhaustive.space import Space
from kvopt.model import InputError, Instance, PolicyError, Predictions
from kvopt.policies import Policy, policy_spec
from kvopt.policies.base import Arrivals, InformationModel
from kvopt.policies.choices import Belief, Order, Proxy
from kvopt.policies.composed import ComposedPolicy
from kvopt.simulation import simulate
from kvopt.simulation.engine import engine_of

__all__ = ["Seeker", "seeker_of", "told"]

# Multisets that are computed exactly at once: few, since those that are found
# to be bad spare others.
_BLOCK = 256


class Seeker:
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

    def look(self, arrays: Arrays) -> None:
        """Look at all listings of a chunk."""
        raise NotImplementedError


class _Compiled(Seeker):
    """Looks with the event loop of the fast engine."""

    def __init__(self, policy: ComposedPolicy, space: Space) -> None:
        super().__init__(policy, space)
        self.kernel = Kernel(policy, space)

    def look(self, arrays: Arrays) -> None:
        """See :class:`Seeker`."""
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


class _Interpreted(Seeker):
    """Any policy, on the engine that loads no compiler."""

    def __init__(self, policy: Policy, space: Space) -> None:
        super().__init__(policy, space)
        self.proved = proved(policy, space)
        from_plans = engine_of(policy) == "planned"
        self.engine = "fast" if from_plans else "reference"

    def look(self, arrays: Arrays) -> None:
        """See :class:`Seeker`."""
        if self.failed:
            return
        known = self.proved
        if known.most is None:
            for m in range(len(arrays.rows)):
                self.try_listings(arrays, m, None)
            return
        most = known.most(arrays.kinds, arrays.rows)
        # The worst are found soon, so that the others are passed over.
        order = np.argsort(-most / arrays.bounds, kind="stable")
        for first in range(0, len(order), _BLOCK):
            block = [
                m
                for m in order[first : first + _BLOCK].tolist()
                if not self.hopeless(arrays, m, int(most[m]))
            ]
            if known.exact is not None and block:
                most[block] = known.exact(arrays.kinds, arrays.rows[block])
                block.sort(key=lambda m: -most[m] / arrays.bounds[m])
            for m in block:
                self.try_listings(arrays, m, int(most[m]))

    def hopeless(self, arrays: Arrays, m: int, most: int | None) -> bool:
        """Whether a multiset that costs at most ``most`` is no worse."""
        worst, least, _ = self.best.tolist()
        if worst < 0:
            return True  # nothing is worse than never to finish
        if most is None:
            return False
        arrivals = arrays.arrivals(m)
        cost = (most - arrivals) * least
        return cost <= worst * (
            int(arrays.bounds[m]) - arrivals
        ) or cost <= worst * (arrays.optimum(m) - arrivals)

    def try_listings(self, arrays: Arrays, m: int, most: int | None) -> None:
        """Simulate listings of a multiset while one of them may be worse."""
        arrivals = arrays.arrivals(m)
        changed = True
        for listing in self.proved.listings(tuple(arrays.rows[m].tolist())):
            if changed and self.hopeless(arrays, m, most):
                return
            changed = False
            self.best[2] += 1
            instance = told(self.space.instance(listing), self.policy)
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
                changed = True


def seeker_of(policy: Policy, space: Space) -> Seeker:
    """Return what can look for the policy's worst listing fastest."""
    if isinstance(policy, ComposedPolicy):
        choices = policy.composition
        known = not isinstance(choices.belief, Proxy)
        known = known and choices.belief is not Belief.POINT
        if (
            known
            and choices.misfit == "break"
            and isinstance(choices.order, Order)
        ):
            return _Compiled(policy, space)
    return _Interpreted(policy, space)


def told(instance: Instance, policy: Policy) -> Instance:
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
