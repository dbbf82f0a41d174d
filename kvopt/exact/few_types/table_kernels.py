"""The compiled parts of :mod:`kvopt.exact.few_types.table`."""

from __future__ import annotations

import numpy as np

from kvopt.model.compiled import entry, inner

__all__ = ["NONE", "enumerate_phases", "fill", "fillable"]

# Stands for "does not fit" where the number of a phase is expected.
NONE = -1

_MULTIPLIER = 6364136223846793005


@inner
def _find(profile, profiles, slots):
    """Return the slot of ``profile``: where it is, or where it may go."""
    code = 0
    for t in range(profile.shape[0]):
        code = code * _MULTIPLIER + profile[t] + 1
    code ^= code >> 29
    mask = slots.shape[0] - 1
    slot = code & mask
    while True:
        q = slots[slot]
        if q == NONE:
            return slot
        same = True
        for t in range(profile.shape[0]):
            if profiles[q, t] != profile[t]:
                same = False
                break
        if same:
            return slot
        slot = (slot + 1) & mask


@inner
def _enter(profile, profiles, slots, count):
    """Return the number of ``profile``; it is ``count`` if it is new."""
    slot = _find(profile, profiles, slots)
    if slots[slot] == NONE:
        slots[slot] = count
        profiles[count] = profile
    return slots[slot]


@entry
def fillable(prompt, output, useful):
    """Write into ``useful[t, v]`` how much of ``v`` units can be filled.

    That is the greatest sum, at most ``v``, of what requests that start from
    now on can hold in the ``t``-th round, ``t`` from 0: one that is in its
    ``a``-th round holds ``s + a``, and ``a <= t + 1``. Any number of requests
    is allowed.

    Parameters
    ----------
    prompt, output
        Of each type, shape ``(K,)``.
    useful
        Filled, shape ``(rounds, M + 1)``.
    """
    memory = useful.shape[1] - 1
    reach = np.zeros(memory + 1, np.bool_)
    reach[0] = True
    for t in range(useful.shape[0]):
        for k in range(prompt.shape[0]):
            usage = prompt[k] + t + 1
            if t >= output[k]:
                continue
            for v in range(usage, memory + 1):
                reach[v] |= reach[v - usage]
        top = 0
        for v in range(memory + 1):
            if reach[v]:
                top = v
            useful[t, v] = top


@entry
def enumerate_phases(prompt, output, useful, profiles, slots, after):
    """Find all phases that waiting and starting lead to; return how many.

    -1 when there are more phases than ``profiles`` has rows, less the types
    and one.

    Parameters
    ----------
    prompt, output
        Of each type, shape ``(K,)``.
    useful
        What :func:`fillable` writes.
    profiles
        Filled: by how much what can be filled is less in phase ``q``
        than when nothing runs, shape ``(phases + K + 1, rounds)``.
    slots
        The hash table, full of ``NONE``, of a size that is a power of
        two.
    after
        Filled: the phase one round later, then for each type the phase
        after a start, or ``NONE``; shape ``(phases + K + 1, K + 1)``.
    """
    kinds = prompt.shape[0]
    rounds = profiles.shape[1]
    limit = profiles.shape[0] - kinds - 1
    work = np.zeros(rounds, np.int64)
    count = 1
    _enter(work, profiles, slots, 0)
    q = 0
    while q < count:
        if count > limit:
            return -1
        for t in range(rounds - 1):
            free = useful[t + 1, -1] - profiles[q, t + 1]
            work[t] = useful[t, -1] - useful[t, free]
        work[rounds - 1] = 0
        found = _enter(work, profiles, slots, count)
        after[q, 0] = found
        count = max(count, found + 1)
        for k in range(kinds):
            fits = True
            for t in range(rounds):
                work[t] = profiles[q, t]
                if t < output[k]:
                    free = useful[t, -1] - work[t] - (prompt[k] + t + 1)
                    if free < 0:
                        fits = False
                        break
                    work[t] = useful[t, -1] - useful[t, free]
            after[q, k + 1] = NONE
            if fits:
                found = _enter(work, profiles, slots, count)
                after[q, k + 1] = found
                count = max(count, found + 1)
        q += 1
    return count


@entry
def fill(values, choices, begin, stop, counts, after, bits, far):
    """Compute the values of remaining counts ``begin .. stop-1``, in place.

    Counts are numbered in mixed radix, the first type fastest. Phases are
    numbered so that a round leads to a smaller number and a start to a
    greater one: so what is read of the row itself is new after a round, and
    still old, as it must be, after a start of the last type.

    Parameters
    ----------
    values
        A row for each vector of counts of all types but the last; it
        holds, for each phase, the value with the most recent count of
        the last type. In rounds of waiting.
    choices
        Filled: ``choices[r]`` has, with ``bits`` for each phase, 0 to
        wait a round and ``k + 1`` to start type ``k``.
    begin, stop
        Which vectors of remaining counts are done: ``begin .. stop -
        1``.
    counts
        Requests of each type, shape ``(K,)``.
    after
        Phases, as from :func:`enumerate_phases`, shape ``(phases, K +
        1)``.
    bits
        Bits of a choice; they divide 8.
    far
        A number above every value.
    """
    kinds = counts.shape[0]
    per = 8 // bits
    before = np.empty(kinds, np.int64)
    for r in range(begin, stop):
        waiting = 0
        row = r % values.shape[0]
        stride = 1
        for k in range(kinds):
            left = r // stride % (counts[k] + 1)
            waiting += left
            before[k] = NONE
            if left > 0:
                before[k] = row - stride if k + 1 < kinds else row
            stride *= counts[k] + 1
        mine = values[row]
        packed = 0
        for q in range(after.shape[0]):
            # The empty phase leads to itself: no use waiting there.
            least = mine[after[q, 0]] + waiting if q > 0 else far
            choice = 0
            for k in range(kinds):
                then = after[q, k + 1]
                if before[k] == NONE or then == NONE:
                    continue
                value = values[before[k], then]
                if value <= least:
                    least = value
                    choice = k + 1
            if waiting > 0:
                mine[q] = least
            packed |= choice << (q % per * bits)
            if q % per == per - 1:
                choices[r, q // per] = packed
                packed = 0
        if after.shape[0] % per:
            choices[r, after.shape[0] // per] = packed
