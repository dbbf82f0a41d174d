"""The compiled parts of :mod:`kvopt.exact.search.state_graph`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kvopt.exact.relaxation.kernels import FAR, LOWEST
from kvopt.exact.relaxation.states import NONE
from kvopt.model.compiled import helper, kernel

__all__ = [
    "FULL",
    "NODE",
    "Arcs",
    "Bound",
    "Closing",
    "ExpansionRoom",
    "Last",
    "Opening",
    "Paths",
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

# Returned when there is no room for more; and for a node that no schedule of
# use can pass.
FULL, CUT = -1, -2

# A node while the round is made.
NODE = np.dtype(
    [
        ("state", np.int32),
        # Its number, less that of the first of the round.
        ("rank", np.int32),
        # Next node of the same usage, and of the same state; -1 for none.
        ("following", np.int32),
        ("alike", np.int32),
        ("marks", np.int64),
        # Least cost, and a bound on the cost to go.
        ("cost", np.int64),
        ("to_go", np.int64),
    ]
)


class Opening(NamedTuple):
    """What happens to a round first: falls and additions.

    Parameters
    ----------
    kind
        Column of ``added`` for each column of additions.
    added, down
        States after an addition, and after a fall; -1 for none.
    bits
        Of the mark of an item; 0 where items are not marked.
    part, own
        Part and mark of what each column adds.
    due
        Part at which items with a mark must have ended.
    """

    kind: NDArray
    added: NDArray
    down: NDArray
    bits: int
    part: NDArray
    own: NDArray
    due: NDArray


class Closing(NamedTuple):
    """What happens to a round then: ends.

    Parameters
    ----------
    first
        First column of ends.
    removed
        State after each kind of end; -1 for none.
    bits, part, own
        As in :class:`Opening`, of what ends so.
    """

    first: int
    removed: NDArray
    bits: int
    part: NDArray
    own: NDArray


class Last(NamedTuple):
    """The nodes made last, numbered from ``first``."""

    first: int
    state: NDArray
    marks: NDArray
    cost: NDArray


class Bound(NamedTuple):
    """What a path may cost, and costs to go.

    Parameters
    ----------
    allowance
        Greatest cost of a path.
    total, items
        Usage and parts of each state.
    project, row
        The guide's state for each, and its costs to go.
    pending
        Cost of the end of an item of each part that the guide does not see.
    """

    allowance: int
    total: NDArray
    items: NDArray
    project: NDArray
    row: NDArray
    pending: NDArray


class ExpansionRoom(NamedTuple):
    """Room for the nodes and arcs of half a round.

    Parameters
    ----------
    size
        Number of nodes and of arcs so far.
    nodes
        One record each.
    source, target, column
        Of the arcs.
    head, slot
        First node of each usage, and of each state; -1 for none.
    """

    size: NDArray
    nodes: NDArray
    source: NDArray
    target: NDArray
    column: NDArray
    head: NDArray
    slot: NDArray


class Arcs(NamedTuple):
    """The arcs of key ``k`` are ``at[k] .. at[k + 1] - 1``."""

    at: NDArray
    source: NDArray
    target: NDArray


class Paths(NamedTuple):
    """Prices of keys, least costs to and from each node, and the allowance."""

    prices: NDArray
    dist: NDArray
    to_go: NDArray
    allowance: int


@helper
def _to_go(bound, v):
    """Return a bound on the cost to go: pending ends, then the guide's."""
    least = np.int64(bound.row[bound.project[v]])
    for q in range(bound.items.shape[1]):
        j = bound.items[v, q]
        if j >= bound.pending.shape[0]:
            break
        least += bound.pending[j]
    return least


@helper
def _reach(room, bound, v, mark, cost):
    """Reach state ``v`` with ``mark`` at a cost; return its node.

    Or ``CUT`` when the cost and what is to go exceed the allowance, and
    ``FULL`` when there is no room.
    """
    nodes, slot = room.nodes, room.slot
    x = slot[v]
    to_go = nodes[x].to_go if x >= 0 else _to_go(bound, v)
    if cost + to_go > bound.allowance:
        return np.int64(CUT)
    while x >= 0 and nodes[x].marks != mark:
        x = nodes[x].alike
    if x >= 0:
        nodes[x].cost = min(nodes[x].cost, cost)
        return np.int64(x)
    x = room.size[0]
    if x >= nodes.shape[0]:
        return np.int64(FULL)
    node, usage = nodes[x], bound.total[v]
    node.alike = slot[v]
    slot[v] = x
    node.state = v
    node.marks = mark
    node.cost = cost
    node.to_go = to_go
    node.following = room.head[usage]
    room.head[usage] = x
    room.size[0] = x + 1
    return x


