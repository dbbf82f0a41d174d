"""The compiled parts of :mod:`kvopt.exact.search.network`."""

from __future__ import annotations

import numpy as np

from kvopt.exact.relaxation.kernels import FAR, LOWEST
from kvopt.exact.relaxation.states import NONE
from kvopt.model.compiled import entry, inner

__all__ = [
    "FULL",
    "backward",
    "close",
    "forward",
    "least_through",
    "open_",
    "shrink",
    "sort_arcs",
    "survivors",
    "trace",
]

# Returned by ``open_`` and ``close`` when their output is full.
FULL = -1


@inner
def _to_go(v, items, pending, project, row):
    """Return a bound on the cost to go: pending ends, then the guide's."""
    least = np.int64(row[project[v]])
    for q in range(items.shape[1]):
        j = items[v, q]
        if j >= pending.shape[0]:
            break
        least += pending[j]
    return least


@inner
def _reach(
    v, mark, reached, allowance, total, items, pending, project, row,
    nodes, state, marks, cost, low, following, alike, head, slot,
):  # fmt: skip
    """Reach state ``v`` with ``mark`` at a cost; return its node.

    Also the number of nodes. The node is -1 when the cost and what is to go
    exceed the allowance, and the number ``FULL`` when there is no room.
    """
    x = slot[v]
    least = low[x] if x >= 0 else _to_go(v, items, pending, project, row)
    if reached + least > allowance:
        return -1, nodes
    while x >= 0 and marks[x] != mark:
        x = alike[x]
    if x >= 0:
        cost[x] = min(cost[x], reached)
        return x, nodes
    if nodes >= state.shape[0]:
        return -1, FULL
    alike[nodes] = slot[v]
    slot[v] = nodes
    state[nodes] = v
    marks[nodes] = mark
    cost[nodes] = reached
    low[nodes] = least
    following[nodes] = head[total[v]]
    head[total[v]] = nodes
    return nodes, nodes + 1


@inner
def _overdue(parts, mark, due, bits):
    """Whether an item is at the part at which its like must have ended."""
    for q in range(parts.shape[0]):
        j = parts[q]
        if j == NONE:
            return False
        if due[(mark >> (bits * q)) & ((1 << bits) - 1)] == j:
            return True
    return False


@inner
def _with(parts, mark, part, own, bits):
    """Return the marks with that of a new item, parts and marks rising."""
    one = (1 << bits) - 1
    q = 0
    while q < parts.shape[0] and parts[q] <= part:
        if parts[q] == part and (mark >> (bits * q)) & one > own:
            break
        q += 1
    below = mark & ((1 << (bits * q)) - 1)
    above = mark >> (bits * q)
    return below | own << (bits * q) | above << (bits * (q + 1))


@inner
def _without(parts, mark, part, own, bits):
    """Return the marks without that of an item; -1 if there is none."""
    one = (1 << bits) - 1
    for q in range(parts.shape[0]):
        if parts[q] > part:
            break
        if parts[q] == part and (mark >> (bits * q)) & one == own:
            below = mark & ((1 << (bits * q)) - 1)
            above = mark >> (bits * (q + 1))
            return below | above << (bits * q)
    return -1


