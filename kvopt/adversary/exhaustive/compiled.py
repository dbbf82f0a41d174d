"""Compositions of the four choices, as the compiled event loop knows them."""

from __future__ import annotations

from typing import assert_never

import numpy as np

from kvopt.adversary.exhaustive.space import Space
from kvopt.model.instance import IntArray
from kvopt.model.serving import PLAIN
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

__all__ = ["Kernel"]

# Cancelled runs of one simulation, and active requests, for which the fast
# engine has room: far above what tiny instances need.
_LOST, _ACTIVE = 4096, 64


class Kernel:
    """A composition without a plan, as the fast engine knows it.

    Parameters
    ----------
    policy, space
        The composition, and the instances.
    monotone
        Whether :meth:`ceilings` is only for orders in which nobody is before
        a shorter request whose peak is no larger.
    """

    def __init__(
        self, policy: ComposedPolicy, space: Space, *, monotone: bool = False
    ) -> None:
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
        self.monotone = monotone
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

    def ceilings(self, kinds: IntArray, rows: IntArray) -> IntArray:
        """Return the largest completions of each multiset, or more.

        Parameters
        ----------
        kinds, rows
            See :func:`kvopt.adversary.exhaustive.kernels.ceilings`.
        """
        from kvopt.adversary.exhaustive.kernels import ceilings

        most: IntArray = ceilings(
            self.choices, self.monotone, kinds, rows, self.scratch, self.rng
        )
        return most


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
