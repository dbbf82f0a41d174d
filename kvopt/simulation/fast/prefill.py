"""Prompts that are computed in chunks, of a token budget; compiled code.

What ``kvopt.policies.prefill`` and the reference engine say, with rounds that
do the same taken together. As there, a request whose prompt is being computed
counts as started in the present round: its start, its completion and its
believed end move on with the rounds.
"""

from __future__ import annotations

from kvopt.model.compiled import inner
from kvopt.simulation.fast import state as slots
from kvopt.simulation.fast.pace import late, rounds_until, stretch
from kvopt.simulation.fast.profile import (
    NEVER,
    length_of,
    move,
    next_done,
    whole,
)

__all__ = [
    "fits_in_chunks",
    "join_turn",
    "leave_turn",
    "pass_chunks",
]


@inner
def join_turn(requests, queue, state, i):
    """Let the prompt of a request wait for its chunks, which starts now.

    Prompts that start together are computed in order of arrival.

    Parameters
    ----------
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    queue
        Rows of requests; see :mod:`.state`.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    i
        Request number.
    """
    now, j = state.round, state.prefilling
    while j > 0:
        other = queue[slots.TURN, j - 1]
        if requests[other].started < now or other < i:
            break
        queue[slots.TURN, j] = other
        j -= 1
    queue[slots.TURN, j] = i
    state.prefilling += 1
    requests[i].started = now
    requests[i].left = requests[i].prompt


@inner
def leave_turn(requests, queue, state, i):
    """Forget the prompt of a request, if it still waits for chunks.

    Parameters
    ----------
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    queue
        Rows of requests; see :mod:`.state`.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    i
        Request number.
    """
    if requests[i].left == slots.NONE:
        return
    j = 0
    while queue[slots.TURN, j] != i:
        j += 1
    state.prefilling -= 1
    for k in range(j, state.prefilling):
        queue[slots.TURN, k] = queue[slots.TURN, k + 1]
    requests[i].left = slots.NONE


