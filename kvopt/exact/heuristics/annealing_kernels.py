"""The compiled parts of :mod:`kvopt.exact.heuristics.annealing`."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["anneal", "decode", "encode"]

NOWHERE = -1


@njit(cache=True, nogil=True)
def _earliest(load, memory, start, prompt, output):
    """First start, from ``start`` on, at which a request fits.

    ``NOWHERE`` when it would end after the last round of ``load``. A
    round that is over by ``v`` stays over until the request starts ``v``
    rounds later, or after that round.
    """
    while True:
        if start + output >= load.shape[0]:
            return NOWHERE
        t = start + output
        over = 0
        while t > start:
            over = load[t] + prompt + t - start - memory
            if over > 0:
                break
            t -= 1
        if t == start:
            return start
        start = min(start + over, t)


@njit(cache=True, nogil=True)
def _fill(load, start, prompt, output, sign):
    for t in range(start + 1, start + output + 1):
        load[t] += sign * (prompt + t - start)


@njit(cache=True, nogil=True)
def decode(order, delay, first, load, memory, arrival, prompt, output, start):
    """Place ``order[first:]``; return the sum of their latencies, or -1.

    Each request takes the first start that fits, and then passes over as
    many fitting starts as its delay says. ``load`` holds those before.
    """
    total = 0
    for k in range(first, order.shape[0]):
        i = order[k]
        p = _earliest(load, memory, arrival[i], prompt[i], output[i])
        for _ in range(delay[i]):
            if p == NOWHERE:
                break
            p = _earliest(load, memory, p + 1, prompt[i], output[i])
        if p == NOWHERE:
            return -1
        start[i] = p
        _fill(load, p, prompt[i], output[i], 1)
        total += p + output[i] - arrival[i]
    return total


@njit(cache=True, nogil=True)
def encode(order, start, load, memory, arrival, prompt, output, delay):
    """Write the delays with which ``order`` gives the schedule ``start``."""
    for k in range(order.shape[0]):
        i = order[k]
        p = arrival[i]
        delay[i] = 0
        while True:
            p = _earliest(load, memory, p, prompt[i], output[i])
            if p == NOWHERE or p >= start[i]:
                break
            delay[i] += 1
            p += 1
        _fill(load, start[i], prompt[i], output[i], 1)


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _change(rng, order, delay):
    """Change an order or a delay at random; return where it began."""
    n = order.shape[0]
    r = rng.random()
    x = int(rng.random() * n)
    y = int(rng.random() * n)
    if r < 0.45:
        if rng.random() < 0.6:
            y = min(max(x - 8 + int(rng.random() * 17), 0), n - 1)
        _rotate(order, x, y)
        return min(x, y)
    if r < 0.75:
        order[x], order[y] = order[y], order[x]
        return min(x, y)
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
            return min(x, y)
    i = order[x]
    if delay[i] > 0 and rng.random() < 0.6:
        delay[i] = 0 if rng.random() < 0.5 else delay[i] - 1
    elif rng.random() < 0.5:
        delay[i] += 1
    else:
        delay[i] += 1 + int(rng.random() * 3)
    return x


@njit(cache=True, nogil=True)
def anneal(
    rng, order, delay, start, best_start, values, begin, stop, total,
    hot, cold, memory, arrival, prompt, output, rounds,
):  # fmt: skip
    """Run iterations ``begin .. stop-1`` of ``total``.

    ``values`` holds the present and the best total latency; ``start`` and
    ``best_start`` the schedules. All are updated. ``O(n * sum(o))`` an
    iteration at worst.
    """
    n = order.shape[0]
    load = np.zeros(rounds + 1, np.int64)
    new_order = order.copy()
    new_delay = delay.copy()
    new_start = start.copy()
    end = 0
    for i in range(n):
        end = max(end, start[i] + output[i])
    fall = np.log(cold / hot)
    for k in range(begin, stop):
        heat = hot * np.exp(fall * k / total)
        new_order[:] = order
        new_delay[:] = delay
        first = _change(rng, new_order, new_delay)
        load[: end + 1] = 0
        latency = 0
        for q in range(first):
            i = order[q]
            _fill(load, start[i], prompt[i], output[i], 1)
            new_start[i] = start[i]
            latency += start[i] + output[i] - arrival[i]
        rest = decode(
            new_order, new_delay, first, load, memory, arrival, prompt,
            output, new_start,
        )  # fmt: skip
        if rest < 0:
            # Placed partly, anywhere: forget all of it.
            load[:] = 0
            continue
        for i in range(n):
            end = max(end, new_start[i] + output[i])
        latency += rest
        worse = latency - values[0]
        if worse <= 0 or rng.random() < np.exp(-worse / heat):
            values[0] = latency
            order[:] = new_order
            delay[:] = new_delay
            start[:] = new_start
            if latency < values[1]:
                values[1] = latency
                best_start[:] = new_start
