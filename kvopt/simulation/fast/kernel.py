"""The event loop of the fast engine, in compiled code.

Same rules as the reference engine. A step is taken only where something can
change: an arrival, a completion, the believed end of a request, an overflow,
the first round in which a waiting request fits. All of them are computed.
"""

from __future__ import annotations

from numba import njit

from kvopt.model.compiled import part
from kvopt.simulation.fast import state as slots
from kvopt.simulation.fast.admission import admit, next_admission
from kvopt.simulation.fast.cancellation import clear, hopeless, overflows
from kvopt.simulation.fast.pace import late, rounds_until, stretch
from kvopt.simulation.fast.prefill import pass_chunks
from kvopt.simulation.fast.profile import (
    NEVER,
    believed_end,
    full_from,
    move,
    outlived,
)
from kvopt.simulation.fast.queue import enqueue

__all__ = ["advance"]


@njit(cache=True, error_model="numpy", nogil=True)
def advance(rules, requests, active, queue, tree, lost, state, rng):
    """Take up to ``rules.steps`` steps; return how it ended.

    Parameters
    ----------
    rules, requests, active, queue, state
        See :mod:`kvopt.simulation.fast.state`.
    tree
        With ``SKIP_BY_PROMPT``: the tree of :mod:`.tree` over the places.
    lost
        Cancelled runs, rows of ``LOST_COLUMNS``.
    rng
        The policy's generator.
    """
    n = requests.size
    steps = rules.steps
    while state.completed < n:
        if steps == 0:
            return slots.PAUSE
        room = active.size > state.active + 1
        if not room or lost.shape[0] < state.lost + state.active:
            return slots.FULL
        steps -= 1
        arrive(rules, requests, queue, tree, state)
        if plan_is_due(rules, state):
            return slots.REPLAN
        cleared = overflows(rules, active, state)
        if cleared:
            clear(rules, requests, active, queue, tree, lost, state, rng)
        if rules.foresees:
            outlive(requests, active, state)
        if state.ready <= state.round and state.waiting > 0:
            misfits = admit(rules, requests, active, queue, tree, state)
            if active.size <= state.active + 1:
                # Room for more is needed before the scan can go on.
                state.ready = state.round
                return slots.FULL
            # Nothing more fits now; find when something will.
            state.ready = next_admission(
                rules, requests, active, queue, state, misfits
            )
        if cleared and hopeless(rules, requests, active, state):
            return slots.LIVELOCK
        idle = state.active == 0 and state.waiting == 0
        if rules.measures and idle:
            # Nothing to do: no round passes until the next arrival.
            state.time = requests[state.arrived].due
            continue
        after = next_round(rules, requests, active, state)
        if after == slots.NONE:
            return slots.STUCK
        if state.prefilling > 0:
            in_time = pass_chunks(rules, requests, active, queue, state, after)
        else:
            in_time = pass_time(rules, requests, active, state, after)
        if not in_time:
            return slots.TOO_LATE
        complete(rules, requests, active, state)
    return slots.DONE


@part
def arrive(rules, requests, queue, tree, state):
    """Put the requests that have arrived by now into the queue.

    Parameters
    ----------
    rules
        The policy's choices and the clock: :class:`.state.Rules`.
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    queue
        Rows of the waiting requests; see :mod:`.state`.
    tree
        With ``SKIP_BY_PROMPT``: the tree of :mod:`.tree`; else empty.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    """
    n = requests.size
    i = state.arrived
    while i < n and requests[i].due <= state.time:
        if rules.measures:
            requests[i].seen = state.round
        first = enqueue(rules.skip, requests, queue, tree, state, i)
        if first:
            state.ready = state.round
        state.waiting += 1
        state.unplanned += 1
        state.quiet_since = state.round
        state.mark_size = -1
        i += 1
    state.arrived = i


@part
def plan_is_due(rules, state):
    """Return whether the queue is to be planned anew; note that it is."""
    now = state.round
    if (
        rules.every > 0
        and state.unplanned > 0
        and now - state.planned_at >= rules.every
    ):
        state.planned_at = now
        state.unplanned = 0
        state.ready = now
        return True
    return False


