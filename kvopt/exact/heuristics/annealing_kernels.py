"""The compiled parts of :mod:`kvopt.exact.heuristics.annealing`.

Requests are placed in order of start, so only those that still run matter:
``count`` of them, ``who``, by rising completion round ``finish``; each holds
``base + t`` units in round ``t``. Memory has to be looked at in completion
rounds only, as usage grows in between.
"""

from __future__ import annotations

import numpy as np

from kvopt.model.compiled import entry, inner

__all__ = ["anneal", "decode", "encode"]


@inner
def _earliest(start, delay, count, finish, base, memory, prompt, output):
    """First start, from ``start`` on, that fits; pass over ``delay`` of them.

    All that runs must have started by ``start``. A completion round is in
    the way at most twice: as one that the request would outlast, and as one
    within which it holds too much. So ``O(count^2)`` without a delay.
    """
    low = 0
    held = prompt + output
    while True:
        while low < count and finish[low] <= start:
            low += 1
        end = start + output
        constant = 0
        running = 0
        x = count - 1
        while x >= low and finish[x] >= end:
            constant += base[x]
            running += 1
            x -= 1
        if constant + running * end + held > memory:
            # What outlasts the request only grows until the next completes.
            start = finish[x + 1] + 1 - output
            continue
        over = 0
        while x >= low:
            t = finish[x]
            constant += base[x]
            running += 1
            over = constant + running * t + prompt + t - start - memory
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


@inner
def _enter(i, start, count, finish, base, who, prompt, output):
    """Forget what has completed by ``start``, add ``i``; return the count."""
    low = 0
    while low < count and finish[low] <= start:
        low += 1
    if low > 0:
        for x in range(low, count):
            finish[x - low] = finish[x]
            base[x - low] = base[x]
            who[x - low] = who[x]
        count -= low
    end = start + output[i]
    x = count
    while x > 0 and finish[x - 1] > end:
        finish[x] = finish[x - 1]
        base[x] = base[x - 1]
        who[x] = who[x - 1]
        x -= 1
    finish[x] = end
    base[x] = prompt[i] - start
    who[x] = i
    return count + 1


@inner
def _room(n):
    """Return arrays for ``finish``, ``base`` and ``who``."""
    return (
        np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    )  # fmt: skip


@entry
def decode(
    order, delay, memory, arrival, prompt, output, start, before, active
):
    """Place requests in order; write their starts.

    ``before[q]`` gets the sum of the first ``q``, ``active[q]`` how many run
    when request ``q`` has been placed. ``O(n * active^2)`` without delays.
    """
    n = order.shape[0]
    finish, base, who = _room(n)
    count = np.int64(0)
    p = np.int64(0)
    before[0] = 0
    for q in range(n):
        i = order[q]
        p = _earliest(
            max(p, arrival[i]), delay[i], count, finish, base, memory,
            prompt[i], output[i],
        )  # fmt: skip
        start[i] = p
        count = _enter(i, p, count, finish, base, who, prompt, output)
        active[q] = count
        before[q + 1] = before[q] + p + output[i] - arrival[i]


@entry
def encode(order, start, memory, arrival, prompt, output, delay):
    """Write the delays with which ``order``, by start, gives ``start``."""
    n = order.shape[0]
    finish, base, who = _room(n)
    count = np.int64(0)
    p = np.int64(0)
    for q in range(n):
        i = order[q]
        p = max(p, arrival[i])
        delay[i] = 0
        while True:
            p = _earliest(
                p, np.int64(0), count, finish, base, memory, prompt[i],
                output[i],
            )  # fmt: skip
            if p >= start[i]:
                break
            delay[i] += 1
            p += 1
        count = _enter(i, p, count, finish, base, who, prompt, output)


@inner
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