@inner
def pass_chunks(rules, requests, active, queue, state, after):
    """Go on to the round ``after``, or to an arrival before it.

    What :func:`.kernel.pass_time` does where prompts are being computed; it
    goes no further than the first prompt takes all that the budget leaves,
    or one round, if that prompt is done in it. Returns False when the time
    would be later than the latest.

    Parameters
    ----------
    rules
        The policy's choices and the clock: :class:`.state.Rules`.
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    queue
        Rows of requests; see :mod:`.state`.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    after
        The round in which something can change.
    """
    decoding = state.active - state.prefilling
    room = max(0, rules.budget - decoding)
    # What those past their prompts hold now.
    tokens = state.constant + state.active * state.round
    for j in range(state.prefilling):
        tokens -= requests[queue[slots.TURN, j]].prompt
    left = requests[queue[slots.TURN, 0]].left
    if left <= room:
        ticks = finish_prompts(rules, requests, queue, state, tokens, room)
        in_time = state.time <= rules.latest - ticks
        state.time += ticks if rules.measures else 1
        state.round += 1
    else:
        if room > 0:
            after = min(after, state.round + (left - 1) // room)
        in_time = go_on(rules, requests, queue, state, tokens, room, after)
    postpone(requests, active, state)
    return in_time


@inner
def finish_prompts(rules, requests, queue, state, tokens, room):
    """Compute the prompts that one round can; return the ticks it takes.

    Parameters
    ----------
    rules
        The policy's choices and the clock: :class:`.state.Rules`.
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    queue
        Rows of requests; see :mod:`.state`.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    tokens
        Those that requests past their prompts hold now.
    room
        What the budget leaves to prompts.
    """
    batch = state.active - state.prefilling
    tokens += batch
    prompts = done = 0
    while done < state.prefilling:
        i = queue[slots.TURN, done]
        left = requests[i].left
        if left > room - prompts:
            break
        requests[i].left = slots.NONE
        prompts += left
        tokens += requests[i].prompt + 1
        done += 1
    batch += done
    if done < state.prefilling and prompts < room:
        i = queue[slots.TURN, done]
        requests[i].left -= room - prompts
        tokens += requests[i].prompt - requests[i].left
        prompts = room
        batch += 1
    ticks = rules.d0 + rules.d1 * batch + rules.d2 * tokens
    more = rules.prefill * max(0, prompts - rules.free)
    ticks += max(more, rules.floor)
    for j in range(done):
        requests[queue[slots.TURN, j]].first = state.time + ticks
    state.prefilling -= done
    for j in range(state.prefilling):
        queue[slots.TURN, j] = queue[slots.TURN, j + done]
    return ticks


@inner
def go_on(rules, requests, queue, state, tokens, room, after):
    """Compute a part of the first prompt; return whether that is in time.

    Parameters
    ----------
    rules
        The policy's choices and the clock: :class:`.state.Rules`.
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    queue
        Rows of requests; see :mod:`.state`.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    tokens
        Those that requests past their prompts hold now.
    room
        What the budget leaves to prompts.
    after
        The round in which something can change.
    """
    first = queue[slots.TURN, 0]
    now = state.round
    in_time = True
    if rules.measures:
        batch = state.active - state.prefilling
        growth = rules.d2 * (batch + room)
        more = 0
        if room > 0:
            batch += 1
            tokens += requests[first].prompt - requests[first].left
            more = rules.prefill * max(0, room - rules.free)
            more = max(more, rules.floor)
        # Iteration now + j takes each + growth * j.
        each = rules.d0 + rules.d1 * batch + rules.d2 * tokens + more
        if state.arrived < requests.size:
            gap = requests[state.arrived].due - state.time
            after = now + rounds_until(gap, each, growth, after - now)
        rounds = after - now
        in_time = not late(state.time, rounds, each, growth, rules.latest)
        if in_time:
            state.time += stretch(rounds, each, growth)
    else:
        state.time = after
    requests[first].left -= room * (after - now)
    state.round = after
    return in_time


@inner
def postpone(requests, active, state):
    """Let the requests whose prompts are still computed start now; O(k).

    Parameters
    ----------
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    """
    now, k = state.round, state.active
    for j in range(k):
        i = active[j].who
        if requests[i].left == slots.NONE:
            continue
        later = now - requests[i].start
        requests[i].start = now
        active[j].end += later
        active[j].done += later
        active[j].share -= later
        state.constant -= later
    if state.prefilling > 0:
        by_end(active, k)
    state.next_done = next_done(active, k)


@inner
def by_end(active, k):
    """Put the active requests in order of believed ends again.

    By insertion: they are nearly in order. The place behind them is free.

    Parameters
    ----------
    active
        Records ``ACTIVE`` of :mod:`.state`.
    k
        How many of ``active`` count.
    """
    for j in range(1, k):
        if active[j - 1].end <= active[j].end:
            continue
        move(active, j, k)
        place = j
        while place > 0 and active[place - 1].end > active[k].end:
            move(active, place - 1, place)
            place -= 1
        move(active, k, place)


@inner
def fits_in_chunks(rules, requests, active, queue, state, i):
    """Return whether request ``i`` started now never meets the limit.

    The look-ahead of P1, Eq. (5), with the rounds counted in that prompts
    take; O(k^2) and what :func:`foresee` takes.

    Parameters
    ----------
    rules
        The policy's choices and the clock: :class:`.state.Rules`.
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    queue
        Rows of requests; see :mod:`.state`.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    i
        Request number.
    """
    join_turn(requests, queue, state, i)
    foresee(rules, requests, active, queue, state)
    leave_turn(requests, queue, state, i)
    # The last round that a request which starts now can change.
    k, last = state.active + 1, 0
    for j in range(k):
        if requests[queue[slots.WHO, j]].started == state.round:
            last = max(last, queue[slots.END, j])
    for j in range(k):
        at = queue[slots.END, j]
        if at > last:
            continue
        held = 0
        for other in range(k):
            if queue[slots.END, other] < at:
                continue
            made = max(1, at - queue[slots.START, other])
            tokens = requests[queue[slots.WHO, other]].prompt + made
            # A division takes longer than all the rest.
            held += tokens if rules.block == 1 else whole(tokens, rules.block)
        if held > rules.limit:
            return False
    return True


@inner
def foresee(rules, requests, active, queue, state):
    """Write down when first tokens and completions are believed to be.

    The rows ``WHO``, ``START`` and ``END`` of the queue then have every
    active request and those in turn: the round before the first token, and
    the believed end. O((k + c) k) for ``c`` chunks that end a prompt; see
    :func:`kvopt.policies.prefill.first_tokens`.

    Parameters
    ----------
    rules
        The policy's choices and the clock: :class:`.state.Rules`.
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    queue
        Rows of requests; see :mod:`.state`.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    """
    known = 0
    for j in range(state.active):
        i = active[j].who
        if requests[i].left == slots.NONE:
            foreseen(queue, known, i, requests[i].start, active[j].end)
            known += 1
    done, time = 0, state.round + 1
    left = requests[queue[slots.TURN, 0]].left
    while done < state.prefilling:
        alive, end = 0, NEVER
        for j in range(known):
            if queue[slots.END, j] >= time:
                alive += 1
                end = min(end, queue[slots.END, j])
        room = max(0, rules.budget - alive)
        if left > room:
            rounds = end - time + 1
            if room > 0:
                rounds = min(rounds, (left - 1) // room)
            left -= rounds * room
            time += rounds
            continue
        while done < state.prefilling and left <= room:
            room -= left
            i = queue[slots.TURN, done]
            end = time - 1 + length_of(requests, i)
            foreseen(queue, known, i, time - 1, end)
            known += 1
            done += 1
            if done < state.prefilling:
                left = requests[queue[slots.TURN, done]].left
        left -= room
        time += 1


@inner
def foreseen(queue, j, i, start, end):
    """Write down what is foreseen of a request.

    Parameters
    ----------
    queue
        Rows of :mod:`.state`; ``WHO``, ``START`` and ``END`` are written.
    j
        Place in them.
    i
        Request number.
    start, end
        Rounds in which it is foreseen to start and to end.
    """
    queue[slots.WHO, j] = i
    queue[slots.START, j] = start
    queue[slots.END, j] = end
