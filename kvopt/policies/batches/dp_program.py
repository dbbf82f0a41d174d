"""The loops of :mod:`kvopt.policies.batches.dp`, in plain Python."""

from __future__ import annotations

import numpy as np

__all__ = ["least_metric", "needed"]

FAR = 2**60


def needed(weight, least, memory):
    """Return who can be needed in a best batch; O(n log W).

    Parameters
    ----------
    weight
        Weights, of requests by output; those of equal output by weight.
    least
        Memory that each holds at least in any batch.
    memory
        Capacity.
    """
    n = weight.size
    keep = np.zeros(n, dtype=np.bool_)
    # Fenwick tree: what those before, up to a weight, hold at least.
    tree = np.zeros(weight.max() + 2, dtype=np.int64)
    for i in range(n):
        held = least[i]
        j = weight[i] + 1
        while j > 0:
            held += tree[j]
            j -= j & -j
        keep[i] = held <= memory
        j = weight[i] + 1
        while j < tree.size:
            tree[j] += least[i]
            j += j & -j
    return keep


def least_metric(weight, output, grows, unit, memory, most):
    """Return the batch of least ``sum(o) / k^2``, and its ``sum(o)``.

    Parameters
    ----------
    weight, output, grows
        The requests, shape ``(n,)``. The ``k``-th member of a batch, in this
        order, is feasible if ``unit * (weights so far) + k * grows <= M``.
    unit
        Memory in a unit of weight.
    memory
        Capacity ``M``.
    most
        Largest number of members, ``K``.
    """
    n = weight.size
    limit = memory // unit
    best = np.full((most + 1, limit + 1), FAR, dtype=np.int64)
    best[0, 0] = 0
    # Bit w of take[i, k]: request i is the last of the k of weight w.
    take = np.zeros((n, most + 1, limit // 8 + 1), dtype=np.uint8)
    # Greatest weight that k members have so far.
    widest = np.full(most + 1, -1, dtype=np.int64)
    widest[0] = 0
    for i in range(n):
        w, o = weight[i], output[i]
        for k in range(min(i + 1, most), 0, -1):
            top = (memory - k * grows[i]) // unit - w
            top = min(top, widest[k - 1])
            if top < 0:
                continue
            fewer, more, bits = best[k - 1], best[k], take[i, k]
            for v in range(top + 1):
                total = fewer[v] + o
                if total < more[v + w]:
                    more[v + w] = total
                    bits[(v + w) >> 3] |= np.uint8(1 << ((v + w) & 7))
            widest[k] = max(widest[k], top + w)
    size, held, total = 0, 0, 0
    for k in range(1, most + 1):
        for v in range(limit + 1):
            now = best[k, v]
            if now >= FAR:
                continue
            change = now * size * size - total * k * k
            if size == 0 or change < 0 or (change == 0 and k > size):
                size, held, total = k, v, now
    batch = np.empty(size, dtype=np.int64)
    k = size
    for i in range(n - 1, -1, -1):
        if k > 0 and (take[i, k, held >> 3] >> (held & 7)) & 1:
            k -= 1
            batch[k] = i
            held -= weight[i]
    return batch, total
