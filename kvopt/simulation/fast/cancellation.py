"""What overflow cancels, and when that goes on for ever, in compiled code."""

from __future__ import annotations

import numpy as np

from kvopt.model.compiled import inner, part
from kvopt.policies.choices import sort_key
from kvopt.policies.composed import LAST
from kvopt.simulation.fast import state as slots
from kvopt.simulation.fast.prefill import leave_turn
from kvopt.simulation.fast.profile import (
    blocks,
    length_of,
    next_done,
    remove,
    whole,
)
from kvopt.simulation.fast.queue import enqueue, ranked

__all__ = ["clear", "hopeless", "overflows"]

# More than the rounds that a request can run.
_PROGRESS = 2**31

# The one meaning of an order, compiled.
compiled_key = inner(sort_key)


@part
def overflows(rules, active, state):
    """Return whether the next round overflows, where a rule says what then.

    Parameters
    ----------
    rules
        The policy's choices and the clock: :class:`.state.Rules`.
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    state
        Where the simulation is: its round, and sums over ``active``.
    """
    if rules.overflow == slots.NOTHING:
        return False
    after = state.round + 1
    usage = state.constant + state.active * after
    if rules.block > 1:
        usage = blocks(active, 0, state.active, after, rules.block)
    if rules.spare > 0 and state.active == 1:
        # Who runs alone may have all.
        return False
    return usage > rules.memory - rules.spare


@inner
def clear(rules, requests, active, queue, tree, lost, state, rng):
    """Cancel what the overflow rule says.

    Parameters
    ----------
    rules
        The policy's choices and the clock: :class:`.state.Rules`.
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    queue
        Rows of the waiting requests; see :mod:`.state`.
    tree
        With ``SKIP_BY_PROMPT``: the tree of :mod:`.tree`; else empty.
    lost
        Cancelled runs, rows of ``LOST_COLUMNS``.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    rng
        The policy's generator; it is advanced.
    """
    now, k = state.round, state.active
    by_start = in_order_of_start(requests, active, k)
    gone = victims(rules, requests, by_start, now, rng)
    for j in range(k):
        if gone[j]:
            cancel(
                rules, requests, active, queue, tree, lost, state, by_start[j]
            )
    state.ready = now
    state.next_done = next_done(active, state.active)


@inner
def in_order_of_start(requests, active, k):
    """Return the active requests, the one that started first in front.

    Parameters
    ----------
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    k
        How many of ``active`` count.
    """
    by_start = np.empty(k, dtype=np.int64)
    age = np.empty(k, dtype=np.int64)
    sorted_already = True
    for j in range(k):
        by_start[j] = active[j].who
        age[j] = requests[by_start[j]].sequence
        sorted_already &= j == 0 or age[j - 1] < age[j]
    if sorted_already:
        # Where ends are not looked at they are in the order of starts.
        return by_start
    turn = ranked(age, age, age)
    for j in range(k):
        by_start[j] = active[turn[j]].who
    return by_start


@part
def cancel(rules, requests, active, queue, tree, lost, state, i):
    """Cancel a run, learn from it, and put the request into the queue.

    Parameters
    ----------
    rules
        The policy's choices and the clock: :class:`.state.Rules`.
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    queue
        Rows of the waiting requests; see :mod:`.state`.
    tree
        With ``SKIP_BY_PROMPT``: the tree of :mod:`.tree`; else empty.
    lost
        Cancelled runs, rows of ``LOST_COLUMNS``.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    i
        Request number.
    """
    now = state.round
    at = remove(active, state.active, i)
    state.active -= 1
    held = requests[i].prompt - requests[i].start
    state.constant -= held
    state.peaks -= held + at
    row = state.lost
    made = now - requests[i].start
    lost[row, 0] = i
    lost[row, 1] = requests[i].started
    lost[row, 2] = now
    if rules.measures:
        lost[row, 3] = requests[i].begin
        lost[row, 4] = requests[i].first if made > 0 else state.time
        lost[row, 5] = state.time
    lost[row, 6] = made
    state.lost = row + 1
    if rules.budget > 0:
        leave_turn(requests, queue, state, i)
    if rules.keeps:
        requests[i].prompt += made
        requests[i].output -= made
        requests[i].told = max(1, requests[i].told - made)
    elif rules.learns:
        requests[i].known = max(requests[i].known, made + rules.extra)
    if rules.every > 0:
        requests[i].key = LAST
        state.unplanned += 1
    elif rules.learns or rules.keeps:
        requests[i].key = compiled_key(
            rules.order,
            i,
            requests[i].prompt,
            length_of(requests, i),
            # Of a random order: the place that was drawn on arrival.
            requests[i].key,
        )
    enqueue(rules.skip, requests, queue, tree, state, i)
    state.waiting += 1


