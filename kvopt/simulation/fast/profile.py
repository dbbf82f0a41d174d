"""The believed future memory of the active requests, in compiled code.

Active requests are kept in order of their believed ends. A request that
started at ``p`` with prompt ``s`` adds ``s - p`` to a constant and 1 to a
slope, so that the usage in round ``t`` of those believed to be active is
``constant + slope * t``, summed from the last end backwards.
"""

from __future__ import annotations

from numba import njit

__all__ = ["NEVER", "fits", "insert", "next_start", "remove"]

# Later than any round that occurs.
NEVER = 4 * 10**18


@njit(cache=True)
def insert(end, who, k, at, request):
    """Insert a request that is believed to end at ``at``; O(k)."""
    i = k
    while i > 0 and end[i - 1] > at:
        end[i] = end[i - 1]
        who[i] = who[i - 1]
        i -= 1
    end[i] = at
    who[i] = request


@njit(cache=True)
def remove(end, who, k, request):
    """Remove a request; O(k). Return its believed end."""
    i = 0
    while who[i] != request:
        i += 1
    at = end[i]
    for j in range(i, k - 1):
        end[j] = end[j + 1]
        who[j] = who[j + 1]
    return at


@njit(cache=True)
def fits(end, who, k, prompt, start, s, o, now, limit):
    """Return whether a request started now never meets the limit; O(k).

    The look-ahead of P1, Eq. (5), at the believed ends up to its own.
    """
    own = now + o
    if s + o > limit:
        return False
    constant = 0
    i = k - 1
    while i >= 0 and end[i] >= own:
        constant += prompt[who[i]] - start[who[i]]
        i -= 1
    if constant + (k - 1 - i) * own + s + o > limit:
        return False
    while i >= 0:
        at = end[i]
        while i >= 0 and end[i] == at:
            constant += prompt[who[i]] - start[who[i]]
            i -= 1
        if constant + (k - 1 - i) * at + s + at - now > limit:
            return False
    return True


@njit(cache=True)
def next_start(end, who, k, prompt, start, s, o, now, limit):
    """Return the first round from ``now`` on at which a request fits.

    As long as nothing else starts, ends early or is cancelled. O(k) a step;
    a step either moves the start to where a violated end is met, or moves
    the request's own end past the next believed end.
    """
    if s + o > limit:
        return NEVER
    at = now
    while True:
        own = at + o
        constant = 0
        i = k - 1
        while i >= 0 and end[i] >= own:
            constant += prompt[who[i]] - start[who[i]]
            i -= 1
        if constant + (k - 1 - i) * own + s + o > limit:
            # Until the next of them ends the sum at the own end only grows.
            at = end[i + 1] - o + 1
            continue
        best = at
        while i >= 0 and end[i] > best:
            t = end[i]
            while i >= 0 and end[i] == t:
                constant += prompt[who[i]] - start[who[i]]
                i -= 1
            over = constant + (k - 1 - i) * t + s + t - limit
            best = max(best, min(over, t))
        if best == at:
            return at
        at = best
