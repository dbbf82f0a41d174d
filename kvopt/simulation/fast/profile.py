"""The believed future memory of the active requests, in compiled code.

Active requests are kept in order of their believed ends. A request that
started at ``p`` with prompt ``s`` adds ``s - p`` to a constant and 1 to a
slope, so that the usage in round ``t`` of those believed to be active is
``constant + slope * t``, summed from the last end backwards.
"""

from __future__ import annotations

from kvopt.model.compiled import inner

__all__ = [
    "NEVER",
    "fits",
    "insert",
    "length_of",
    "next_done",
    "next_start",
    "remove",
]

# Later than any round that occurs.
NEVER = 4 * 10**18


@inner
def length_of(requests, i):
    """Return the length that is believed of a request."""
    return max(requests[i].told, requests[i].known)


@inner
def next_done(active, k, requests):
    """Return the next completion round; O(k)."""
    first = NEVER
    for j in range(k):
        i = active[j].who
        first = min(first, requests[i].start + requests[i].output)
    return first


@inner
def insert(active, k, at, request):
    """Insert a request that is believed to end at ``at``; O(k)."""
    i = k
    while i > 0 and active[i - 1].end > at:
        active[i].end = active[i - 1].end
        active[i].who = active[i - 1].who
        i -= 1
    active[i].end = at
    active[i].who = request


@inner
def remove(active, k, request):
    """Remove a request; O(k). Return its believed end."""
    i = 0
    while active[i].who != request:
        i += 1
    at = active[i].end
    for j in range(i, k - 1):
        active[j].end = active[j + 1].end
        active[j].who = active[j + 1].who
    return at


@inner
def fits(active, k, requests, i, now, limit):
    """Return whether request ``i`` started now never meets the limit; O(k).

    The look-ahead of P1, Eq. (5), at the believed ends up to its own.
    """
    s, o = requests[i].prompt, length_of(requests, i)
    own = now + o
    if s + o > limit:
        return False
    constant = 0
    j = k - 1
    while j >= 0 and active[j].end >= own:
        constant += share_of(requests, active[j].who)
        j -= 1
    if constant + (k - 1 - j) * own + s + o > limit:
        return False
    while j >= 0:
        at = active[j].end
        while j >= 0 and active[j].end == at:
            constant += share_of(requests, active[j].who)
            j -= 1
        if constant + (k - 1 - j) * at + s + at - now > limit:
            return False
    return True


@inner
def share_of(requests, i):
    """Return ``s - p``, what a running request adds to the constant."""
    return requests[i].prompt - requests[i].start


@inner
def next_start(active, k, requests, i, now, limit):
    """Return the first round from ``now`` on at which request ``i`` fits.

    As long as nothing else starts, ends early or is cancelled. O(k) a step;
    a step either moves the start to where a violated end is met, or moves
    the request's own end past the next believed end.
    """
    s, o = requests[i].prompt, length_of(requests, i)
    if s + o > limit:
        return NEVER
    at = now
    while True:
        own = at + o
        constant = 0
        j = k - 1
        while j >= 0 and active[j].end >= own:
            constant += share_of(requests, active[j].who)
            j -= 1
        if constant + (k - 1 - j) * own + s + o > limit:
            # Until the next of them ends the sum at the own end only grows.
            at = active[j + 1].end - o + 1
            continue
        best = at
        while j >= 0 and active[j].end > best:
            t = active[j].end
            while j >= 0 and active[j].end == t:
                constant += share_of(requests, active[j].who)
                j -= 1
            over = constant + (k - 1 - j) * t + s + t - limit
            best = max(best, min(over, t))
        if best == at:
            return at
        at = best