@helper
def _link(room, source, target, column):
    """Make an arc unless its target is cut; return False if all is full."""
    a = room.size[1]
    if target == FULL or a >= room.source.shape[0]:
        return False
    if target != CUT:
        room.source[a] = source
        room.target[a] = target
        room.column[a] = column
        room.size[1] = a + 1
    return True


@helper
def _begin(room):
    """Forget what was made before."""
    room.head[:] = -1
    room.slot[:] = -1
    room.size[:] = 0


@helper
def _number(room, base):
    """Have arcs lead to the numbers of nodes."""
    for a in range(room.size[1]):
        room.target[a] = base + room.nodes[room.target[a]].rank


@helper
def _overdue(parts, mark, due, bits):
    """Whether an item is at the part at which its like must have ended."""
    for q in range(parts.shape[0]):
        j = parts[q]
        if j == NONE:
            return False
        if due[(mark >> (bits * q)) & ((1 << bits) - 1)] == j:
            return True
    return False


@helper
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


@helper
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


@kernel
def open_(base, price, opening, last, bound, room):
    """Make the nodes of a round after falls and additions.

    They are found in any order, and numbered from ``base`` in order of
    total usage, which all arcs follow. Returns 0 or ``FULL``.

    Parameters
    ----------
    base
        Number of the first node.
    price
        Price of each column of arcs in this round.
    opening, last, bound, room
        See above.
    """
    _begin(room)
    for i in range(last.state.shape[0]):
        if not _fall(room, opening, last, bound, i):
            return FULL
    done = 0
    for usage in range(room.head.shape[0]):
        x = np.int64(room.head[usage])
        while x >= 0:
            room.nodes[x].rank = done
            for c in range(opening.kind.shape[0]):
                if price[1 + c] == FAR:
                    continue
                cost = room.nodes[x].cost + price[1 + c]
                y = _added(room, opening, bound, x, c, cost)
                if not _link(room, base + done, y, 1 + c):
                    return FULL
            done += 1
            x = np.int64(room.nodes[x].following)
    _number(room, base)
    return 0


@kernel
def close(base, price, closing, last, bound, room):
    """Make the nodes of a round after its ends; as :func:`open_`.

    Nodes are numbered in falling order of usage.

    Parameters
    ----------
    base, price, bound, room
        As for :func:`open_`.
    closing
        See above.
    last
        The nodes before the ends.
    """
    _begin(room)
    for i in range(last.state.shape[0]):
        x = _reach(room, bound, last.state[i], last.marks[i], last.cost[i])
        if not _link(room, last.first + i, x, closing.first - 1):
            return FULL
    done = 0
    for usage in range(room.head.shape[0] - 1, -1, -1):
        x = np.int64(room.head[usage])
        while x >= 0:
            room.nodes[x].rank = done
            for k in range(closing.removed.shape[1]):
                cost = room.nodes[x].cost + price[closing.first + k]
                y = _ended(room, closing, bound, x, k, cost)
                if not _link(room, base + done, y, closing.first + k):
                    return FULL
            done += 1
            x = np.int64(room.nodes[x].following)
    _number(room, base)
    return 0


@helper
def _fall(room, opening, last, bound, i):
    """Have node ``i`` of the round after fall; return False if all is full."""
    state, mark = last.state[i], last.marks[i]
    v = opening.down[state]
    if v < 0:
        return True
    if opening.bits and _overdue(
        bound.items[state], mark, opening.due, opening.bits
    ):
        return True
    x = _reach(room, bound, v, mark, last.cost[i])
    return _link(room, last.first + i, x, 0)


@helper
def _added(room, opening, bound, x, c, cost):
    """Return the node that the addition of column ``c`` leads to."""
    node = room.nodes[x]
    v = opening.added[node.state, opening.kind[c]]
    if v < 0:
        return np.int64(CUT)
    mark = node.marks
    if opening.bits:
        parts = bound.items[node.state]
        part, own = opening.part[c], opening.own[c]
        mark = _with(parts, mark, part, own, opening.bits)
    return _reach(room, bound, v, mark, cost)


@helper
def _ended(room, closing, bound, x, k, cost):
    """Return the node that an end of kind ``k`` leads to."""
    node = room.nodes[x]
    v = closing.removed[node.state, k]
    if v < 0:
        return np.int64(CUT)
    mark = node.marks
    if closing.bits:
        parts = bound.items[node.state]
        part, own = closing.part[k], closing.own[k]
        mark = _without(parts, mark, part, own, closing.bits)
        if mark < 0:
            return np.int64(CUT)
    return _reach(room, bound, v, mark, cost)