@part
def outlive(requests, active, state):
    """Believe that whoever has outlived the belief ends next round.

    Parameters
    ----------
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    """
    now = state.round
    for j in range(state.active):
        if active[j].end > now:
            break
        if active[j].end == believed_end(requests, active[j].who):
            # The belief fails now, and did not before.
            state.ready = now
        state.peaks += now + 1 - active[j].end
        active[j].end = now + 1


@part
def next_round(rules, requests, active, state):
    """Return the next round in which anything can change.

    ``NONE`` when nothing runs, nothing will arrive and nothing can start.

    Parameters
    ----------
    rules
        The policy's choices and the clock: :class:`.state.Rules`.
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    """
    now, k = state.round, state.active
    arrived = state.arrived
    after = state.ready if state.waiting > 0 else NEVER
    if arrived < requests.size and not rules.measures:
        after = min(after, requests[arrived].due)
    if rules.every > 0 and state.unplanned > 0:
        after = min(after, state.planned_at + rules.every)
    if k > 0:
        after = min(after, state.next_done)
        if rules.learns and rules.foresees:
            count = outlived(rules, requests, active, k)
            if count < k:
                after = min(after, active[count].end)
        if rules.overflow != slots.NOTHING:
            limit = rules.memory - rules.spare
            last = (limit - state.constant) // k
            if rules.block > 1:
                last = full_from(active, k, now + 1, last, limit, rules.block)
            after = min(after, last)
    elif arrived == requests.size:
        return slots.NONE
    return max(now + 1, after)


@part
def pass_time(rules, requests, active, state, after):
    """Go on to the round ``after``, or to an arrival before it.

    Returns False when the time would be later than the latest.

    Parameters
    ----------
    rules
        The policy's choices and the clock: :class:`.state.Rules`.
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    after
        The round in which something can change.
    """
    now, k = state.round, state.active
    if not rules.measures:
        state.round = state.time = after
        return True
    # Iteration now + j takes each + growth * j, the next one more.
    each = rules.d0 + rules.d1 * k
    each += rules.d2 * (state.constant + k * now)
    growth = rules.d2 * k
    begun = state.started_at == now
    time = state.time
    more = first = 0
    if begun:
        fresh = prompts = 0
        for j in range(k):
            if requests[active[j].who].start == now:
                fresh += 1
                prompts += requests[active[j].who].prompt
        more = rules.prefill * max(0, prompts - rules.free)
        more = max(more, rules.floor)
        first = time + more + each + growth
        if rules.alone and fresh < k:
            first = time + more + rules.d0 + rules.d1 * fresh
            first += rules.d2 * (prompts + fresh)
            more += rules.d0
    if state.arrived < requests.size:
        gap = requests[state.arrived].due - time - more
        after = now + rounds_until(gap, each, growth, after - now)
    if begun:
        for j in range(k):
            i = active[j].who
            if requests[i].start == now:
                requests[i].first = first
    if late(time + more, after - now, each, growth, rules.latest):
        state.round = after
        return False
    state.time = time + more + stretch(after - now, each, growth)
    state.round = after
    return True


@part
def complete(rules, requests, active, state):
    """End the runs that are complete by now.

    Parameters
    ----------
    rules
        The policy's choices and the clock: :class:`.state.Rules`.
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    """
    now = state.round
    if state.active == 0 or now != state.next_done:
        return
    full = state.active >= rules.batch
    kept, following = 0, NEVER
    for j in range(state.active):
        if active[j].done != now:
            following = min(following, active[j].done)
            if kept < j:
                move(active, j, kept)
            kept += 1
            continue
        i, at = active[j].who, active[j].end
        held = requests[i].prompt - requests[i].start
        state.constant -= held
        state.peaks -= held + at
        if rules.measures:
            requests[i].finish = state.time
        believed = at == now == believed_end(requests, i)
        if not believed or full or rules.admission != slots.LOOK_AHEAD:
            state.ready = now
    state.completed += state.active - kept
    state.active = kept
    state.next_done = following
    state.quiet_since = now
    state.mark_size = -1
