"""Translate the four choices of a policy into numbers for the kernel."""

from __future__ import annotations

from typing import NamedTuple

from kvopt.policies.choices import (
    Belief,
    CancelShortest,
    ClearAll,
    ClearEach,
    EvictLast,
    Impossible,
    LookAhead,
    Order,
    PeakReservation,
    Planned,
    Proxy,
    UsageThreshold,
    share,
)
from kvopt.policies.composed import ComposedPolicy
from kvopt.simulation.fast import kernel

__all__ = ["Plan", "plan"]


class Plan(NamedTuple):
    """What the kernel has to know of a policy, beside believed lengths."""

    limit: int
    order: int
    admission: int
    skip: int
    overflow: int
    beta: float
    continuous: bool
    learns: bool
    extra: int
    watch: int
    every: int
    column: str


# Where the believed length stands in what the policy is told.
_COLUMNS = {
    Belief.TRUE: "output",
    Belief.POINT: "point",
    Belief.LOWER: "lower",
    Belief.UPPER: "upper",
    Belief.UNUSED: "",
}

_ORDERS = {
    Order.LENGTH: kernel.LENGTH,
    Order.VOLUME: kernel.VOLUME,
    Order.PEAK: kernel.PEAK,
}
_WATCHES = {
    "none": kernel.TRUST,
    "state": kernel.STATE,
    "patience": kernel.PATIENCE,
}


def plan(policy: ComposedPolicy, memory: int) -> Plan:
    """Return the numbers for a policy on a worker with ``memory`` units."""
    choices = policy.composition
    limit, admission = memory, kernel.PEAKS
    match choices.admission:
        case LookAhead(margin):
            limit, admission = share(memory, margin), kernel.LOOK_AHEAD
        case UsageThreshold(alpha):
            limit, admission = share(memory, alpha), kernel.USAGE
        case PeakReservation():
            pass
    overflow, beta, continuous = kernel.NOTHING, 1.0, False
    match choices.overflow:
        case ClearAll():
            overflow = kernel.ALL
        case ClearEach(beta):
            overflow = kernel.EACH
        case EvictLast():
            overflow = kernel.LATEST
        case CancelShortest(continuous):
            overflow = kernel.SHORTEST
        case Impossible():
            pass
    belief = choices.belief
    told = belief.told if isinstance(belief, Proxy) else belief
    order, every = kernel.FIXED, 0
    match choices.order:
        case Planned(every=every):
            pass
        case Order() as name:
            order = _ORDERS.get(name, kernel.FIXED)
    skip = kernel.BREAK
    if choices.misfit == "skip":
        fixed = order == kernel.LENGTH and not belief.learns
        skip = kernel.SKIP_BY_PROMPT if fixed else kernel.SKIP
    return Plan(
        limit,
        order,
        admission,
        skip,
        overflow,
        beta,
        continuous,
        belief.learns,
        belief.at_least(0),
        _WATCHES[policy.livelock],
        every,
        _COLUMNS[told],
    )
