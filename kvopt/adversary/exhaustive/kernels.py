"""Compiled: optima of tiny instances, and policies on all their listings."""

from __future__ import annotations

import numpy as np

from kvopt.adversary.optimum_kernels import search
from kvopt.model.compiled import entry, inner
from kvopt.simulation.fast import state as slots
from kvopt.simulation.fast.cancellation import compiled_key
from kvopt.simulation.fast.kernel import advance
from kvopt.simulation.fast.profile import NEVER

__all__ = [
    "ENDLESS",
    "FAILED",
    "LONGEST",
    "SHORTEST",
    "TRUE",
    "UNUSED",
    "ceilings",
    "lower_bounds",
    "next_listing",
    "optimum",
    "scan",
]

# Starts that an optimum may try: it always ends.
ENOUGH = 1 << 60
# Instead of a cost: the policy does not finish.
FAILED = -1
# Instead of a cost: more than any, and products with an optimum fit.
ENDLESS = 1 << 40
# What a policy believes of lengths at first.
TRUE, SHORTEST, LONGEST, UNUSED = range(4)


@inner
def next_listing(listing):
    """Go on to the next listing in lexicographic order; False at the last."""
    n = listing.size
    i = n - 2
    while i >= 0 and listing[i] >= listing[i + 1]:
        i -= 1
    if i < 0:
        return False
    j = n - 1
    while listing[j] <= listing[i]:
        j -= 1
    listing[i], listing[j] = listing[j], listing[i]
    listing[i + 1 :] = listing[i + 1 :][::-1].copy()
    return True


