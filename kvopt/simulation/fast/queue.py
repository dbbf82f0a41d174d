"""Orders in compiled code: the queue as a heap or a sorted list; ranks."""

from __future__ import annotations

import numpy as np

from kvopt.model.compiled import inner
from kvopt.simulation.fast import state as slots
from kvopt.simulation.fast.tree import set_leaf

__all__ = ["enqueue", "pop", "push", "put", "ranked"]


@inner
def enqueue(skip, requests, queue, tree, state, i):
    """Put a request into the queue, which holds ``state.waiting``.

    Returns whether the queue may now begin with another one that fits.

    Parameters
    ----------
    skip
        What happens at the first misfit: a code of :mod:`.state`.
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    queue
        Rows of the waiting requests; see :mod:`.state`.
    tree
        With ``SKIP_BY_PROMPT``: the tree of :mod:`.tree`; else empty.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    i
        Request number.
    """
    if skip == slots.SKIP:
        put(queue, state, requests, i)
        return True
    if skip == slots.SKIP_BY_PROMPT:
        set_leaf(tree, queue[slots.PLACE, i], requests[i].prompt)
        return True
    push(queue, state.waiting, requests[i].key, i)
    return queue[slots.WAITING, 0] == i


@inner
def push(queue, size, key, request):
    """Add a request to a binary heap by (key, request); O(log n).

    The row ``KEYS`` has the keys place by place: looking them up by request
    would miss the cache at every step of a long queue.

    Parameters
    ----------
    queue
        Rows of the waiting requests; see :mod:`.state`.
    size
        How many are in it.
    key
        Sort key.
    request
        Request number.
    """
    i = size
    while i > 0:
        parent = (i - 1) // 2
        if queue[slots.KEYS, parent] < key or (
            queue[slots.KEYS, parent] == key
            and queue[slots.WAITING, parent] < request
        ):
            break
        queue[slots.WAITING, i] = queue[slots.WAITING, parent]
        queue[slots.KEYS, i] = queue[slots.KEYS, parent]
        i = parent
    queue[slots.WAITING, i] = request
    queue[slots.KEYS, i] = key


@inner
def pop(queue, size):
    """Remove the first request of a heap of ``size``; O(log n)."""
    n = size - 1
    last, key = queue[slots.WAITING, n], queue[slots.KEYS, n]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        right = child + 1
        if right < n and (
            queue[slots.KEYS, right] < queue[slots.KEYS, child]
            or (
                queue[slots.KEYS, right] == queue[slots.KEYS, child]
                and queue[slots.WAITING, right] < queue[slots.WAITING, child]
            )
        ):
            child = right
        if key < queue[slots.KEYS, child] or (
            key == queue[slots.KEYS, child]
            and last < queue[slots.WAITING, child]
        ):
            break
        queue[slots.WAITING, i] = queue[slots.WAITING, child]
        queue[slots.KEYS, i] = queue[slots.KEYS, child]
        i = child
    if n > 0:
        queue[slots.WAITING, i] = last
        queue[slots.KEYS, i] = key


@inner
def put(queue, state, requests, request):
    """Insert a request into a list sorted by (key, request); O(size).

    The list begins at ``state.head``; the shorter side makes room.

    Parameters
    ----------
    queue
        Rows of the waiting requests; see :mod:`.state`.
    state
        The record of what changes: ``STATE_RECORD`` of :mod:`.state`.
    requests
        Records ``REQUEST`` of :mod:`.state`, shape ``(n,)``.
    request
        Request number.
    """
    head, end = state.head, state.head + state.waiting
    low, high = head, end
    key = requests[request].key
    while low < high:
        middle = (low + high) // 2
        other = queue[slots.WAITING, middle]
        if requests[other].key < key or (
            requests[other].key == key and other < request
        ):
            low = middle + 1
        else:
            high = middle
    full = end == queue.shape[1]
    if head > 0 and (full or low - head < end - low):
        for i in range(head, low):
            queue[slots.WAITING, i - 1] = queue[slots.WAITING, i]
        queue[slots.WAITING, low - 1] = request
        state.head = head - 1
        return
    for i in range(end, low, -1):
        queue[slots.WAITING, i] = queue[slots.WAITING, i - 1]
    queue[slots.WAITING, low] = request


@inner
def ranked(first, second, third):
    """Return the positions by (first, second, third); O(k log k).

    A heap sort of our own: the library's sort takes longer to compile than
    the whole engine.

    Parameters
    ----------
    first, second, third
        Keys, the most important first, shape ``(k,)`` each.
    """
    k = first.size
    order = np.empty(k, dtype=np.int64)
    for j in range(k):
        order[j] = j
    for root in range(k // 2 - 1, -1, -1):
        _sift(order, root, k, first, second, third)
    for size in range(k - 1, 0, -1):
        order[0], order[size] = order[size], order[0]
        _sift(order, 0, size, first, second, third)
    return order


@inner
def _sift(order, root, size, first, second, third):
    """Let the root of a heap with the greatest on top sink; O(log k)."""
    item = order[root]
    while True:
        child = 2 * root + 1
        if child >= size:
            break
        if child + 1 < size and _before(
            order[child], order[child + 1], first, second, third
        ):
            child += 1
        if not _before(item, order[child], first, second, third):
            break
        order[root] = order[child]
        root = child
    order[root] = item


@inner
def _before(i, j, first, second, third):
    """Return whether position ``i`` comes before position ``j``."""
    if first[i] != first[j]:
        return first[i] < first[j]
    if second[i] != second[j]:
        return second[i] < second[j]
    return third[i] < third[j]