@entry
def open_(
    base, price, kind, added, down, bits, part, own, due,
    last_state, last_marks, last_cost, last_first,
    allowance, total, items, pending, project, row,
    state, marks, cost, low, following, alike, head, slot, rank,
    source, target, column, counts,
):  # fmt: skip
    """Make the nodes of a round after falls and additions.

    They are found in any order, and numbered from ``base`` in order of
    total usage, which all arcs follow. ``rank`` gets the numbers, less
    ``base``; ``counts`` the number of nodes and of arcs. Returns 0 or
    ``FULL``.

    Parameters
    ----------
    base
        Number of the first node.
    price, kind
        Of the round: price of each column of arcs, column of ``added`` for
        each column of additions.
    added, down
        States after an addition, and after a fall; -1 for none.
    bits, part, own, due
        Bits of the mark of an item, 0 where items are not marked; part and
        mark of an item of each kind; part at which those with a mark must
        have ended.
    last_state, last_marks, last_cost, last_first
        Nodes of the round after, numbered from ``last_first``.
    allowance
        Greatest cost of a path.
    total, items
        Usage and parts of each state.
    pending, project, row
        See :func:`_to_go`.
    state, marks, cost, low, following, alike, head, slot
        Of the nodes: state, marks, least cost, bound on the cost to go, next
        node with the same usage, next one with the same state; first node
        of each usage, and of each state.
    """
    head[:] = -1
    slot[:] = -1
    nodes = np.int64(0)
    arcs = 0
    room = source.shape[0]
    for i in range(last_state.shape[0]):
        v = down[last_state[i]]
        if v < 0:
            continue
        mark = last_marks[i]
        if bits and _overdue(items[last_state[i]], mark, due, bits):
            continue
        x, nodes = _reach(
            v, mark, last_cost[i], allowance, total, items, pending, project,
            row, nodes, state, marks, cost, low, following, alike, head, slot,
        )  # fmt: skip
        if nodes == FULL or arcs >= room:
            return FULL
        if x >= 0:
            source[arcs] = last_first + i
            target[arcs] = x
            column[arcs] = 0
            arcs += 1
    done = 0
    for usage in range(head.shape[0]):
        node = head[usage]
        while node >= 0:
            rank[node] = done
            for c in range(kind.shape[0]):
                w = price[1 + c]
                if w == FAR:
                    continue
                v = added[state[node], kind[c]]
                if v < 0:
                    continue
                mark = marks[node]
                if bits:
                    mark = _with(
                        items[state[node]], mark, part[c], own[c], bits
                    )
                x, nodes = _reach(
                    v, mark, cost[node] + w, allowance, total, items,
                    pending, project, row, nodes, state, marks, cost, low,
                    following, alike, head, slot,
                )  # fmt: skip
                if nodes == FULL or arcs >= room:
                    return FULL
                if x >= 0:
                    source[arcs] = base + done
                    target[arcs] = x
                    column[arcs] = 1 + c
                    arcs += 1
            done += 1
            node = following[node]
    for a in range(arcs):
        target[a] = base + rank[target[a]]
    counts[0] = nodes
    counts[1] = arcs
    return 0


@entry
def close(
    base, price, first_end, removed, bits, part, own,
    last_state, last_marks, last_cost, last_first,
    allowance, total, items, pending, project, row,
    state, marks, cost, low, following, alike, head, slot, rank,
    source, target, column, counts,
):  # fmt: skip
    """Make the nodes of a round after its ends; as :func:`open_`.

    ``last_*`` are the nodes before the ends; ``removed`` has the state after
    each kind of end, of which ``first_end`` is the first column; ``part`` and
    ``own`` what ends so. Nodes are numbered in falling order of usage.
    """
    head[:] = -1
    slot[:] = -1
    nodes = np.int64(0)
    arcs = 0
    room = source.shape[0]
    for i in range(last_state.shape[0]):
        x, nodes = _reach(
            last_state[i], last_marks[i], last_cost[i], allowance, total,
            items, pending, project, row, nodes, state, marks, cost, low,
            following, alike, head, slot,
        )  # fmt: skip
        if nodes == FULL or arcs >= room:
            return FULL
        if x >= 0:
            source[arcs] = last_first + i
            target[arcs] = x
            column[arcs] = first_end - 1
            arcs += 1
    done = 0
    for usage in range(head.shape[0] - 1, -1, -1):
        node = head[usage]
        while node >= 0:
            rank[node] = done
            for k in range(removed.shape[1]):
                v = removed[state[node], k]
                if v < 0:
                    continue
                mark = marks[node]
                if bits:
                    mark = _without(
                        items[state[node]], mark, part[k], own[k], bits
                    )
                    if mark < 0:
                        continue
                x, nodes = _reach(
                    v, mark, cost[node] + price[first_end + k], allowance,
                    total, items, pending, project, row, nodes, state, marks,
                    cost, low, following, alike, head, slot,
                )  # fmt: skip
                if nodes == FULL or arcs >= room:
                    return FULL
                if x >= 0:
                    source[arcs] = base + done
                    target[arcs] = x
                    column[arcs] = first_end + k
                    arcs += 1
            done += 1
            node = following[node]
    for a in range(arcs):
        target[a] = base + rank[target[a]]
    counts[0] = nodes
    counts[1] = arcs
    return 0


@entry
def sort_arcs(keys, key, source, target, at, new_source, new_target):
    """Sort arcs by key, stably; those of key ``k`` begin at ``at[k]``."""
    at[:] = 0
    for a in range(key.shape[0]):
        at[key[a] + 1] += 1
    for k in range(keys):
        at[k + 1] += at[k]
    for a in range(key.shape[0]):
        k = key[a]
        new_source[at[k]] = source[a]
        new_target[at[k]] = target[a]
        at[k] += 1
    for k in range(keys, 0, -1):
        at[k] = at[k - 1]
    at[0] = 0