@kernel
def sort_arcs(keys, key, source, target, at, new_source, new_target):
    """Sort arcs by key, stably; those of key ``k`` begin at ``at[k]``.

    Parameters
    ----------
    keys
        How many keys there are.
    key, source, target
        Of each arc, shape ``(arcs,)``.
    at
        Filled, shape ``(keys + 1,)``.
    new_source, new_target
        Filled with the sorted arcs, shape ``(arcs,)``.
    """
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


@kernel
def forward(at, source, target, prices, dist):
    """Least cost from node 0 to each node; ``LOWEST`` on overflow.

    Parameters
    ----------
    at, source, target
        The arcs, as in :class:`Arcs`.
    prices
        Price of each key, ``FAR`` for arcs that are not allowed.
    dist
        Filled with the least costs, ``FAR`` for none, shape
        ``(nodes,)``.
    """
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


@kernel
def backward(at, source, target, prices, to_go):
    """Least cost from each node to the last; ``LOWEST`` on overflow.

    Parameters
    ----------
    at, source, target
        The arcs, as in :class:`Arcs`.
    prices
        Price of each key, ``FAR`` for arcs that are not allowed.
    to_go
        Filled with the least costs, ``FAR`` for none, shape
        ``(nodes,)``.
    """
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


@kernel
def trace(at, source, target, prices, dist, first, width, chosen):
    """Write the keys along one best path, last first; return how many.

    The arcs of a key are sorted by target. -1 when there is no path. Costs of
    nodes may have fallen, by another order of arcs, after they were used; the
    path then costs a little less than the value.

    Parameters
    ----------
    at, source, target
        The arcs, as in :class:`Arcs`.
    prices
        Price of each key, ``FAR`` for arcs that are not allowed.
    dist
        What :func:`forward` writes.
    first
        First node of each row, ascending.
    width
        Keys of a row.
    chosen
        Filled with the keys, the last of the path first.
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


@kernel
def least_through(at, source, target, dist, to_go, least):
    """Least cost of a path through an arc of each key, price left out.

    Parameters
    ----------
    at, source, target
        The arcs, as in :class:`Arcs`.
    dist, to_go
        What :func:`forward` and :func:`backward` write.
    least
        Filled, shape ``(keys,)``; ``2 * FAR`` for a key without arcs.
    """
    for k in range(least.shape[0]):
        best = np.int64(2) * FAR
        for a in range(at[k], at[k + 1]):
            y = np.int64(dist[source[a]]) + to_go[target[a]]
            best = min(best, y)
        least[k] = best


@kernel
def survivors(arcs, paths, number):
    """Number the nodes on paths of at most the allowance, others -1.

    Returns the number of arcs on such paths.

    Parameters
    ----------
    arcs, paths
        See above.
    number
        Filled, shape ``(nodes,)``.
    """
    nodes = 0
    for v in range(paths.dist.shape[0]):
        if np.int64(paths.dist[v]) + paths.to_go[v] <= paths.allowance:
            number[v] = nodes
            nodes += 1
        else:
            number[v] = -1
    left = 0
    for k in range(paths.prices.shape[0]):
        for a in range(arcs.at[k], arcs.at[k + 1]):
            left += _survives(arcs, paths, number, k, a)
    return left


@kernel
def shrink(arcs, paths, number, left):
    """Copy the arcs that survive to ``left``.

    Parameters
    ----------
    arcs, paths
        See above.
    number
        What :func:`survivors` writes.
    left
        Arcs that are filled, with room for as many as it has counted.
    """
    count = 0
    for k in range(paths.prices.shape[0]):
        left.at[k] = count
        for a in range(arcs.at[k], arcs.at[k + 1]):
            if _survives(arcs, paths, number, k, a):
                left.source[count] = number[arcs.source[a]]
                left.target[count] = number[arcs.target[a]]
                count += 1
    left.at[paths.prices.shape[0]] = count


@helper
def _survives(arcs, paths, number, k, a):
    """Whether arc ``a`` of key ``k`` is on a path that may be of use.

    A path that takes arcs of a round in another order than that of the keys
    may be short though its nodes are not on any other.
    """
    u, v = arcs.source[a], arcs.target[a]
    cost = np.int64(paths.dist[u]) + paths.to_go[v]
    short = cost <= paths.allowance - paths.prices[k]
    return short and number[u] >= 0 and number[v] >= 0