@inner
def _change(rng, order, delay):
    """Change an order or a delay at random; return first and last place."""
    n = order.shape[0]
    r = rng.random()
    x = int(rng.random() * n)
    y = int(rng.random() * n)
    if r < 0.45:
        if rng.random() < 0.6:
            y = min(max(x - 8 + int(rng.random() * 17), 0), n - 1)
        _rotate(order, x, y)
        return min(x, y), max(x, y)
    if r < 0.75:
        order[x], order[y] = order[y], order[x]
        return min(x, y), max(x, y)
    if r < 0.85:
        length = 2 + int(rng.random() * 3)
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
    if delay[i] > 0 and rng.random() < 0.6:
        delay[i] = 0 if rng.random() < 0.5 else delay[i] - 1
    elif rng.random() < 0.5:
        delay[i] += 1
    else:
        delay[i] += 1 + int(rng.random() * 3)
    return x, x


@inner
def _shifted(shift, count, base, who, prompt, start):
    """Whether all that runs started ``shift`` later than in ``start``."""
    for x in range(count):
        i = who[x]
        if prompt[i] - base[x] - start[i] != shift:
            return False
    return True


@entry
def anneal(
    rng, order, delay, start, best_start, values, begin, stop, total,
    hot, cold, memory, arrival, prompt, output,
):  # fmt: skip
    """Run iterations ``begin .. stop-1`` of ``total``.

    ``values`` holds the present and the best total latency; ``start`` and
    ``best_start`` the schedules. All are updated. A move takes
    ``O(n * active^2)`` at worst; placing stops where the same requests run
    as before, all as much later: if no arrival is to come, the rest is that
    much later too.
    """
    n = order.shape[0]
    new_order = order.copy()
    new_delay = delay.copy()
    new_start = start.copy()
    finish, base, who = _room(n)
    before = np.zeros(n + 1, np.int64)
    arrives = np.zeros(n + 1, np.int64)
    active = np.empty(n, np.int64)
    new_active = np.empty(n, np.int64)
    decode(
        order, delay, memory, arrival, prompt, output, new_start, before,
        active,
    )  # fmt: skip
    for q in range(n - 1, -1, -1):
        arrives[q] = max(arrives[q + 1], arrival[order[q]])
    longest = output.max()
    fall = np.log(cold / hot)
    for k in range(begin, stop):
        heat = hot * np.exp(fall * k / total)
        first, last = _change(rng, new_order, new_delay)
        count = np.int64(0)
        p = np.int64(0)
        if first > 0:
            p = start[order[first - 1]]
            for q in range(first - 1, -1, -1):
                i = order[q]
                if start[i] + longest <= p:
                    break
                if start[i] + output[i] > p:
                    count = _enter(
                        i, start[i], count, finish, base, who, prompt, output
                    )
        latency = 0
        shift = 0
        q = first
        while q < n:
            i = new_order[q]
            p = _earliest(
                max(p, arrival[i]), new_delay[i], count, finish, base,
                memory, prompt[i], output[i],
            )  # fmt: skip
            new_start[i] = p
            count = _enter(i, p, count, finish, base, who, prompt, output)
            new_active[q] = count
            latency += p + output[i] - arrival[i]
            q += 1
            if last < q < n and count == active[q - 1]:
                # The last one placed before, perhaps another request.
                was = start[order[q - 1]]
                later = p - was
                free = later == 0 or min(p, was) >= arrives[q]
                if free and _shifted(later, count, base, who, prompt, start):
                    shift = later
                    break
        worse = latency + shift * (n - q) - before[q] + before[first]
        if worse <= 0 or rng.random() < np.exp(-worse / heat):
            values[0] += worse
            for x in range(first, n):
                i = new_order[x]
                if x < q:
                    order[x] = i
                    delay[i] = new_delay[i]
                    start[i] = new_start[i]
                    active[x] = new_active[x]
                else:
                    start[i] += shift
                before[x + 1] = before[x] + start[i] + output[i] - arrival[i]
            for x in range(last, -1, -1):
                arrives[x] = max(arrives[x + 1], arrival[order[x]])
            if values[0] < values[1]:
                values[1] = values[0]
                # To assign the whole would compile what reports its shape.
                for i in range(n):
                    best_start[i] = start[i]
        else:
            for x in range(first, last + 1):
                new_order[x] = order[x]
                new_delay[order[x]] = delay[order[x]]