@inner
def victims(rules, requests, by_start, now, rng):
    """Return which of the running requests, by start, are cancelled.

    Parameters
    ----------
    rules
        The policy's choices and the clock: :class:`.state.Rules`.
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    by_start
        Requests that run, by start, shape ``(k,)``.
    now
        The round.
    rng
        The policy's generator; it is advanced.
    """
    k = by_start.size
    gone = np.zeros(k, dtype=np.bool_)
    usage = np.empty(k, dtype=np.int64)
    progress = np.empty(k, dtype=np.int64)
    length = np.empty(k, dtype=np.int64)
    total = 0
    for j in range(k):
        i = by_start[j]
        progress[j] = now - requests[i].start
        usage[j] = whole(requests[i].prompt + progress[j] + 1, rules.block)
        length[j] = length_of(requests, i)
        if rules.continuous:
            length[j] = max(length[j], progress[j])
        total += usage[j]
    if rules.overflow == slots.EACH:
        while total > rules.memory:
            left = total
            for j in range(k):
                if not gone[j] and rng.random() < rules.beta:
                    gone[j] = True
                    left -= usage[j]
            total = left
        return gone
    turn = by_start
    if rules.overflow == slots.SHORTEST:
        turn = ranked(length, progress, by_start)
    limit = rules.memory - rules.spare
    for j in range(k):
        if rules.overflow != slots.ALL and total <= limit:
            break
        if rules.spare > 0 and j == k - 1:
            break
        victim = j
        if rules.overflow == slots.LATEST:
            victim = k - 1 - j
        elif rules.overflow == slots.SHORTEST:
            victim = turn[j]
        gone[victim] = True
        total -= usage[victim]
    return gone


@inner
def hopeless(rules, requests, active, state):
    """Return whether cancelling and retrying will go on for ever.

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
    if rules.watch == slots.PATIENCE:
        return state.round - state.quiet_since > rules.patience
    return rules.watch == slots.STATE and recurs(requests, active, state)


@inner
def recurs(requests, active, state):
    """Return whether the running requests are as at the marked moment.

    The mark moves at every power of two of clears, so that a cycle of any
    length is met (Brent).

    Parameters
    ----------
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    """
    k = state.active
    size = state.mark_size
    if size == -1:
        state.clears = 0
        state.mark_at = 1
    elif size == k:
        same = True
        for j in range(k):
            i = active[j].who
            if requests[i].mark != mark_of(requests, state, i):
                same = False
                break
        if same:
            return True
    state.clears += 1
    if state.clears == state.mark_at:
        state.mark_at *= 2
        state.mark_size = k
        # A new number makes the old marks void; wiping them takes O(n).
        state.marks += 1
        for j in range(k):
            i = active[j].who
            requests[i].mark = mark_of(requests, state, i)
    return False


@inner
def mark_of(requests, state, i):
    """Return the mark of a running request at the moment.

    Parameters
    ----------
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    i
        Request number.
    """
    progress = state.round - requests[i].start
    return state.marks * _PROGRESS + progress
