"""Compiled: optima of tiny instances, and policies on all their listings."""

from __future__ import annotations

import numpy as np

from kvopt.model.compiled import entry, inner
from kvopt.simulation.fast import state as slots
from kvopt.simulation.fast.cancellation import compiled_key
from kvopt.simulation.fast.kernel import advance
from kvopt.simulation.fast.profile import NEVER

__all__ = [
    "FAILED",
    "LONGEST",
    "SHORTEST",
    "TRUE",
    "UNUSED",
    "ceilings",
    "lower_bounds",
    "optimum",
    "scan",
]

# Instead of a cost: the policy does not finish.
FAILED = -1
# What a policy believes of lengths at first.
TRUE, SHORTEST, LONGEST, UNUSED = range(4)


@inner
def _next_listing(listing):
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
def optimum(kinds, row, memory, below):
    """Return the least sum of completions, or ``below`` if none is less.

    Depth first over the requests in order of start round, then of place;
    equal requests, which are neighbours in ``row``, in order of place. A
    partial schedule is given up when its cost and the earliest completions
    of the others reach ``below``.
    """
    n = row.size
    end = 0
    for k in row:
        end += kinds[2, k]
    end += kinds[0, row[n - 1]]
    free = np.full(end + 1, memory, np.int64)
    used = np.zeros(n, np.bool_)
    who = np.zeros(n + 1, np.int64)
    when = np.zeros(n + 1, np.int64)
    spent = 0
    depth = 0
    i, now = -1, 0
    while True:
        i += 1
        if i == n:
            i, now = 0, now + 1
        if i == 0:
            least = spent
            for j in range(n):
                if not used[j]:
                    least += max(now, kinds[0, row[j]]) + kinds[2, row[j]]
            if least >= below or now > end:
                depth -= 1
                if depth < 0:
                    return below
                i, now = who[depth], when[depth]
                used[i] = False
                spent -= now + kinds[2, row[i]]
                for t in range(1, kinds[2, row[i]] + 1):
                    free[now + t] += kinds[1, row[i]] + t
                continue
        k = row[i]
        if used[i] or kinds[0, k] > now:
            continue
        if i > 0 and row[i - 1] == k and not used[i - 1]:
            continue
        s, o = kinds[1, k], kinds[2, k]
        fits = now + o <= end
        t = 1
        while fits and t <= o:
            fits = free[now + t] >= s + t
            t += 1
        if not fits:
            continue
        if depth == n - 1:
            below = min(below, spent + now + o)
            continue
        for t in range(1, o + 1):
            free[now + t] -= s + t
        used[i] = True
        spent += now + o
        who[depth], when[depth] = i, now
        depth += 1


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
def scan(choices, kinds, rows, bounds, optima, best, listing, scratch, rng):
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
                        optima[m] = optimum(kinds, rows[m], memory, total + 1)
                    least = optima[m] - arrivals
                    if cost * best[1] > best[0] * least:
                        best[0], best[1] = cost, least
                        listing[:] = current
            more = _next_listing(current)


@entry
def ceilings(choices, kinds, rows, scratch, rng):
    """Return the largest sum of completions of each multiset.

    Over all listings, for a policy that always finishes; the arguments are
    those of :func:`scan`.
    """
    rules, belief, fixed, _ = choices
    requests, active, queue, tree, lost, states = scratch
    current = np.empty(rows.shape[1], np.int64)
    most = np.zeros(rows.shape[0], np.int64)
    for m in range(rows.shape[0]):
        current[:] = rows[m]
        more = True
        while more:
            if _list(
                rules, belief, fixed, kinds, rules.memory, current, requests
            ):
                total = _completions(
                    rules, requests, active, queue, tree, lost, states, rng
                )
                most[m] = max(most[m], total)
            more = _next_listing(current)
    return most
