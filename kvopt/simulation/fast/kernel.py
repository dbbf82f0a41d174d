"""The event loop of the fast engine, in compiled code.

Same rules as the reference engine. A step is taken only where something can
change: an arrival, a completion, the believed end of a request, an overflow,
the first round in which a waiting request fits. All of them are computed.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from kvopt.policies.composed import LAST
from kvopt.simulation.fast.pace import rounds_until, stretch
from kvopt.simulation.fast.profile import (
    NEVER,
    fits,
    insert,
    next_start,
    remove,
)
from kvopt.simulation.fast.queue import pop, push, put, ranked
from kvopt.simulation.fast.tree import first_below, set_leaf

__all__ = [
    "ALL",
    "BREAK",
    "DONE",
    "EACH",
    "FIXED",
    "FULL",
    "LATEST",
    "LENGTH",
    "LIVELOCK",
    "LOOK_AHEAD",
    "LOST_COLUMNS",
    "NOTHING",
    "PATIENCE",
    "PAUSE",
    "PEAK",
    "PEAKS",
    "REPLAN",
    "SHORTEST",
    "SKIP",
    "SKIP_BY_PROMPT",
    "STATE",
    "STATE_SIZE",
    "STUCK",
    "TOO_LATE",
    "TRUST",
    "USAGE",
    "VOLUME",
    "advance",
]

# How the loop ended.
DONE, PAUSE, FULL, REPLAN, STUCK, LIVELOCK, TOO_LATE = range(7)
# Order of the queue, where what is seen of a request can change it.
FIXED, LENGTH, VOLUME, PEAK = range(4)
# At the first misfit: stop; go on along a sorted list; go on in a tree, where
# the order is by length and does not change.
BREAK, SKIP, SKIP_BY_PROMPT = range(3)
# Admission tests.
LOOK_AHEAD, PEAKS, USAGE = range(3)
# Overflow rules.
NOTHING, ALL, EACH, LATEST, SHORTEST = range(5)
# How a livelock is found out.
TRUST, STATE, PATIENCE = range(3)

# Slots of the state vector, which outlives a pause.
(
    ROUND,
    ARRIVED,
    ACTIVE,
    WAITING,
    COMPLETED,
    CONSTANT,
    NEXT_DONE,
    READY,
    SEQUENCE,
    LOST,
    QUIET_SINCE,
    CLEARS,
    MARK_AT,
    MARK_SIZE,
    UNPLANNED,
    PLANNED_AT,
    TIME,
    STARTED_AT,
    MARKS,
    STATE_SIZE,
) = range(20)
# More than the rounds that a request can run.
_PROGRESS = 2**31

# Of a cancelled run: request, start, stop; begin, end of the first
# iteration, and end in ticks.
LOST_COLUMNS = 6


@njit(cache=True)
def advance(
    steps,
    memory,
    limit,
    order,
    admission,
    skip,
    overflow,
    beta,
    continuous,
    learns,
    extra,
    watch,
    patience,
    every,
    rng,
    prompt,
    output,
    told,
    known,
    key,
    start,
    sequence,
    end,
    who,
    waiting,
    keys,
    misfit,
    place,
    at_place,
    tree,
    mark,
    lost,
    state,
    measures,
    rates,
    latest,
    due,
    seen,
    begin,
    first,
    finish,
):
    """Take up to ``steps`` steps; return how it ended.

    Parameters
    ----------
    limit
        Units that the admission test may fill.
    skip, order, admission, overflow, beta, continuous
        The policy's choices, see :mod:`kvopt.policies.choices`.
    learns, extra
        Whether a cancelled run of ``k`` rounds raises the belief, and that
        it does to ``k + extra``.
    watch, patience
        How a livelock is found out.
    every
        Least number of rounds between two plans of the queue; 0 for none.
    prompt, output
        The instance, shape ``(n,)``.
    told, known
        Believed length, and the least length that was seen, shape ``(n,)``.
    key
        Sort key of the queue, shape ``(n,)``.
    start, sequence
        Start round of the last run, and its number; shape ``(n,)``.
    end, who
        Profile of the active requests, see :mod:`.profile`.
    waiting
        The queue: a heap, or a sorted list with ``SKIP``; shape ``(n,)``.
    keys
        Sort keys of the heap, place by place; shape ``(n,)``.
    misfit
        Scratch for the minimal misfits of a scan, shape ``(n,)``.
    place, at_place, tree
        The queue with ``SKIP_BY_PROMPT``: place of each request in the
        order, request at each place, and the tree of :mod:`.tree`.
    mark
        Remembered progress of each request, for the livelock test, with
        the number of the moment it was remembered at; shape ``(n,)``.
    lost
        Cancelled runs, rows of ``LOST_COLUMNS``.
    state
        The slots above.
    measures, rates, latest
        Whether the clock measures seconds, its coefficients ``d0, d1, d2,
        prefill, free``, and the latest time, in ticks.
    due
        Time of each arrival, in ticks (rounds if the clock does not
        measure), shape ``(n,)``.
    seen, begin, first, finish
        With a clock that measures: the round in which each request is first
        seen; begin, end of the first iteration, and end of its last run, in
        ticks; shape ``(n,)`` each.
    """
    n = due.size
    now = state[ROUND]
    arrived = state[ARRIVED]
    k = state[ACTIVE]
    queued = state[WAITING]
    completed = state[COMPLETED]
    constant = state[CONSTANT]
    next_done = state[NEXT_DONE]
    ready = state[READY]
    time = state[TIME]
    d0, d1, d2, prefill, free = rates
    ended = DONE

    while completed < n:
        if steps == 0:
            ended = PAUSE
            break
        if end.size <= k + 1 or lost.shape[0] < state[LOST] + k:
            ended = FULL
            break
        steps -= 1

        while arrived < n and due[arrived] <= time:
            if measures:
                seen[arrived] = now
            if skip == SKIP:
                put(waiting, queued, key, arrived)
                ready = now
            elif skip == SKIP_BY_PROMPT:
                set_leaf(tree, place[arrived], prompt[arrived])
                ready = now
            else:
                push(waiting, keys, queued, key[arrived], arrived)
                if waiting[0] == arrived:
                    ready = now
            queued += 1
            arrived += 1
            state[UNPLANNED] += 1
            state[QUIET_SINCE] = now
            state[MARK_SIZE] = -1
        if (
            every > 0
            and state[UNPLANNED] > 0
            and now - state[PLANNED_AT] >= every
        ):
            state[PLANNED_AT] = now
            state[UNPLANNED] = 0
            ready = now
            ended = REPLAN
            break

        cleared = False
        if overflow != NOTHING and constant + k * (now + 1) > memory:
            age = np.empty(k, dtype=np.int64)
            for j in range(k):
                age[j] = sequence[who[j]]
            turn = ranked(age, age, age)
            by_start = np.empty(k, dtype=np.int64)
            for j in range(k):
                by_start[j] = who[turn[j]]
            gone = _victims(
                overflow,
                beta,
                continuous,
                rng,
                by_start,
                now,
                memory,
                prompt,
                start,
                told,
                known,
            )
            for j in range(by_start.size):
                if not gone[j]:
                    continue
                i = by_start[j]
                remove(end, who, k, i)
                k -= 1
                constant -= prompt[i] - start[i]
                row = state[LOST]
                lost[row, 0] = i
                lost[row, 1] = start[i]
                lost[row, 2] = now
                if measures:
                    lost[row, 3] = begin[i]
                    lost[row, 4] = first[i]
                    lost[row, 5] = time
                state[LOST] = row + 1
                if learns:
                    known[i] = max(known[i], now - start[i] + extra)
                    o = max(told[i], known[i])
                    if order == LENGTH:
                        key[i] = o
                    elif order == VOLUME:
                        key[i] = prompt[i] * o + o * (o + 1) // 2
                    elif order == PEAK:
                        key[i] = prompt[i] + o
                if every > 0:
                    key[i] = LAST
                    state[UNPLANNED] += 1
                if skip == SKIP:
                    put(waiting, queued, key, i)
                elif skip == SKIP_BY_PROMPT:
                    set_leaf(tree, place[i], prompt[i])
                else:
                    push(waiting, keys, queued, key[i], i)
                queued += 1
            cleared = True
            ready = now
            next_done = _next_done(who, k, start, output)

        # Whoever has outlived the belief is believed to end next round.
        late = False
        for j in range(k):
            if end[j] > now:
                break
            end[j] = now + 1
            late = True
        if late:
            ready = now

        if ready <= now and queued > 0:
            misfits = 0
            position = 0
            kept = 0
            bound = NEVER
            while True:
                if skip == SKIP_BY_PROMPT:
                    position = first_below(tree, position, bound)
                    if position < 0:
                        break
                    i = at_place[position]
                else:
                    if position >= queued:
                        break
                    i = waiting[position]
                o = max(told[i], known[i])
                s = prompt[i]
                if skip == SKIP:
                    hopeless = False
                    for j in range(misfits):
                        other = misfit[j]
                        if prompt[other] <= s and (
                            max(told[other], known[other]) <= o
                        ):
                            hopeless = True
                            break
                    if hopeless:
                        waiting[kept] = i
                        kept += 1
                        position += 1
                        continue
                if admission == LOOK_AHEAD:
                    fit = fits(end, who, k, prompt, start, s, o, now, limit)
                elif admission == PEAKS:
                    peaks = s + o
                    for j in range(k):
                        peaks += prompt[who[j]] + end[j] - start[who[j]]
                    fit = peaks <= limit
                else:
                    fit = constant + (k + 1) * (now + 1) + s - now <= limit
                if not fit:
                    if skip == BREAK:
                        break
                    misfit[misfits] = i
                    misfits += 1
                    bound = s
                    if skip == SKIP:
                        waiting[kept] = i
                        kept += 1
                    position += 1
                    continue
                if end.size <= k + 1:
                    break
                if skip == BREAK:
                    pop(waiting, keys, queued)
                    queued -= 1
                else:
                    position += 1
                if skip == SKIP_BY_PROMPT:
                    set_leaf(tree, place[i], NEVER)
                    queued -= 1
                if key[i] == LAST:
                    state[UNPLANNED] -= 1
                start[i] = now
                state[STARTED_AT] = now
                sequence[i] = state[SEQUENCE]
                state[SEQUENCE] += 1
                insert(end, who, k, now + o, i)
                k += 1
                constant += s - now
                next_done = min(next_done, now + output[i])
            if skip == SKIP:
                while position < queued:
                    waiting[kept] = waiting[position]
                    kept += 1
                    position += 1
                queued = kept
            if end.size <= k + 1:
                # Room for more is needed before the scan can go on.
                ready = now
                ended = FULL
                break
            # Nothing more fits now; find when something will.
            ready = NEVER
            if queued > 0 and admission == LOOK_AHEAD:
                if skip != BREAK:
                    for j in range(misfits):
                        i = misfit[j]
                        o = max(told[i], known[i])
                        ready = min(
                            ready,
                            next_start(
                                end,
                                who,
                                k,
                                prompt,
                                start,
                                prompt[i],
                                o,
                                now + 1,
                                limit,
                            ),
                        )
                else:
                    i = waiting[0]
                    o = max(told[i], known[i])
                    ready = next_start(
                        end,
                        who,
                        k,
                        prompt,
                        start,
                        prompt[i],
                        o,
                        now + 1,
                        limit,
                    )

        if cleared and watch == PATIENCE:
            if now - state[QUIET_SINCE] > patience:
                ended = LIVELOCK
                break
        elif (
            cleared
            and watch == STATE
            and _recurs(who, k, start, now, mark, state)
        ):
            ended = LIVELOCK
            break

        if measures and k == 0 and queued == 0:
            # Nothing to do: no round passes until the next arrival.
            time = due[arrived]
            continue
        # The next round in which anything can change.
        after = ready if queued > 0 else NEVER
        if arrived < n and not measures:
            after = min(after, due[arrived])
        if every > 0 and state[UNPLANNED] > 0:
            after = min(after, state[PLANNED_AT] + every)
        if k > 0:
            after = min(after, next_done)
            if learns:
                after = min(after, end[0])
            if overflow != NOTHING:
                after = min(after, (memory - constant) // k)
        elif arrived == n:
            ended = STUCK
            break
        after = max(now + 1, after)
        if measures:
            # Iteration now + j takes each + growth * j, the next one more.
            each = d0 + d1 * k + d2 * (constant + k * now)
            growth = d2 * k
            begun = state[STARTED_AT] == now
            more = 0
            if begun:
                fresh = 0
                for j in range(k):
                    if start[who[j]] == now:
                        fresh += prompt[who[j]]
                more = prefill * max(0, fresh - free)
            if arrived < n:
                gap = due[arrived] - time - more
                after = now + rounds_until(gap, each, growth, after - now)
            if begun:
                for j in range(k):
                    if start[who[j]] == now:
                        begin[who[j]] = time
                        first[who[j]] = time + more + each + growth
            time += more + stretch(after - now, each, growth)
        else:
            time = after
        now = after

        if k > 0 and now == next_done:
            j = 0
            while j < k:
                i = who[j]
                if start[i] + output[i] != now:
                    j += 1
                    continue
                at = remove(end, who, k, i)
                k -= 1
                constant -= prompt[i] - start[i]
                completed += 1
                if measures:
                    finish[i] = time
                if at != now or admission != LOOK_AHEAD:
                    ready = now
            state[QUIET_SINCE] = now
            state[MARK_SIZE] = -1
            next_done = _next_done(who, k, start, output)
        if measures and time > latest:
            ended = TOO_LATE
            break

    state[ROUND] = now
    state[TIME] = time
    state[ARRIVED] = arrived
    state[ACTIVE] = k
    state[WAITING] = queued
    state[COMPLETED] = completed
    state[CONSTANT] = constant
    state[NEXT_DONE] = next_done
    state[READY] = ready
    return ended


@njit(cache=True)
def _victims(
    overflow,
    beta,
    continuous,
    rng,
    by_start,
    now,
    memory,
    prompt,
    start,
    told,
    known,
):
    """Return which of the running requests, by start, are cancelled."""
    k = by_start.size
    gone = np.zeros(k, dtype=np.bool_)
    usage = np.empty(k, dtype=np.int64)
    progress = np.empty(k, dtype=np.int64)
    length = np.empty(k, dtype=np.int64)
    total = 0
    for j in range(k):
        i = by_start[j]
        progress[j] = now - start[i]
        usage[j] = prompt[i] + progress[j] + 1
        length[j] = max(told[i], known[i])
        if continuous:
            length[j] = max(length[j], progress[j])
        total += usage[j]
    if overflow == EACH:
        while total > memory:
            left = total
            for j in range(k):
                if not gone[j] and rng.random() < beta:
                    gone[j] = True
                    left -= usage[j]
            total = left
        return gone
    victims = by_start
    if overflow == SHORTEST:
        victims = ranked(length, progress, by_start)
    for j in range(k):
        if overflow != ALL and total <= memory:
            break
        victim = j
        if overflow == LATEST:
            victim = k - 1 - j
        elif overflow == SHORTEST:
            victim = victims[j]
        gone[victim] = True
        total -= usage[victim]
    return gone


@njit(cache=True)
def _next_done(who, k, start, output):
    """Return the next completion round; O(k)."""
    first = NEVER
    for j in range(k):
        i = who[j]
        first = min(first, start[i] + output[i])
    return first


@njit(cache=True)
def _recurs(who, k, start, now, mark, state):
    """Return whether the running requests are as at the marked moment.

    The mark moves at every power of two of clears, so that a cycle of any
    length is met (Brent).
    """
    size = state[MARK_SIZE]
    if size == -1:
        state[CLEARS] = 0
        state[MARK_AT] = 1
    elif size == k:
        same = True
        for j in range(k):
            i = who[j]
            if mark[i] != state[MARKS] * _PROGRESS + now - start[i]:
                same = False
                break
        if same:
            return True
    state[CLEARS] += 1
    if state[CLEARS] == state[MARK_AT]:
        state[MARK_AT] *= 2
        state[MARK_SIZE] = k
        # A new number makes the old marks void; wiping them takes O(n).
        state[MARKS] += 1
        for j in range(k):
            i = who[j]
            mark[i] = state[MARKS] * _PROGRESS + now - start[i]
    return False
