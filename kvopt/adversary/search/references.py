"""What a policy is compared with: an optimum, a schedule, a bound, a policy.

Cheap answers come first: a candidate that a quick bound rules out is not
scheduled, and one that a list schedule shows to be bad is not solved.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import NamedTuple

import numpy as np

from kvopt.adversary.optimum import cheapest
from kvopt.model import Instance
from kvopt.model.instance import IntArray
from kvopt.model.sums import exact_sum
from kvopt.policies import Policy, parse_policy

__all__ = [
    "Reference",
    "ReferenceKind",
    "ReferenceParams",
    "Solved",
    "parse_reference",
    "quickly_bounded",
    "solved",
    "warm_up",
]


class ReferenceKind(str, Enum):
    """What stands below the line of a ratio."""

    SCHEDULE = "schedule"
    OPTIMUM = "optimum"
    BOUND = "bound"
    POLICY = "policy"


@dataclass(frozen=True)
class Reference:
    """What a policy is compared with.

    Parameters
    ----------
    kind
        ``SCHEDULE``: the best one found, so that the ratio is a lower bound
        on the true one. ``OPTIMUM``: the same, and instances whose optimum
        is not proved do not count. ``BOUND``: a lower bound, so that the
        ratio is an upper estimate. ``POLICY``: another policy.
    policy
        The other policy; None for the other kinds.
    """

    kind: ReferenceKind
    policy: Policy | None = None


def parse_reference(text: str) -> Reference:
    """Return the reference that a text names.

    Parameters
    ----------
    text
        ``schedule``, ``optimum``, ``bound`` or a policy such as ``h-sf``.

    Raises
    ------
    InputError
        For a policy that is not known.
    """
    for kind in ReferenceKind:
        if text == kind.value and kind is not ReferenceKind.POLICY:
            return Reference(kind)
    return Reference(ReferenceKind.POLICY, parse_policy(text))


@dataclass(frozen=True)
class ReferenceParams:
    """Effort that is spent on the reference of one instance.

    Parameters
    ----------
    requests, rounds
        Up to how many requests, and how many rounds of output in all, the
        optimum is searched for by branch and bound.
    nodes
        Effort of that search; when it does not suffice, the best schedule
        found is the reference. Larger instances have list schedules only.
    glimpse
        The same for candidates where a schedule is enough: what a search
        brings home is then looked at with ``nodes``.
    """

    requests: int = 12
    rounds: int = 300
    nodes: int = 20_000
    glimpse: int = 600


class Solved(NamedTuple):
    """A schedule, and whether it is proved optimal.

    ``starts`` are the start rounds by request number, shape ``(n,)``.
    ``final`` is False when another limit might have led to another schedule:
    what is final may be remembered.
    """

    cost: int
    starts: IntArray
    proved: bool
    final: bool


# Shares of the volume that list schedules wait for, in quarters.
_PACES = np.array([0, 2, 3, 4])


def quickly_bounded(instance: Instance) -> int:
    """Return a lower bound on the total latency; microseconds.

    It is only used to dismiss candidates, see :func:`kvopt.exact.lower_bound`
    for bounds that come with a certificate.
    """
    from kvopt.adversary.search.list_kernels import quick_bound

    return int(
        quick_bound(
            instance.memory, instance.arrival, instance.output, instance.volume
        )
    )


def solved(
    instance: Instance,
    enough: int,
    bound: int,
    params: ReferenceParams,
    nodes: int,
) -> Solved:
    """Return the best schedule that the effort finds.

    Parameters
    ----------
    instance
        The instance.
    enough
        Schedules that cost more are of no interest: branch and bound looks
        for none, and what is returned may be far from the best then.
    bound
        A lower bound on all costs.
    params
        Up to which size the optimum is searched for.
    nodes
        Effort of that search.
    """
    cost, starts = _best_list(instance)
    tiny = (
        len(instance) <= params.requests
        and int(instance.output.sum()) <= params.rounds
    )
    if cost == bound or not tiny:
        return Solved(cost, starts, cost == bound, True)
    found = cheapest(instance, min(enough + 1, cost), nodes)
    if found.starts is not None:
        starts = np.array(found.starts)
        cost = exact_sum(starts + instance.output - instance.arrival)
    proved = found.proved and cost <= enough
    return Solved(cost, starts, proved, found.proved)


def _best_list(instance: Instance) -> tuple[int, IntArray]:
    from kvopt.adversary.search.list_kernels import best_list

    keys = (
        instance.volume,
        instance.output,
        instance.peak,
        instance.arrival,
    )
    sorted_ = [np.argsort(key, kind="stable") for key in keys]
    # With equal prompts the first three are one.
    distinct = {order.tobytes(): order for order in sorted_}
    orders = np.array(list(distinct.values()))
    rows = np.array(
        [instance.arrival, instance.prompt, instance.output, instance.volume]
    )
    starts = np.zeros(len(instance), np.int64)
    cost = best_list(instance.memory, rows, orders, _PACES, starts)
    return int(cost), starts


@cache
def warm_up() -> None:
    """Compile what references need, or load it; once a process."""
    from kvopt.adversary.optimum import warm_up as compile_optimum

    compile_optimum()
    two = Instance.of(3, [(0, 0, 2), (0, 1, 2)])
    _best_list(two)
    quickly_bounded(two)
