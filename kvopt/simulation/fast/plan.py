"""Translate the four choices of a policy into numbers for the kernel."""

from __future__ import annotations

from typing import assert_never

from kvopt.model.instance import MAX_SIZE
from kvopt.model.serving import ServingRules
from kvopt.policies.choices import (
    Admission,
    Belief,
    CancelShortest,
    ClearAll,
    ClearEach,
    EvictLast,
    Impossible,
    LookAhead,
    Order,
    Overflow,
    PeakReservation,
    Planned,
    Proxy,
    UsageThreshold,
    Watermark,
    limit_of,
    most_passed_over,
    share,
)
from kvopt.policies.composed import ComposedPolicy
from kvopt.simulation.clocks import LATEST, AffineClock, Clock
from kvopt.simulation.fast import state
from kvopt.simulation.fast.profile import NEVER
from kvopt.simulation.fast.state import Rules
from kvopt.simulation.faults import patience, watch_of

__all__ = ["column_of", "rules_of"]


def rules_of(
    policy: ComposedPolicy,
    memory: int,
    clock: Clock,
    serving: ServingRules,
    steps: int,
) -> Rules:
    """Return a policy, a clock and a server as the kernel knows them.

    Parameters
    ----------
    policy
        The policy.
    memory
        ``M``, in units.
    clock
        How long a round takes.
    serving
        Blocks of memory, chunks of prompts, and what restarts keep.
    steps
        Most steps before a pause.
    """
    choices = policy.composition
    admission, limit = _admission(choices.admission, memory)
    overflow, beta, continuous = _overflow(choices.overflow)
    learns = choices.belief.learns
    order, every = _order(choices.order)
    most = most_passed_over(choices.misfit, NEVER)
    skip = state.SKIP if most else state.BREAK
    fixed = choices.order is Order.LENGTH and not learns and not serving.keeps
    if most == NEVER and fixed:
        skip = state.SKIP_BY_PROMPT
    rates = (0, 0, 0, 0, 0, False, 0)
    if isinstance(clock, AffineClock):
        decode = (clock.d0, clock.d1, clock.d2)
        prompts = (clock.prefill, clock.free, clock.alone, clock.floor)
        rates = (*decode, *prompts)
    return Rules(
        steps,
        memory,
        limit,
        MAX_SIZE if policy.batch is None else policy.batch,
        order,
        admission,
        admission in (state.LOOK_AHEAD, state.PEAKS),
        skip,
        most,
        overflow,
        beta,
        memory - limit_of(choices.overflow, memory, serving),
        continuous,
        learns,
        choices.belief.at_least(0),
        _watch(policy, serving),
        patience(memory),
        every,
        clock.measures,
        *rates,
        LATEST,
        serving.block,
        serving.keeps,
        serving.budget or 0,
    )


def column_of(policy: ComposedPolicy) -> str:
    """Return where the believed lengths stand in what the policy is told.

    "" where the policy uses none.
    """
    belief = policy.composition.belief
    told = belief.told if isinstance(belief, Proxy) else belief
    match told:
        case Belief.TRUE:
            return "output"
        case Belief.POINT:
            return "point"
        case Belief.LOWER:
            return "lower"
        case Belief.UPPER:
            return "upper"
        case Belief.UNUSED:
            return ""
        case _:
            assert_never(told)


def _order(order: Order | Planned) -> tuple[int, int]:
    """Return the code of an order, and the rounds between two plans."""
    match order:
        case Planned(every=every):
            # The kernel takes the keys of a plan as they are.
            return -1, every
        case Order():
            return order.code, 0
        case _:
            assert_never(order)


def _admission(admission: Admission, memory: int) -> tuple[int, int]:
    match admission:
        case LookAhead(margin):
            return state.LOOK_AHEAD, share(memory, margin)
        case UsageThreshold(alpha):
            return state.USAGE, share(memory, alpha)
        case PeakReservation():
            return state.PEAKS, memory
        case Watermark(reserve):
            return state.WATERMARK, share(memory, reserve)
        case _:
            assert_never(admission)


def _overflow(overflow: Overflow) -> tuple[int, float, bool]:
    """Return the code of an overflow rule, ``beta`` and ``continuous``."""
    match overflow:
        case Impossible():
            return state.NOTHING, 1.0, False
        case ClearAll():
            return state.ALL, 1.0, False
        case ClearEach(beta):
            return state.EACH, beta, False
        case EvictLast():
            return state.LATEST, 1.0, False
        case CancelShortest(continuous):
            return state.SHORTEST, 1.0, continuous
        case _:
            assert_never(overflow)


def _watch(policy: ComposedPolicy, serving: ServingRules) -> int:
    match watch_of(policy, serving):
        case "none":
            return state.TRUST
        case "state":
            return state.STATE
        case "patience":
            return state.PATIENCE
        case _ as never:
            assert_never(never)
