"""The compiled part of :mod:`kvopt.adversary.optimum`.

Depth first over the requests in order of start round, then of place. Level
``d`` of the arrays below is the decision after ``d`` requests were placed.
"""

from __future__ import annotations

import numpy as np

from kvopt.model.compiled import entry, inner

__all__ = ["ENTRIES", "WIDEST", "search"]

# Rows of the table of states that were met, a power of two; and the longest
# profile of free memory that a row holds. Longer ones are not remembered.
ENTRIES = 1 << 12
WIDEST = 64


@inner
def _at_least(mask, now, arrival, output, volume, free, enough):
    """Bound the completions of what is in ``mask``, none started before now.

    The ``k``-th of them is at least the ``k``-th smallest ``max(now, a) +
    o``, and at least the round by which the memory left free since ``now``
    holds the ``k`` smallest volumes. Returns ``enough`` when they cannot all
    complete within the rounds of ``free``.
    """
    n = arrival.shape[0]
    alone = np.empty(n, np.int64)
    size = 0
    for i in range(n):
        if mask >> i & 1:
            ready = max(arrival[i], now) + output[i]
            x = size
            while x > 0 and alone[x - 1] > ready:
                alone[x] = alone[x - 1]
                x -= 1
            alone[x] = ready
            size += 1
    end = free.shape[0] - 1
    if alone[size - 1] > end:
        return enough
    total = 0
    room = 0
    need = 0
    t = now
    k = 0
    for i in range(n):
        if mask >> i & 1:
            need += volume[i]
            while room < need:
                t += 1
                if t > end:
                    return enough
                room += free[t]
            total += max(alone[k], t)
            k += 1
    return total


@inner
def _known(mask, now, spent, ahead, free, keys, costs, stamp):
    """Whether this state was met at no higher cost; else note it.

    A row that another state needs is written over: what is forgotten is
    searched again.
    """
    if ahead > WIDEST:
        return False
    mixed = np.uint64(mask * 1_000_003 + now)
    for k in range(ahead):
        mixed = mixed * np.uint64(6364136223846793005) + np.uint64(
            free[now + 1 + k] + 1442695
        )
        mixed ^= mixed >> np.uint64(29)
    row = np.int64(mixed & np.uint64(ENTRIES - 1))
    same = (
        keys[row, 0] == stamp and keys[row, 1] == mask and keys[row, 2] == now
    )
    if same:
        for k in range(ahead):
            if keys[row, 3 + k] != free[now + 1 + k]:
                same = False
                break
    if same:
        if costs[row] <= spent:
            return True
        costs[row] = spent
        return False
    keys[row, 0] = stamp
    keys[row, 1] = mask
    keys[row, 2] = now
    for k in range(ahead):
        keys[row, 3 + k] = free[now + 1 + k]
    costs[row] = spent
    return False


@inner
def _fits(prompt, output, now, free):
    """Whether a request's units are free in each of its rounds."""
    if now + output >= free.shape[0]:
        return False
    over = 0
    for k in range(1, output + 1):
        over += free[now + k] < prompt + k
        if over:
            break
    return over == 0


@inner
def _take(sign, prompt, output, now, free):
    """Take a request's units in all its rounds; sign -1 gives them back."""
    for k in range(1, output + 1):
        free[now + k] -= sign * (prompt + k)


@inner
def _twin(i, mask, arrival, prompt, output):
    """Whether the next request before ``i`` that waits is just the same."""
    j = i - 1
    while j >= 0 and not mask >> j & 1:
        j -= 1
    return (
        j >= 0
        and arrival[j] == arrival[i]
        and prompt[j] == prompt[i]
        and output[j] == output[i]
    )


@inner
def _next(first, mask, now, arrival, prompt, output, free):
    """Return the first request from ``first`` on to start now; n for none."""
    n = arrival.shape[0]
    for i in range(first, n):
        if (
            mask >> i & 1
            and arrival[i] <= now
            and not _twin(i, mask, arrival, prompt, output)
            and _fits(prompt[i], output[i], now, free)
        ):
            return i
    return n


@entry
def search(requests, memory, below, nodes, best, keys, costs, stamp):
    """Look for starts whose completions sum to less than ``below``.

    Parameters
    ----------
    requests
        Rows arrival, prompt, output and volume, shape ``(4, n)``, ``n`` at
        most 60, in an order in which the volumes rise and equal requests are
        neighbours.
    memory
        Capacity ``M``.
    below
        What the sum of the completion rounds has to be below.
    nodes
        How many starts may be tried.
    best
        Receives the starts, shape ``(n,)``.
    keys, costs, stamp
        Table of states, shapes ``(ENTRIES, WIDEST + 3)`` and ``(ENTRIES,)``;
        rows with another stamp count as empty.

    Returns
    -------
    tuple of int
        Sum of the completions of ``best`` (``below`` when there is none),
        and the nodes that are left, -1 when they did not suffice.
    """
    arrival, prompt, output, volume = requests
    n = arrival.shape[0]
    end = arrival.max() + output.sum()
    free = np.full(end + 1, memory)
    longest = output.max()
    mask = np.zeros(n + 1, np.int64)
    now = np.zeros(n + 1, np.int64)
    turn = np.zeros(n + 1, np.int64)
    spent = np.zeros(n + 1, np.int64)
    placed = np.zeros(n + 1, np.int64)
    start = np.zeros(n, np.int64)
    mask[0] = (1 << n) - 1
    depth = 0
    fresh = True
    while True:
        if mask[depth] == 0:
            below = spent[depth]
            for i in range(n):
                best[i] = start[i]
        dead = mask[depth] == 0
        if not dead and fresh:
            t = now[depth]
            dead = (
                spent[depth]
                + _at_least(
                    mask[depth], t, arrival, output, volume, free, below
                )
                >= below
            )
            if not dead and turn[depth] == 0:
                ahead = min(longest, end - t)
                dead = _known(
                    mask[depth],
                    t,
                    spent[depth],
                    ahead,
                    free,
                    keys,
                    costs,
                    stamp,
                )
        if dead:
            depth -= 1
            if depth < 0:
                return below, nodes
            i = placed[depth]
            _take(-1, prompt[i], output[i], start[i], free)
            turn[depth] = i + 1
            fresh = False
            continue
        i = _next(
            turn[depth],
            mask[depth],
            now[depth],
            arrival,
            prompt,
            output,
            free,
        )
        if i == n:
            now[depth] += 1
            turn[depth] = 0
            fresh = True
            continue
        nodes -= 1
        if nodes < 0:
            return below, nodes
        start[i] = now[depth]
        _take(1, prompt[i], output[i], now[depth], free)
        placed[depth] = i
        mask[depth + 1] = mask[depth] & ~(1 << i)
        now[depth + 1] = now[depth]
        turn[depth + 1] = i
        spent[depth + 1] = spent[depth] + now[depth] + output[i]
        depth += 1
        fresh = True
