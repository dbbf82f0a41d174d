"""The compiled part of :mod:`kvopt.exact.few_types.online`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kvopt.model.compiled import entry, helper, inner

__all__ = ["Configurations", "search"]

FAR = 2**62

# Columns of a state of a round; then its queue, by type.
COST, CONFIGURATION, NODE, QUEUE = range(4)
# Columns of a candidate for the next round; then its queue.
ESTIMATE, PAID, AFTER, FROM, STARTS, WAITING = range(6)


class Configurations(NamedTuple):
    """What a worker can do.

    Parameters
    ----------
    outputs
        Output lengths by type, shape ``(K,)``.
    first, starts, following
        What can start in configuration ``c``: rows ``first[c]`` to
        ``first[c+1]`` of ``starts``, counts by type; ``following`` is the
        configuration one round later.
    running, left
        Number of running requests of a configuration, and the rounds that
        they have left in all.
    better_first, better
        Configurations that dominate ``c``, as rows of ``better``.
    upper_sets
        Sets of types that contain with a type every larger one, as rows of
        0 and 1, shape ``(U, K)``.
    """

    outputs: NDArray
    first: NDArray
    starts: NDArray
    following: NDArray
    running: NDArray
    left: NDArray
    better_first: NDArray
    better: NDArray
    upper_sets: NDArray


@inner
def _grown(rows, size):
    """Return ``rows`` with room for ``size`` of them."""
    if size <= rows.shape[0]:
        return rows
    larger = np.empty((max(size, 2 * rows.shape[0]), rows.shape[1]), np.int64)
    larger[: rows.shape[0]] = rows
    return larger


@entry
def search(queue, configuration, arrivals, worker, width):
    """Go through the rounds, keeping the states that nothing dominates.

    Parameters
    ----------
    queue, configuration
        The state before the first round: waiting requests by type, shape
        ``(K,)``, and number of the worker's configuration.
    arrivals
        Arrivals by round and type, shape ``(T, K)``.
    worker
        Its configurations.
    width
        Largest number of states kept of a round.

    Returns
    -------
    tuple
        Cost of the best complete path; least estimate of a state that was
        left out because of ``width``, or that cost if it is less; the nodes,
        one row each: parent node, row of ``starts`` that led to it; number of
        the final node; largest number of states of a round.
    """
    types = worker.outputs.size
    rounds = arrivals.shape[0]
    ahead = _ahead(arrivals, worker.outputs)
    nodes = np.empty((1024, 2), np.int64)
    nodes[0] = -1
    total = 1
    layer = np.empty((64, QUEUE + types), np.int64)
    layer[0, COST] = 0
    layer[0, CONFIGURATION] = configuration
    layer[0, NODE] = 0
    layer[0, QUEUE:] = queue
    size = 1
    made = np.empty((1024, WAITING + types), np.int64)
    heads = np.full(worker.running.size, -1, np.int64)
    lost = FAR
    best, best_node = FAR, -1
    most = 1
    t = 0
    while size:
        count = 0
        for i in range(size):
            if t < rounds:
                layer[i, QUEUE:] += arrivals[t]
            c = layer[i, CONFIGURATION]
            room = count + worker.first[c + 1] - worker.first[c]
            made = _grown(made, room)
            rest = ahead[min(t + 1, rounds)]
            count = _start(worker, layer, i, rest, made, count)
        # A state is dominated by none of a larger estimate, and by none of
        # the same estimate and a larger cost.
        order = np.argsort(made[:count, PAID], kind="mergesort")
        order = order[np.argsort(made[order, ESTIMATE], kind="mergesort")]
        room = min(count, width + 1)
        links = np.empty(room, np.int64)
        sums = np.empty((room, worker.upper_sets.shape[0]), np.int64)
        known = heads, links, sums
        kept, dropped = _undominated(worker, made, order, known, best, width)
        lost = min(lost, dropped)
        parents = layer[:size, NODE].copy()
        if kept > layer.shape[0]:
            layer = np.empty((2 * kept, QUEUE + types), np.int64)
        nodes = _grown(nodes, total + kept)
        size = 0
        for j in range(kept):
            new = made[order[j]]
            nodes[total, 0] = parents[new[FROM]]
            nodes[total, 1] = new[STARTS]
            if t + 1 >= rounds and _is_empty(worker, new):
                if new[PAID] < best:
                    best, best_node = new[PAID], total
            else:
                layer[size, COST] = new[PAID]
                layer[size, CONFIGURATION] = new[AFTER]
                layer[size, NODE] = total
                layer[size, QUEUE:] = new[WAITING:]
                size += 1
            total += 1
        most = max(most, kept)
        t += 1
    return best, min(lost, best), nodes[:total], best_node, most


@inner
def _ahead(arrivals, outputs):
    """Return the rounds that what arrives from each round on will need."""
    rounds = arrivals.shape[0]
    ahead = np.zeros(rounds + 1, np.int64)
    for t in range(rounds - 1, -1, -1):
        ahead[t] = ahead[t + 1]
        for k in range(outputs.shape[0]):
            ahead[t] += arrivals[t, k] * outputs[k]
    return ahead


@helper
def _start(worker, layer, i, rest, made, count):
    """Write what can be started in state ``i``; return how many there are.

    ``rest`` is what requests that are yet to arrive will need.
    """
    types = worker.outputs.shape[0]
    c = layer[i, CONFIGURATION]
    paid = layer[i, COST] + worker.running[c]
    for k in range(types):
        paid += layer[i, QUEUE + k]
    for e in range(worker.first[c], worker.first[c + 1]):
        possible = True
        for k in range(types):
            if worker.starts[e, k] > layer[i, QUEUE + k]:
                possible = False
                break
        if not possible:
            continue
        after = worker.following[e]
        estimate = paid + rest + worker.left[after]
        for k in range(types):
            waiting = layer[i, QUEUE + k] - worker.starts[e, k]
            made[count, WAITING + k] = waiting
            estimate += waiting * worker.outputs[k]
        made[count, ESTIMATE] = estimate
        made[count, PAID] = paid
        made[count, AFTER] = after
        made[count, FROM] = i
        made[count, STARTS] = e
        count += 1
    return count


@helper
def _undominated(worker, made, order, known, best, width):
    """Keep at most ``width`` candidates that none dominates.

    Puts them first in ``order``; returns how many, and the least estimate of
    those left out because of ``width``. ``known`` is room for lists of those
    kept by configuration, and for what waits of each upper set. Candidates
    whose estimate reaches ``best`` are left out.
    """
    heads, links, sums = known
    heads[:] = -1
    kept = 0
    for j in range(order.shape[0]):
        i = order[j]
        if made[i, ESTIMATE] >= best:  # so are all after it
            break
        for u in range(sums.shape[1]):
            value = 0
            for k in range(worker.outputs.shape[0]):
                value += worker.upper_sets[u, k] * made[i, WAITING + k]
            sums[kept, u] = value
        if _is_dominated(worker, made, order, known, i, kept):
            continue
        if kept == width:
            return kept, made[i, ESTIMATE]
        # order[kept] is free: kept <= j.
        c = made[i, AFTER]
        order[kept] = i
        links[kept] = heads[c]
        heads[c] = kept
        kept += 1
    return kept, np.int64(FAR)


@helper
def _is_dominated(worker, made, order, known, i, kept):
    """Whether one of those kept dominates candidate ``i``."""
    heads, links, sums = known
    c = made[i, AFTER]
    for b in range(worker.better_first[c], worker.better_first[c + 1]):
        other = heads[worker.better[b]]
        while other >= 0:
            if made[order[other], PAID] <= made[i, PAID]:
                dominated = True
                for u in range(sums.shape[1]):
                    if sums[other, u] > sums[kept, u]:
                        dominated = False
                        break
                if dominated:
                    return True
            other = links[other]
    return False


@helper
def _is_empty(worker, candidate):
    """Whether nothing runs or waits."""
    if worker.running[candidate[AFTER]] != 0:
        return False
    for k in range(worker.outputs.shape[0]):
        if candidate[WAITING + k]:
            return False
    return True