@entry
def lower_bounds(kinds, memory, rows):
    """Return a lower bound on the completions of each multiset.

    The larger of two sums over ``k``: of the ``k``-th smallest ``a + o``,
    and of the least round by which ``M`` units a round hold the ``k``
    smallest volumes. Shape ``(len(rows),)``.

    Parameters
    ----------
    kinds
        Arrival, prompt and output of each type, shape ``(3, types)``.
    memory
        Capacity ``M``.
    rows
        Places in ``kinds``, shape ``(multisets, n)``.
    """
    bounds = np.empty(rows.shape[0], np.int64)
    for m in range(rows.shape[0]):
        alone = 0
        volumes = np.empty(rows.shape[1], np.int64)
        for i, k in enumerate(rows[m]):
            o = kinds[2, k]
            alone += kinds[0, k] + o
            volumes[i] = kinds[1, k] * o + o * (o + 1) // 2
        volumes.sort()
        area = 0
        total = 0
        for volume in volumes:
            area += volume
            total += -(-area // memory)
        bounds[m] = max(alone, total)
    return bounds


@entry
def optimum(kinds, row, memory, below, table):
    """Return the least sum of completions, or ``below`` if none is less.

    Parameters
    ----------
    kinds, memory
        See :func:`lower_bounds`.
    row
        Places of the requests in ``kinds``.
    below
        Where the search begins.
    table
        States that were met, see
        :func:`kvopt.adversary.optimum_kernels.search`:
        keys, costs, and the last stamp that was used, shape ``(1,)``.
    """
    keys, costs, stamp = table
    n = row.size
    requests = np.empty((4, n), np.int64)
    for i, k in enumerate(row):
        s, o = kinds[1, k], kinds[2, k]
        volume = s * o + o * (o + 1) // 2
        # Equal requests are neighbours in ``row``, and stay so.
        j = i
        while j > 0 and requests[3, j - 1] > volume:
            requests[:, j] = requests[:, j - 1]
            j -= 1
        requests[0, j] = kinds[0, k]
        requests[1, j] = s
        requests[2, j] = o
        requests[3, j] = volume
    stamp[0] += 1
    best = np.empty(n, np.int64)
    least, _ = search(
        requests, memory, below, ENOUGH, best, keys, costs, stamp[0]
    )
    return least


@inner
def _completions(rules, requests, active, queue, tree, lost, states, rng):
    """Run the policy; return the sum of completions, or ``FAILED``."""
    state = states[0]
    state.round = state.time = state.quiet_since = requests[0].due
    state.arrived = state.active = state.waiting = state.completed = 0
    state.constant = state.ready = state.sequence = state.lost = 0
    state.clears = state.mark_at = state.marks = state.unplanned = 0
    state.started_at = -1
    state.next_done = NEVER
    state.mark_size = -1
    state.planned_at = -NEVER
    ended = advance(rules, requests, active, queue, tree, lost, state, rng)
    if ended != slots.DONE:
        return FAILED
    total = 0
    for request in requests:
        total += request.start + request.output
    return total


@inner
def _list(rules, belief, fixed, kinds, memory, current, requests):
    """Write a listing into the records; False if it need not be looked at.

    Requests must be in order of arrival; and, of a policy that is ``fixed``,
    those of one round in order of its sort key.
    """
    shortest, longest = NEVER, 0
    for k in current:
        shortest = min(shortest, kinds[2, k])
        longest = max(longest, kinds[2, k])
    for i, k in enumerate(current):
        request = requests[i]
        request.due = kinds[0, k]
        request.prompt = kinds[1, k]
        request.output = kinds[2, k]
        told = request.output
        if belief == SHORTEST:
            told = shortest
        elif belief == LONGEST:
            told = longest
        elif belief == UNUSED:
            told = 1
        request.told = min(told, memory - request.prompt)
        request.known = 1
        request.mark = 0
        request.key = compiled_key(
            rules.order, i, request.prompt, request.told, 0
        )
        if i > 0:
            before = requests[i - 1]
            if request.due < before.due:
                return False
            if (
                fixed
                and request.due == before.due
                and request.key < before.key
            ):
                return False
    return True


@inner
def _serial(kinds, row):
    """Return the completions of one after the other, the longest first."""
    outputs = np.sort(kinds[2][row])
    total = 0
    for i, output in enumerate(outputs):
        total += output * (i + 1)
    return total


@entry
def scan(
    choices, kinds, rows, bounds, optima, table, best, listing, scratch, rng
):
    """Look for the worst listing of some multisets.

    Parameters
    ----------
    choices
        The policy: its rules, for the event loop of the fast engine; what it
        believes of lengths at first, one of ``TRUE``, ``SHORTEST`` and
        ``LONGEST`` of the instance, and ``UNUSED``; whether it is fixed: it
        neither cancels nor learns, so that only listings in order of its
        sort key count, since it serves every other one as one of them; and
        whether it is serial: with all requests at 0, each one completes
        within its own output after all that are before it in some order, so
        that the total is at most that of running one after the other, the
        longest first.
    kinds, rows, bounds
        See :func:`lower_bounds`, and what it returns.
    optima
        Least sum of completions of each multiset, 0 if not known; filled in
        where it is needed.
    table
        See :func:`optimum`.
    best
        Numerator and denominator of the worst ratio so far, which is
        replaced by a larger one; numerator ``FAILED`` when the policy did
        not finish, which ends the scan. Third, how many runs were made.
    listing
        The listing of the worst ratio, shape ``(n,)``.
    scratch
        Arrays of the fast engine: requests, active, queue, tree, lost,
        states.
    rng
        The policy's generator.

    Notes
    -----
    The ratio is that of total latencies: sums of completions less the sum of
    the arrivals. Multisets are passed over, and optima not computed, where
    even the lower bound gives no larger ratio.
    """
    rules, belief, fixed, serial = choices
    requests, active, queue, tree, lost, states = scratch
    memory = rules.memory
    batch = kinds[0].max() == 0
    current = np.empty(rows.shape[1], np.int64)
    for m in range(rows.shape[0]):
        arrivals = kinds[0][rows[m]].sum()
        if (
            serial
            and batch
            and _serial(kinds, rows[m]) * best[1] <= best[0] * bounds[m]
        ):
            continue
        current[:] = rows[m]
        more = True
        while more:
            if _list(rules, belief, fixed, kinds, memory, current, requests):
                best[2] += 1
                total = _completions(
                    rules, requests, active, queue, tree, lost, states, rng
                )
                if total == FAILED:
                    best[0] = FAILED
                    listing[:] = current
                    return
                cost = total - arrivals
                if cost * best[1] > best[0] * (bounds[m] - arrivals):
                    if optima[m] == 0:
                        # No run of a policy is cheaper than the optimum.
                        optima[m] = optimum(
                            kinds, rows[m], memory, total + 1, table
                        )
                    least = optima[m] - arrivals
                    if cost * best[1] > best[0] * least:
                        best[0], best[1] = cost, least
                        listing[:] = current
            more = next_listing(current)


@inner
def _monotone(kinds, listing):
    """Whether nobody is before a shorter one whose peak is no larger."""
    for i, k in enumerate(listing):
        o = kinds[2, k]
        for j in listing[:i]:
            if (
                o < kinds[2, j]
                and kinds[1, k] + o <= kinds[1, j] + kinds[2, j]
            ):
                return False
    return True


@entry
def ceilings(choices, monotone, kinds, rows, scratch, rng):
    """Return the largest sum of completions of each multiset.

    Over all listings; ``ENDLESS`` where the policy does not finish on one.

    Parameters
    ----------
    monotone
        Whether only those listings count in which nobody is before a shorter
        one whose peak is no larger.
    choices, kinds, rows, scratch, rng
        As for :func:`scan`.
    """
    rules, belief, fixed, _ = choices
    requests, active, queue, tree, lost, states = scratch
    current = np.empty(rows.shape[1], np.int64)
    most = np.zeros(rows.shape[0], np.int64)
    for m in range(rows.shape[0]):
        current[:] = rows[m]
        more = True
        while more:
            if not (monotone and not _monotone(kinds, current)) and _list(
                rules, belief, fixed, kinds, rules.memory, current, requests
            ):
                total = _completions(
                    rules, requests, active, queue, tree, lost, states, rng
                )
                if total == FAILED:
                    total = ENDLESS
                most[m] = max(most[m], total)
            more = next_listing(current)
    return most
