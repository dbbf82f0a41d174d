"""Which waiting requests start, and when the next one can; compiled code."""

from __future__ import annotations

from kvopt.model.compiled import inner, part
from kvopt.policies.composed import LAST
from kvopt.simulation.fast import state as slots
from kvopt.simulation.fast.prefill import fits_in_chunks, join_turn
from kvopt.simulation.fast.profile import (
    NEVER,
    blocks,
    fits,
    fits_in_blocks,
    insert,
    length_of,
    next_start,
    outlived,
    whole,
)
from kvopt.simulation.fast.queue import pop
from kvopt.simulation.fast.tree import first_below, set_leaf

__all__ = ["admit", "next_admission"]


@part
def admit(rules, requests, active, queue, tree, state):
    """Start what the admission test lets start, along the queue.

    Stops early when there is no more room for active requests. Returns the
    number of minimal misfits that were met, the one that ended the scan
    among them.

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
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    """
    misfits = kept = 0
    position = state.head
    left = rules.most
    bound = NEVER
    while state.active < rules.batch:
        if rules.skip == slots.SKIP_BY_PROMPT:
            position = first_below(tree, position, bound)
            if position < 0:
                break
            i = queue[slots.AT_PLACE, position]
        else:
            if position >= state.head + state.waiting:
                break
            i = queue[slots.WAITING, position]
        if rules.skip == slots.SKIP and passed_over(
            requests, queue, misfits, i
        ):
            if left == 0:
                break
            left -= 1
            queue[slots.WAITING, state.head + kept] = i
            kept += 1
            position += 1
            continue
        if rules.budget > 0 and rules.admission == slots.LOOK_AHEAD:
            passed = fits_in_chunks(rules, requests, active, queue, state, i)
        else:
            passed = passes(rules, requests, active, state, i)
        if not passed:
            if rules.skip == slots.BREAK:
                break
            queue[slots.MISFIT, misfits] = i
            misfits += 1
            bound = requests[i].prompt
            if rules.skip == slots.SKIP:
                if left == 0:
                    break
                left -= 1
                queue[slots.WAITING, state.head + kept] = i
                kept += 1
            position += 1
            continue
        if active.size <= state.active + 1:
            break
        if rules.skip == slots.BREAK:
            pop(queue, state.waiting)
            state.waiting -= 1
        else:
            position += 1
        if rules.skip == slots.SKIP_BY_PROMPT:
            set_leaf(tree, queue[slots.PLACE, i], NEVER)
            state.waiting -= 1
        if rules.budget > 0:
            join_turn(requests, queue, state, i)
        start_run(requests, active, state, i)
    if rules.skip == slots.SKIP:
        close_gap(queue, state, position, kept)
    return misfits


@inner
def close_gap(queue, state, position, kept):
    """Put what was passed over in front of what was not looked at.

    Parameters
    ----------
    queue
        Rows of requests; see :mod:`.state`.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    position
        Place in the queue up to which requests were looked at.
    kept
        Those of them that were passed over: they stand at the head.
    """
    head = position - kept
    for j in range(kept - 1, -1, -1):
        i = queue[slots.WAITING, state.head + j]
        queue[slots.WAITING, head + j] = i
    state.waiting -= head - state.head
    state.head = head


@part
def passed_over(requests, queue, misfits, i):
    """Return whether a misfit needs no more than request ``i``, ever.

    Parameters
    ----------
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    queue
        Rows of the waiting requests; see :mod:`.state`.
    misfits
        Number of minimal misfits in the row ``MISFIT`` of the queue.
    i
        Request number.
    """
    prompt, length = requests[i].prompt, length_of(requests, i)
    for j in range(misfits):
        other = queue[slots.MISFIT, j]
        if (
            requests[other].prompt <= prompt
            and length_of(requests, other) <= length
        ):
            return True
    return False


@part
def passes(rules, requests, active, state, i):
    """Return whether a waiting request passes the admission test now.

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
    i
        Request number.
    """
    if rules.block > 1:
        return passes_in_blocks(rules, requests, active, state, i)
    now, k = state.round, state.active
    if rules.admission == slots.LOOK_AHEAD:
        return fits(active, k, requests, i, now, rules.limit)
    prompt = requests[i].prompt
    if rules.admission == slots.PEAKS:
        peaks = state.peaks + prompt + length_of(requests, i)
        return peaks <= rules.limit
    usage = state.constant + (k + 1) * (now + 1) + prompt - now
    if rules.admission == slots.USAGE:
        return usage <= rules.limit
    room = k == 0 or usage - (k + 1) <= rules.limit
    return room and usage <= rules.memory


@inner
def passes_in_blocks(rules, requests, active, state, i):
    """Return what :func:`passes` does, where memory comes in blocks.

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
    i
        Request number.
    """
    now, k, block = state.round, state.active, rules.block
    if rules.admission == slots.LOOK_AHEAD:
        return fits_in_blocks(active, k, requests, i, now, rules.limit, block)
    prompt = requests[i].prompt
    if rules.admission == slots.PEAKS:
        peaks = whole(prompt + length_of(requests, i), block)
        for j in range(k):
            peaks += whole(active[j].share + active[j].end, block)
        return peaks <= rules.limit
    usage = blocks(active, 0, k, now + 1, block) + whole(prompt + 1, block)
    if rules.admission == slots.USAGE:
        return usage <= rules.limit
    held = blocks(active, 0, k, now, block) + whole(prompt, block)
    return (k == 0 or held <= rules.limit) and usage <= rules.memory


@part
def start_run(requests, active, state, i):
    """Start a request that has been taken from the queue.

    Parameters
    ----------
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    i
        Request number.
    """
    now = state.round
    if requests[i].key == LAST:
        state.unplanned -= 1
    requests[i].start = requests[i].started = now
    requests[i].begin = state.time
    state.started_at = now
    requests[i].sequence = state.sequence
    state.sequence += 1
    insert(active, state.active, requests, i, now)
    state.active += 1
    state.constant += requests[i].prompt - now
    state.peaks += requests[i].prompt + length_of(requests, i)
    done = now + requests[i].output
    state.next_done = min(state.next_done, done)


@part
def next_admission(rules, requests, active, queue, state, misfits):
    """Return the first later round in which a waiting request can start.

    As long as nothing ends early, arrives or is cancelled.

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
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    misfits
        Number of minimal misfits in the row ``MISFIT`` of the queue.
    """
    if state.waiting == 0 or rules.admission != slots.LOOK_AHEAD:
        return NEVER
    if state.active >= rules.batch:
        # Only the end of a run makes room.
        return NEVER
    later, k = state.round + 1, state.active
    if rules.block > 1 or rules.budget > 0:
        # What is held grows in steps, or prompts take rounds: every round
        # is looked at.
        return later
    # Whoever has outlived the belief holds more and more: what does not fit
    # beside them in the next round has to wait for somebody to end. Those
    # who are believed to end are looked at when they do, or do not.
    count = outlived(rules, requests, active, k)
    until = active[count].end if 0 < count < k else NEVER
    held = state.constant + (k + 1) * (later + 1) - later
    ready = until
    first = rules.skip == slots.BREAK
    for j in range(1 if first else misfits):
        i = queue[slots.WAITING if first else slots.MISFIT, j]
        if count > 0 and held + requests[i].prompt > rules.limit:
            continue
        at = next_start(active, k, requests, i, later, rules.limit)
        ready = min(ready, at)
    return ready
