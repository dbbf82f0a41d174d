"""The compiled parts of :mod:`kvopt.exact.heuristics.annealing`.

Requests are placed in order of start, so only those that still run matter:
``count`` of them, ``who``, by rising completion round ``finish``; each holds
``base + t`` units in round ``t``. Memory has to be looked at in completion
rounds only, as usage grows in between.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kvopt.model.compiled import entry, helper, kernel

__all__ = [
    "RUNNING",
    "Changes",
    "Iterations",
    "RequestSizes",
    "Solution",
    "Work",
    "anneal",
    "decode",
    "encode",
]

# A request that runs.
RUNNING = np.dtype(
    [("finish", np.int64), ("base", np.int64), ("who", np.int64)]
)


class Changes(NamedTuple):
    """How an order and its delays are changed at random.

    A number below ``shift`` takes a request to another place, one below
    ``swap`` swaps two, one below ``block`` moves some neighbours, another
    changes a delay. The rest is in the words of
    :class:`~kvopt.model.SearchParams`.
    """

    shift: float
    swap: float
    block: float
    near_shifts: float
    near_places: int
    longest_block: int
    delay_cuts: float
    delay_ends: float
    delay_steps: float
    longest_delay: int


class RequestSizes(NamedTuple):
    """The instance."""

    memory: int
    arrival: NDArray
    prompt: NDArray
    output: NDArray


class Solution(NamedTuple):
    """An order with delays, and the schedule that it gives.

    Parameters
    ----------
    order
        Requests by place.
    delay, start
        Of each request.
    active
        How many run when the request at a place has been placed.
    """

    order: NDArray
    delay: NDArray
    start: NDArray
    active: NDArray


class Work(NamedTuple):
    """Room to work in, filled by the kernels.

    Parameters
    ----------
    running
        What runs, by rising completion round.
    before
        Latency of all requests before a place, shape ``(n + 1,)``.
    arrives
        Last arrival at a place or after it, shape ``(n + 1,)``.
    """

    running: NDArray
    before: NDArray
    arrives: NDArray


class Iterations(NamedTuple):
    """Iterations ``begin .. stop-1`` of ``total``, temperatures, changes."""

    begin: int
    stop: int
    total: int
    hot: float
    cold: float
    changes: Changes


@helper
def _earliest(sizes, running, count, i, start, delay):
    """First start, from ``start`` on, that fits; pass over ``delay`` of them.

    All that runs must have started by ``start``. A completion round is in
    the way at most twice: as one that request ``i`` would outlast, and as one
    within which it holds too much. So ``O(count^2)`` without a delay.
    """
    prompt, output = sizes.prompt[i], sizes.output[i]
    low = 0
    held = prompt + output
    while True:
        while low < count and running[low].finish <= start:
            low += 1
        end = start + output
        constant = 0
        number = 0
        x = count - 1
        while x >= low and running[x].finish >= end:
            constant += running[x].base
            number += 1
            x -= 1
        if constant + number * end + held > sizes.memory:
            # What outlasts the request only grows until the next completes.
            start = running[x + 1].finish + 1 - output
            continue
        over = 0
        while x >= low:
            t = running[x].finish
            constant += running[x].base
            number += 1
            over = constant + number * t + prompt + t - start - sizes.memory
            if over > 0:
                # Over by that much until the start is as much later.
                start = min(start + over, t)
                break
            x -= 1
        if over > 0:
            continue
        if delay == 0:
            return start
        delay -= 1
        start += 1


@helper
def _enter(sizes, running, count, i, start):
    """Forget what has completed by ``start``, add ``i``; return the count."""
    low = 0
    while low < count and running[low].finish <= start:
        low += 1
    if low > 0:
        for x in range(low, count):
            running[x - low] = running[x]
        count -= low
    end = start + sizes.output[i]
    x = count
    while x > 0 and running[x - 1].finish > end:
        running[x] = running[x - 1]
        x -= 1
    running[x].finish = end
    running[x].base = sizes.prompt[i] - start
    running[x].who = i
    return count + 1


@kernel
def decode(sizes, solution, work):
    """Place requests in order; write ``start``, ``active`` and ``before``.

    ``O(n * active^2)`` without delays.

    Parameters
    ----------
    sizes
        The instance.
    solution
        Order, delays and starts.
    work
        Room to work in.
    """
    running = work.running
    count = np.int64(0)
    p = np.int64(0)
    work.before[0] = 0
    for q in range(solution.order.shape[0]):
        i = solution.order[q]
        p = max(p, sizes.arrival[i])
        p = _earliest(sizes, running, count, i, p, solution.delay[i])
        solution.start[i] = p
        count = _enter(sizes, running, count, i, p)
        solution.active[q] = count
        latency = p + sizes.output[i] - sizes.arrival[i]
        work.before[q + 1] = work.before[q] + latency


@kernel
def encode(sizes, solution, work):
    """Write the delays with which the order, by start, gives the starts.

    Parameters
    ----------
    sizes
        The instance.
    solution
        Order, delays and starts.
    work
        Room to work in.
    """
    running = work.running
    count = np.int64(0)
    p = np.int64(0)
    for q in range(solution.order.shape[0]):
        i = solution.order[q]
        p = max(p, sizes.arrival[i])
        solution.delay[i] = 0
        while True:
            p = _earliest(sizes, running, count, i, p, np.int64(0))
            if p >= solution.start[i]:
                break
            solution.delay[i] += 1
            p += 1
        count = _enter(sizes, running, count, i, p)


@helper
def _rotate(order, x, y):
    """Move the entry at ``x`` to ``y``."""
    i = order[x]
    if x < y:
        for k in range(x, y):
            order[k] = order[k + 1]
    else:
        for k in range(x, y, -1):
            order[k] = order[k - 1]
    order[y] = i


@helper
def _change(rng, order, delay, changes):
    """Change an order or a delay at random; return first and last place."""
    n = order.shape[0]
    r = rng.random()
    x = int(rng.random() * n)
    y = int(rng.random() * n)
    if r < changes.shift:
        if rng.random() < changes.near_shifts:
            near = changes.near_places
            y = x - near + int(rng.random() * (2 * near + 1))
            y = min(max(y, 0), n - 1)
        _rotate(order, x, y)
        return min(x, y), max(x, y)
    if r < changes.swap:
        order[x], order[y] = order[y], order[x]
        return min(x, y), max(x, y)
    if r < changes.block:
        length = 2 + int(rng.random() * (changes.longest_block - 1))
        if n > length:
            x = min(x, n - length)
            y = min(y, n - length)
            for q in range(length):
                if x < y:
                    _rotate(order, x, y + length - 1)
                else:
                    _rotate(order, x + q, y + q)
            return min(x, y), max(x, y) + length - 1
    i = order[x]
    if delay[i] > 0 and rng.random() < changes.delay_cuts:
        delay[i] = 0 if rng.random() < changes.delay_ends else delay[i] - 1
    elif rng.random() < changes.delay_steps:
        delay[i] += 1
    else:
        delay[i] += 1 + int(rng.random() * changes.longest_delay)
    return x, x


# An entry, as a generator is let go only where references are counted.
@entry
def anneal(rng, block, sizes, now, new, best_start, values, work):
    """Run a block of iterations.

    A move takes ``O(n * active^2)`` at worst.

    Parameters
    ----------
    rng
        Source of random numbers.
    block, sizes, work
        See above.
    now, new
        The present solution, and room for the one that is tried.
    best_start
        Starts of the best schedule.
    values
        The present and the best total latency.
    """
    n = now.order.shape[0]
    _begin(sizes, now, new, work)
    longest = 0
    for i in range(n):
        longest = max(longest, sizes.output[i])
    fall = np.log(block.cold / block.hot)
    for k in range(block.begin, block.stop):
        heat = block.hot * np.exp(fall * k / block.total)
        first, last = _change(rng, new.order, new.delay, block.changes)
        count = _before(sizes, now, work.running, first, longest)
        q, latency, shift = _place(sizes, now, new, work, first, last, count)
        worse = latency + shift * (n - q)
        worse -= work.before[q] - work.before[first]
        if worse <= 0 or rng.random() < np.exp(-worse / heat):
            values[0] += worse
            _accept(sizes, now, new, work, first, last, q, shift)
            if values[0] < values[1]:
                values[1] = values[0]
                # To assign the whole would compile what reports its shape.
                for i in range(n):
                    best_start[i] = now.start[i]
        else:
            for x in range(first, last + 1):
                new.order[x] = now.order[x]
                new.delay[now.order[x]] = now.delay[now.order[x]]


@helper
def _begin(sizes, now, new, work):
    """Make ``new`` and what is known of places those of ``now``."""
    n = now.order.shape[0]
    decode(sizes, now, work)
    work.arrives[n] = 0
    for q in range(n - 1, -1, -1):
        arrival = sizes.arrival[now.order[q]]
        work.arrives[q] = max(work.arrives[q + 1], arrival)
        new.order[q] = now.order[q]
        new.delay[q] = now.delay[q]
        new.start[q] = now.start[q]


@helper
def _before(sizes, now, running, first, longest):
    """Have running what does when the place ``first`` is due; return how many.

    No request has an output above ``longest``.
    """
    count = np.int64(0)
    if first > 0:
        p = now.start[now.order[first - 1]]
        for q in range(first - 1, -1, -1):
            i = now.order[q]
            if now.start[i] + longest <= p:
                break
            if now.start[i] + sizes.output[i] > p:
                count = _enter(sizes, running, count, i, now.start[i])
    return count


@helper
def _place(sizes, now, new, work, first, last, count):
    """Place requests from ``first`` on; return where that stops.

    Also their latency, and by how much all after that are later than now.
    Placing stops, after ``last``, where the same requests run as before, all
    as much later: if no arrival is to come, the rest is that much later too.
    """
    n = new.order.shape[0]
    latency = 0
    p = np.int64(0)
    if first > 0:
        p = now.start[now.order[first - 1]]
    for q in range(first, n):
        i = new.order[q]
        p = max(p, sizes.arrival[i])
        p = _earliest(sizes, work.running, count, i, p, new.delay[i])
        new.start[i] = p
        count = _enter(sizes, work.running, count, i, p)
        new.active[q] = count
        latency += p + sizes.output[i] - sizes.arrival[i]
        if last <= q < n - 1 and count == now.active[q]:
            # The last one placed before, perhaps another request.
            was = now.start[now.order[q]]
            later = p - was
            free = later == 0 or min(p, was) >= work.arrives[q + 1]
            if free and _shifted(sizes, now, work.running, count, later):
                return q + 1, latency, later
    return n, latency, 0


@helper
def _shifted(sizes, now, running, count, shift):
    """Whether all that runs started ``shift`` later than in ``now``."""
    for x in range(count):
        i = running[x].who
        if sizes.prompt[i] - running[x].base - now.start[i] != shift:
            return False
    return True


@helper
def _accept(sizes, now, new, work, first, last, q, shift):
    """Make ``new`` the present solution.

    It was placed from ``first`` up to ``q``; all after that is ``shift``
    later. Orders differ up to ``last``.
    """
    for x in range(first, now.order.shape[0]):
        i = new.order[x]
        if x < q:
            now.order[x] = i
            now.delay[i] = new.delay[i]
            now.start[i] = new.start[i]
            now.active[x] = new.active[x]
        else:
            now.start[i] += shift
        latency = now.start[i] + sizes.output[i] - sizes.arrival[i]
        work.before[x + 1] = work.before[x] + latency
    for x in range(last, -1, -1):
        arrival = sizes.arrival[now.order[x]]
        work.arrives[x] = max(work.arrives[x + 1], arrival)
