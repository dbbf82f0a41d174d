"""The compiled part of :mod:`kvopt.exact.few_types.online`."""

from __future__ import annotations

import numpy as np

from kvopt.model.compiled import entry, inner

__all__ = ["search"]

FAR = 2**62


@inner
def _grown(array, size):
    """Return ``array`` with room for ``size`` rows."""
    if size <= array.shape[0]:
        return array
    larger = np.empty(
        (max(size, 2 * array.shape[0]), array.shape[1]), np.int64
    )
    larger[: array.shape[0]] = array
    return larger


@entry
def search(
    queue,
    configuration,
    arrivals,
    outputs,
    first,
    starts,
    following,
    running,
    left,
    better_first,
    better,
    upper_sets,
    width,
):
    """Go through the rounds, keeping the states that nothing dominates.

    Parameters
    ----------
    queue, configuration
        The state before the first round: waiting requests by type, shape
        ``(K,)``, and number of the worker's configuration.
    arrivals
        Arrivals by round and type, shape ``(T, K)``.
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
    types = outputs.size
    sets = upper_sets.shape[0]
    rounds = arrivals.shape[0]
    # Rounds that requests will need which have yet to arrive.
    ahead = np.zeros(rounds + 1, np.int64)
    for t in range(rounds - 1, -1, -1):
        ahead[t] = ahead[t + 1]
        for k in range(types):
            ahead[t] += arrivals[t, k] * outputs[k]

    nodes = np.empty((1024, 2), np.int64)
    nodes[0] = -1
    total = 1
    # States of this round: cost, configuration, node, then the queue.
    layer = np.empty((64, 3 + types), np.int64)
    layer[0, 0] = 0
    layer[0, 1] = configuration
    layer[0, 2] = 0
    layer[0, 3:] = queue
    size = 1
    # Candidates of the next: estimate, cost, configuration, row of the
    # layer, row of starts, then the queue.
    made = np.empty((1024, 5 + types), np.int64)
    heads = np.full(running.size, -1, np.int64)
    links = np.empty(64, np.int64)
    sums = np.empty((64, sets), np.int64)
    lost = FAR
    best, best_node = FAR, -1
    most = 1
    t = 0
    while size:
        count = 0
        rest = ahead[t + 1] if t < rounds else 0
        for i in range(size):
            present = running[layer[i, 1]]
            for k in range(types):
                if t < rounds:
                    layer[i, 3 + k] += arrivals[t, k]
                present += layer[i, 3 + k]
            paid = layer[i, 0] + present
            c = layer[i, 1]
            for e in range(first[c], first[c + 1]):
                possible = True
                for k in range(types):
                    if starts[e, k] > layer[i, 3 + k]:
                        possible = False
                        break
                if not possible:
                    continue
                made = _grown(made, count + 1)
                after = following[e]
                estimate = paid + rest + left[after]
                for k in range(types):
                    waiting = layer[i, 3 + k] - starts[e, k]
                    made[count, 5 + k] = waiting
                    estimate += waiting * outputs[k]
                made[count, 0] = estimate
                made[count, 1] = paid
                made[count, 2] = after
                made[count, 3] = i
                made[count, 4] = e
                count += 1
        # A state is dominated by none of a larger estimate, and by none of
        # the same estimate and a larger cost.
        order = np.argsort(made[:count, 1], kind="mergesort")
        order = order[np.argsort(made[order, 0], kind="mergesort")]
        heads[:] = -1
        kept = 0
        parents = layer[:size, 2].copy()
        done = t + 1 >= rounds
        for j in range(count):
            i = order[j]
            cost, c = made[i, 1], made[i, 2]
            if made[i, 0] >= best:  # so are all after it
                break
            if kept + 1 > links.size:
                links = _doubled(links)
                grown = np.empty((2 * sums.shape[0], sets), np.int64)
                grown[: sums.shape[0]] = sums
                sums = grown
            for u in range(sets):
                value = 0
                for k in range(types):
                    value += upper_sets[u, k] * made[i, 5 + k]
                sums[kept, u] = value
            dominated = False
            for b in range(better_first[c], better_first[c + 1]):
                other = heads[better[b]]
                while other >= 0:
                    if made[order[other], 1] <= cost:
                        dominated = True
                        for u in range(sets):
                            if sums[other, u] > sums[kept, u]:
                                dominated = False
                                break
                        if dominated:
                            break
                    other = links[other]
                if dominated:
                    break
            if dominated:
                continue
            if kept == width:
                lost = min(lost, made[i, 0])
                break
            # order[kept] is free: kept <= j.
            order[kept] = i
            links[kept] = heads[c]
            heads[c] = kept
            kept += 1
        if kept > layer.shape[0]:
            layer = np.empty((2 * kept, 3 + types), np.int64)
        nodes = _grown(nodes, total + kept)
        size = 0
        for j in range(kept):
            i = order[j]
            nodes[total, 0] = parents[made[i, 3]]
            nodes[total, 1] = made[i, 4]
            empty = done and running[made[i, 2]] == 0
            for k in range(types):
                if made[i, 5 + k]:
                    empty = False
            if empty:
                if made[i, 1] < best:
                    best, best_node = made[i, 1], total
            else:
                layer[size, 0] = made[i, 1]
                layer[size, 1] = made[i, 2]
                layer[size, 2] = total
                layer[size, 3:] = made[i, 5:]
                size += 1
            total += 1
        most = max(most, kept)
        t += 1
    return best, min(lost, best), nodes[:total], best_node, most


@inner
def _doubled(array):
    larger = np.empty(2 * array.size, np.int64)
    larger[: array.size] = array
    return larger