@entry
def forward(at, source, target, prices, dist):
    """Least cost from node 0 to each node; ``LOWEST`` on overflow."""
    dist[:] = FAR
    dist[0] = 0
    for k in range(prices.shape[0]):
        w = prices[k]
        if w == FAR:
            continue
        for a in range(at[k], at[k + 1]):
            y = dist[source[a]] + w
            z = dist[target[a]]
            dist[target[a]] = min(y, z)
    low = np.int32(0)
    for v in range(dist.shape[0]):
        low = min(low, dist[v])
    if low < LOWEST:
        return np.int32(LOWEST)
    return dist[dist.shape[0] - 1]


@entry
def backward(at, source, target, prices, to_go):
    """Least cost from each node to the last; ``LOWEST`` on overflow."""
    to_go[:] = FAR
    to_go[to_go.shape[0] - 1] = 0
    for k in range(prices.shape[0] - 1, -1, -1):
        w = prices[k]
        if w == FAR:
            continue
        for a in range(at[k + 1] - 1, at[k] - 1, -1):
            y = to_go[target[a]] + w
            z = to_go[source[a]]
            to_go[source[a]] = min(y, z)
    low = np.int32(0)
    for v in range(to_go.shape[0]):
        low = min(low, to_go[v])
    if low < LOWEST:
        return np.int32(LOWEST)
    return to_go[0]


@entry
def trace(at, source, target, prices, dist, first, width, chosen):
    """Write the keys along one best path, last first; return how many.

    ``first[r]``: first node of row ``r`` of ``width`` keys. The arcs of a
    key are sorted by target. Returns -1 when there is no path. Costs of
    nodes may have fallen, by another order of arcs, after they were used; the
    path then costs a little less than the value.
    """
    count = 0
    v = dist.shape[0] - 1
    row = first.shape[0] - 1
    while v > 0:
        while first[row] > v:
            row -= 1
        found = False
        for k in range(row * width, (row + 1) * width):
            w = prices[k]
            if w == FAR:
                continue
            low = at[k]
            high = at[k + 1]
            while low < high:
                middle = (low + high) // 2
                if target[middle] < v:
                    low = middle + 1
                else:
                    high = middle
            while low < at[k + 1] and target[low] == v:
                if dist[source[low]] + w <= dist[v]:
                    found = True
                    break
                low += 1
            if found:
                chosen[count] = k
                count += 1
                v = source[low]
                break
        if not found:
            return -1
    return count


@entry
def least_through(at, source, target, dist, to_go, least):
    """Least cost of a path through an arc of each key, price left out."""
    for k in range(least.shape[0]):
        best = np.int64(2) * FAR
        for a in range(at[k], at[k + 1]):
            y = np.int64(dist[source[a]]) + to_go[target[a]]
            best = min(best, y)
        least[k] = best


@entry
def survivors(at, source, target, prices, dist, to_go, allowance, number):
    """Number the nodes on paths of cost at most ``allowance``, else -1.

    Returns the number of arcs on such paths.
    """
    nodes = 0
    for v in range(dist.shape[0]):
        if np.int64(dist[v]) + to_go[v] <= allowance:
            number[v] = nodes
            nodes += 1
        else:
            number[v] = -1
    arcs = 0
    for k in range(prices.shape[0]):
        most = allowance - prices[k]
        for a in range(at[k], at[k + 1]):
            u = source[a]
            v = target[a]
            y = np.int64(dist[u]) + to_go[v]
            # A path that takes arcs of a round in another order than that of
            # the keys may be short though its nodes are not on any other.
            arcs += y <= most and number[u] >= 0 and number[v] >= 0
    return arcs


@entry
def shrink(
    at, source, target, prices, dist, to_go, allowance, number,
    new_at, new_source, new_target,
):  # fmt: skip
    """Copy the arcs that survive."""
    arcs = 0
    for k in range(prices.shape[0]):
        new_at[k] = arcs
        most = allowance - prices[k]
        for a in range(at[k], at[k + 1]):
            u = number[source[a]]
            v = number[target[a]]
            y = np.int64(dist[source[a]]) + to_go[target[a]]
            if y <= most and u >= 0 and v >= 0:
                new_source[arcs] = u
                new_target[arcs] = v
                arcs += 1
    new_at[prices.shape[0]] = arcs
