"""Each request's best start at given prices of memory, compiled.

Both functions work on floats while prices are improved, and on integers for
what is stated.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

__all__ = ["Buckets", "Requests", "least_costs", "usage"]


class Buckets(NamedTuple):
    """A price of one unit of memory for each bucket of rounds.

    Bucket ``b`` has the rounds ``edges[b] + 1 .. edges[b + 1]``; the last
    one has all later rounds, and price 0.

    Parameters
    ----------
    edges
        Rising from 0, the last beyond every round, shape ``(B + 2,)``.
    price
        Price in each bucket, shape ``(B + 1,)``.
    sums, moments
        Sums of price and of round times price over the rounds up to the
        bucket's first edge, shape ``(B + 1,)``.
    """

    edges: Any
    price: Any
    sums: Any
    moments: Any


class Requests(NamedTuple):
    """Prompts, outputs and arrivals, each of shape ``(n,)``."""

    prompt: Any
    output: Any
    arrival: Any


@njit(cache=True)
def least_costs(
    buckets: Buckets, requests: Requests, unit: Any, costs: Any, starts: Any
) -> None:
    """Find the start with the least latency plus price of memory.

    As long as a start ``p`` and its completion stay in their buckets, the
    cost is a polynomial of degree two in ``p``.

    Parameters
    ----------
    buckets, requests
        See above.
    unit
        What a round of latency counts.
    costs
        Filled with the least cost of each request: ``unit`` times its
        latency, plus the price of what it holds; shape ``(n,)``.
    starts
        Filled with the start rounds of that cost; shape ``(n,)``.
    """
    edges, price, sums, moments = buckets
    last = edges[edges.size - 2]
    for i in range(requests.prompt.size):
        prompt, output = requests.prompt[i], requests.output[i]
        p = arrival = requests.arrival[i]
        b = c = 0
        best, at = costs[i], -1
        while True:
            while edges[b + 1] <= p:
                b += 1
            while edges[c + 1] <= p + output:
                c += 1
            high = min(edges[b + 1], edges[c + 1] - output)
            # Costs at p, and what waiting for one round more adds.
            before = sums[b] + price[b] * (p - edges[b])
            end = p + output
            after = sums[c] + price[c] * (end - edges[c])
            twice = p * (p + 1) - edges[b] * (edges[b] + 1)
            held = -(moments[b] + price[b] * (twice // 2))
            twice = end * (end + 1) - edges[c] * (edges[c] + 1)
            held += moments[c] + price[c] * (twice // 2)
            held += (prompt - p) * (after - before)
            cost = unit * (end - arrival) + held
            if at < 0 or cost < best:
                best, at = cost, p
            # Prices are not negative: no later start is better.
            if p >= last or unit * (end - arrival) >= best:
                break
            more = unit + (prompt + output) * price[c] - prompt * price[b]
            more -= after - before
            bend = price[b] - price[c]
            if more < 0 and bend > 0:
                k = min((-more) // bend, high - p - 1)
                for j in range(2):
                    steps = k + j
                    inside = cost + steps * more
                    inside += bend * (steps * (steps - 1) // 2)
                    if inside < best:
                        best, at = inside, p + int(steps)
            p = high
        costs[i], starts[i] = best, at


@njit(cache=True)
def usage(edges: Any, requests: Requests, starts: Any, used: Any) -> None:
    """Add up the units times rounds that are held in each bucket.

    Parameters
    ----------
    edges
        As in :class:`Buckets`, shape ``(B + 2,)``.
    requests
        See above.
    starts
        Start rounds, shape ``(n,)``.
    used
        Filled with units times rounds, shape ``(B,)``.
    """
    used[:] = 0
    for i in range(starts.size):
        start, output = starts[i], requests.output[i]
        b = np.searchsorted(edges, start, side="right") - 1
        while b < used.size and edges[b] < start + output:
            first = max(1, edges[b] + 1 - start)
            last = min(output, edges[b + 1] - start)
            held = 2 * requests.prompt[i] + first + last
            used[b] += held * (last - first + 1) / 2
            b += 1
