"""The compiled parts of :mod:`kvopt.exact.large`.

The memory profile is kept round by round: ``used[t]`` units in round ``t``,
``ends[t]`` completions in it, and in ``bits`` one bit a round that says
whether there are any. Usage only grows between completions, so whether a
request fits is looked up at these alone, which the bits find at once.

A request started at ``p`` needs ``s + t - p`` units in round ``t``. Whatever
is free there, ``g`` units beside the prompt, forbids the starts from ``t - o``
up to ``t - g - 1``, whatever has been placed later: this is the exact
look-ahead. The rounds of a start are looked at from the last to the first, as
Boyer and Moore (1977) compare a pattern: the last that forbids it leads
beyond all starts that it forbids, and what comes before it is seldom read.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.cpython.unsafe.numbers import leading_zeros, trailing_zeros

from kvopt.model.compiled import entry, helper

__all__ = ["WORD", "compact", "decode", "destroy_and_repair", "enter"]

# Rounds in a word of ``bits``.
WORD = 64
# In compiled code they take the number alone, which their types do not say.
_LEADING: Any = leading_zeros
_TRAILING: Any = trailing_zeros


@helper
def _next_end(bits, t):
    """Return the first round from ``t`` on in which a request completes.

    There is always one: the last bit is set and means none.
    """
    word = t >> 6
    rest = bits[word] >> np.uint64(t & 63)
    if rest == 0:
        word += 1
        while bits[word] == 0:
            word += 1
        rest = bits[word]
        t = word << 6
    return t + np.int64(_TRAILING(rest))


@helper
def _last_end(bits, t):
    """Return the last round up to ``t`` in which a request completes.

    -1 if there is none.
    """
    word = t >> 6
    rest = bits[word] << np.uint64(63 - (t & 63))
    while rest == 0:
        if word == 0:
            return np.int64(-1)
        word -= 1
        rest = bits[word]
        t = (word << 6) + 63
    return t - np.int64(_LEADING(rest))


@helper
def _first_fit(profile, memory, prompt, output, p, right):
    """Return the first start from ``p`` on that fits and ends by ``right``.

    -1 if there is none.
    """
    used, _, bits = profile
    room = memory - prompt
    # In these rounds there is room for all starts that are left.
    low = high = p
    end = p + output
    while end <= right:
        if used[end] + output > room:
            # What outlasts it only grows until the next completes.
            p = _next_end(bits, end) + 1 - output
            end = p + output
            continue
        t = last = _last_end(bits, end - 1)
        while t > p:
            if low <= t <= high:
                t = _last_end(bits, low - 1)
                continue
            if room - used[t] < t - p:
                break
            t = _last_end(bits, t - 1)
        if t <= p:
            return p
        p = t - max(room - used[t], 0)
        low, high = t, last
        end = p + output
    return np.int64(-1)


@helper
def _put(profile, prompt, output, p):
    """Add a request that starts at ``p`` to the profile."""
    used, ends, bits = profile
    begin = np.uint64(p + 1)
    first = np.int32(prompt + 1)
    for k in range(np.uint64(output)):
        used[begin + k] += first + np.int32(k)
    end = p + output
    ends[end] += 1
    bits[end >> 6] |= np.uint64(1) << np.uint64(end & 63)


@helper
def _take(profile, prompt, output, p):
    """Take a request that starts at ``p`` out of the profile."""
    used, ends, bits = profile
    begin = np.uint64(p + 1)
    first = np.int32(prompt + 1)
    for k in range(np.uint64(output)):
        used[begin + k] -= first + np.int32(k)
    end = p + output
    ends[end] -= 1
    if ends[end] == 0:
        bits[end >> 6] &= ~(np.uint64(1) << np.uint64(end & 63))


@entry
def enter(profile, requests, start):
    """Put all requests into an empty profile.

    Parameters
    ----------
    profile
        Usage and completions by round: see the head of the module.
    requests
        ``M``, and arrivals, prompts and outputs, shape ``(n,)`` each.
    start
        Start rounds, shape ``(n,)``.
    """
    _, _, prompt, output = requests
    for i in range(start.size):
        _put(profile, prompt[i], output[i], start[i])


@entry
def decode(profile, requests, order, right, start):
    """Insert requests in order, each as early as the profile lets it.

    Into an empty profile; the starts are written. Returns whether all of
    them end by ``right``.

    Parameters
    ----------
    profile
        Usage and completions by round: see the head of the module.
    requests
        ``M``, and arrivals, prompts and outputs, shape ``(n,)`` each.
    order
        Request numbers, shape ``(n,)``.
    right
        Round by which all have to end.
    start
        Start rounds, shape ``(n,)``; written.
    """
    memory, arrival, prompt, output = requests
    for i in order:
        p = _first_fit(
            profile, memory, prompt[i], output[i], arrival[i], right
        )
        if p < 0:
            return False
        _put(profile, prompt[i], output[i], p)
        start[i] = p
    return True


@entry
def compact(profile, requests, order, back, start):
    """Move each request, in order, to the first start that it fits.

    Looks back ``back`` rounds. Returns by how much the sum of starts falls.

    Parameters
    ----------
    profile
        Usage and completions by round: see the head of the module.
    requests
        ``M``, and arrivals, prompts and outputs, shape ``(n,)`` each.
    order
        Request numbers, shape ``(n,)``.
    back
        Rounds that are looked back.
    start
        Start rounds, shape ``(n,)``; written.
    """
    memory, arrival, prompt, output = requests
    saved = 0
    for i in order:
        old = start[i]
        _take(profile, prompt[i], output[i], old)
        p = _first_fit(
            profile, memory, prompt[i], output[i],
            max(arrival[i], old - back), old + output[i],
        )  # fmt: skip
        _put(profile, prompt[i], output[i], p)
        start[i] = p
        saved += old - p
    return saved


@helper
def _choose(rng, by_start, most, spread, chosen):
    """Choose up to ``most`` requests that start near each other."""
    n = by_start.size
    count = 2 + int(rng.random() * (most - 1))
    width = 1 + int(count * (1 + rng.random() * spread))
    first = int(rng.random() * n) - width // 2
    m = 0
    for _ in range(count):
        place = first + int(rng.random() * width)
        if place < 0 or place >= n:
            continue
        i = by_start[place]
        known = False
        for x in range(m):
            known = known or chosen[x] == i
        if not known:
            chosen[m] = i
            m += 1
    return m


@helper
def _rank(rng, volume, noise, chosen, m, key, turn):
    """Write the places of the chosen by volume, perturbed, into ``turn``."""
    level = rng.random() * noise
    for q in range(m):
        key[q] = volume[chosen[q]] * np.exp(level * (2 * rng.random() - 1))
        x = q
        while x > 0 and key[turn[x - 1]] > key[q]:
            turn[x] = turn[x - 1]
            x -= 1
        turn[x] = q


@helper
def _sort(by_start, start):
    """Bring requests that are almost in order of start into it."""
    for x in range(1, by_start.size):
        i = by_start[x]
        y = x
        while y > 0 and start[by_start[y - 1]] > start[i]:
            by_start[y] = by_start[y - 1]
            y -= 1
        by_start[y] = i


@helper
def _repair(profile, requests, move, m, spare, right, start):
    """Insert what a move took out, unless the starts rise beyond ``spare``.

    Returns how many have a place, and by how much their starts have risen.
    """
    memory, _, prompt, output = requests
    chosen, old, turn, earliest = move
    change = 0
    placed = 0
    moved = False
    while placed < m:
        q = turn[placed]
        i = chosen[q]
        # Later, it would be refused even if all others came first.
        last = min(right, earliest[q] + int(spare) + output[i])
        # As long as all are back where they were, so can this one be.
        back = old[q] + output[i]
        ask_all = moved or back > last
        until = last if ask_all else back - 1
        p = _first_fit(
            profile, memory, prompt[i], output[i], earliest[q], until
        )
        if p < 0:
            if ask_all:
                break
            p = old[q]
        moved = moved or p != old[q]
        _put(profile, prompt[i], output[i], p)
        start[i] = p
        change += p - old[q]
        spare -= p - earliest[q]
        placed += 1
    return placed, change


@entry
def destroy_and_repair(
    rng, profile, requests, volume, by_start, left, right, rules, heat, start
):
    """Take some requests out and insert them again, ``moves`` times.

    Parameters
    ----------
    rng
        Of this call alone.
    profile, requests
        See the module; memory, arrival, prompt, output.
    volume
        Of each request.
    by_start
        The requests that may move, in order of start; kept in it. They run in
        rounds ``left + 1 .. right`` and stay there, whatever other threads do.
    rules
        Number of moves, and of those between two sorts; most requests of a
        move, spread of their starts, noise of their order.
    heat
        Mean by which the sum of starts may rise in a move.
    start
        Of each request; updated.

    Returns
    -------
    int
        By how much the sum of starts has risen.
    """
    _, arrival, prompt, output = requests
    moves, pause, most, spread, noise = rules
    chosen, old, turn, earliest = np.zeros((4, most), np.int64)
    key = np.zeros(most)
    risen = 0
    if by_start.size == 0:
        return risen
    for move in range(moves):
        if move % pause == pause - 1:
            _sort(by_start, start)
        m = _choose(rng, by_start, most, spread, chosen)
        first = right
        for q in range(m):
            i = chosen[q]
            old[q] = start[i]
            first = min(first, old[q])
            _take(profile, prompt[i], output[i], old[q])
        _rank(rng, volume, noise, chosen, m, key, turn)
        # What has become free begins with the first that was taken.
        spare = -heat * np.log(1 - rng.random())
        for q in range(m):
            i = chosen[q]
            earliest[q] = max(left, arrival[i], first - output[i])
            spare += old[q] - earliest[q]
        placed, change = _repair(
            profile, requests, (chosen, old, turn, earliest), m, spare, right,
            start,
        )  # fmt: skip
        if placed == m:
            risen += change
            continue
        for x in range(placed):
            i = chosen[turn[x]]
            _take(profile, prompt[i], output[i], start[i])
        for q in range(m):
            i = chosen[q]
            start[i] = old[q]
            _put(profile, prompt[i], output[i], old[q])
    return risen
