"""The believed future memory of the active requests, in compiled code.

Active requests are kept in order of their believed ends. A request that
started at ``p`` with prompt ``s`` adds ``s - p`` to a constant and 1 to a
slope, so that the usage in round ``t`` of those believed to be active is
``constant + slope * t``, summed from the last end backwards.
"""

from __future__ import annotations

from kvopt.model.compiled import inner, part

__all__ = [
    "NEVER",
    "believed_end",
    "blocks",
    "fits",
    "fits_in_blocks",
    "full_from",
    "insert",
    "length_of",
    "move",
    "next_done",
    "next_start",
    "outlived",
    "remove",
    "whole",
]

# Later than any round that occurs.
NEVER = 4 * 10**18


@inner
def length_of(requests, i):
    """Return the length that is believed of a request."""
    return max(requests[i].told, requests[i].known)


@inner
def believed_end(requests, i):
    """Return when a running request was believed to end as it started."""
    return requests[i].start + length_of(requests, i)


@inner
def outlived(rules, requests, active, k):
    """Return how many active requests run on after their believed ends.

    They stand in front, and are believed to end in the next round. With a
    token budget 0: there the engine goes from round to round.

    Parameters
    ----------
    rules
        The policy's choices and the clock: :class:`.state.Rules`.
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    k
        How many of ``active`` count.
    """
    if not rules.learns or rules.budget > 0:
        return 0
    j = 0
    while j < k and active[j].end != believed_end(requests, active[j].who):
        j += 1
    return j


@inner
def move(active, j, to):
    """Copy a record to another place: sooner field by field than whole.

    Parameters
    ----------
    active
        Records ``ACTIVE`` of :mod:`.state`.
    j, to
        Places in ``active``, from and to.
    """
    active[to].end = active[j].end
    active[to].who = active[j].who
    active[to].share = active[j].share
    active[to].done = active[j].done


@part
def next_done(active, k):
    """Return the next completion round; O(k)."""
    first = NEVER
    for j in range(k):
        first = min(first, active[j].done)
    return first


@part
def insert(active, k, requests, i, now):
    """Insert request ``i``, which starts now, by its believed end; O(k).

    Parameters
    ----------
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    k
        How many of ``active`` count.
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    i
        Request number.
    now
        The round.
    """
    end = now + length_of(requests, i)
    j = k
    while j > 0 and active[j - 1].end > end:
        move(active, j - 1, j)
        j -= 1
    active[j].end = end
    active[j].who = i
    active[j].share = requests[i].prompt - now
    active[j].done = now + requests[i].output


@part
def remove(active, k, request):
    """Remove a request; O(k). Return its believed end.

    Parameters
    ----------
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    k
        How many of ``active`` count.
    request
        Request number.
    """
    i = 0
    while active[i].who != request:
        i += 1
    at = active[i].end
    for j in range(i, k - 1):
        move(active, j + 1, j)
    return at


@inner
def fits(active, k, requests, i, now, limit):
    """Return whether request ``i`` started now never meets the limit; O(k).

    The look-ahead of P1, Eq. (5), at the believed ends up to its own.

    Parameters
    ----------
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    k
        How many of ``active`` count.
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    i
        Request number.
    now
        The round.
    limit
        Units of memory that may be held.
    """
    s, o = requests[i].prompt, length_of(requests, i)
    own = now + o
    if s + o > limit:
        return False
    constant = 0
    j = k - 1
    while j >= 0 and active[j].end >= own:
        constant += active[j].share
        j -= 1
    if constant + (k - 1 - j) * own + s + o > limit:
        return False
    while j >= 0:
        at = active[j].end
        while j >= 0 and active[j].end == at:
            constant += active[j].share
            j -= 1
        if constant + (k - 1 - j) * at + s + at - now > limit:
            return False
    return True


@inner
def next_start(active, k, requests, i, now, limit):
    """Return the first round from ``now`` on at which request ``i`` fits.

    As long as nothing else starts, ends early or is cancelled. O(k) a step;
    a step either moves the start to where a violated end is met, or moves
    the request's own end past the next believed end.

    Parameters
    ----------
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    k
        How many of ``active`` count.
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    i
        Request number.
    now
        The round.
    limit
        Units of memory that may be held.
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
            constant += active[j].share
            j -= 1
        if constant + (k - 1 - j) * own + s + o > limit:
            # Until the next of them ends the sum at the own end only grows.
            at = active[j + 1].end - o + 1
            continue
        best = at
        while j >= 0 and active[j].end > best:
            t = active[j].end
            while j >= 0 and active[j].end == t:
                constant += active[j].share
                j -= 1
            over = constant + (k - 1 - j) * t + s + t - limit
            best = max(best, min(over, t))
        if best == at:
            return at
        at = best


@inner
def whole(tokens, block):
    """Return the units handed out for so many tokens, in whole blocks."""
    return (tokens + block - 1) // block * block


@inner
def blocks(active, first, k, at, block):
    """Return the units that active requests hold in a round, in blocks; O(k).

    Parameters
    ----------
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    first, k
        Those counted are ``first .. k-1``.
    at
        The round.
    block
        Units of a block.
    """
    held = 0
    for j in range(first, k):
        held += whole(active[j].share + at, block)
    return held


@inner
def full_from(active, k, now, last, memory, block):
    """Return the last round up to ``last`` that fits in blocks; O(k log).

    Usage grows as long as nothing ends, so it is found by bisection.

    Parameters
    ----------
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    k
        How many of ``active`` count.
    now
        A round that fits.
    last
        The last round that fits when memory is handed out by the unit.
    memory, block
        Units of memory, and of a block.
    """
    low, high = now, max(now, last)
    while low < high:
        middle = (low + high + 1) // 2
        if blocks(active, 0, k, middle, block) <= memory:
            low = middle
        else:
            high = middle - 1
    return low


@inner
def fits_in_blocks(active, k, requests, i, now, limit, block):
    """Return what :func:`fits` does, in whole blocks; O(k^2).

    Parameters
    ----------
    active
        Records ``ACTIVE`` of :mod:`.state`, by believed end.
    k
        How many of ``active`` count.
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    i
        Request number.
    now
        The round.
    limit
        Units of memory that may be held.
    block
        Units of a block.
    """
    s, o = requests[i].prompt, length_of(requests, i)
    own = now + o
    j = 0
    while j < k and active[j].end < own:
        at = active[j].end
        held = blocks(active, j, k, at, block) + whole(s + at - now, block)
        if held > limit:
            return False
        while j < k and active[j].end == at:
            j += 1
    return blocks(active, j, k, own, block) + whole(s + o, block) <= limit
