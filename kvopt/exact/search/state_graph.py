"""The Lagrangian state-space relaxation on the few states that still matter.

A layered state graph (a decision diagram) has the states of a relaxation,
round by round, that lie on a path of cost at most ``S*limit``: what a
schedule with ``TEL <= limit`` may pass through. It is found from the costs
to go of a coarser relaxation, and is so much smaller than the tables that
thresholds too fine for tables become possible, and so does linking: items
that are marked with the class of their prompt and end as one of that class.
Proofs: ``docs/theory/relaxation.md``, section on state graphs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kvopt.exact.relaxation.costs import (
    SCALE,
    Costs,
    Evaluation,
    OutOfRange,
    end_prompts,
)
from kvopt.exact.relaxation.groups import Groups
from kvopt.exact.relaxation.kernels import FAR, LOWEST
from kvopt.exact.relaxation.states import NONE, States, most_parts
from kvopt.exact.search import state_graph_kernels as kernels
from kvopt.exact.search.guide import Guide, ToGo
from kvopt.model.instance import IntArray

__all__ = [
    "BYTES_AN_ARC",
    "ArcLimit",
    "Coarser",
    "GraphTooLarge",
    "Moves",
    "Nodes",
    "StateGraph",
    "expand",
    "most_bits",
    "pending_ends",
]

# Bits for the marks of all items of a node, in one signed word.
MARK_BITS = 62
# Bytes that a state graph takes for an arc while it is made.
BYTES_AN_ARC = 40


class ArcLimit(NamedTuple):
    """How many arcs a state graph may have, and when it is given up before.

    ``excess`` and ``foretold`` are ``arcs_excess`` and ``arcs_foretold`` of
    :class:`~kvopt.model.SearchParams`.
    """

    most: int
    excess: float
    foretold: float


class GraphTooLarge(Exception):
    """A state graph has more nodes or arcs than it may."""


def most_bits(groups: Groups, threshold: int) -> int:
    """Return the bits with which every prompt has a mark of its own.

    Fewer, where the marks of all items would not fit into a word.
    """
    needed = (end_prompts(groups, threshold).size - 1).bit_length()
    return min(needed, MARK_BITS // most_parts(groups.memory, threshold))


class Moves:
    """Where additions, ends and falls lead, for the states of a threshold.

    Parameters
    ----------
    groups, states
        The requests, and the states of the threshold.
    bits
        Bits of the mark that an item has, 0 for none; at most
        :func:`most_bits` are used. Prompts are divided into ``2^bits``
        classes, neighbours together; an item ends as one of
        the class with which it was added.

    Attributes
    ----------
    column, kinds, part, mark
        Column of the additions of each group, -1 for unseen ones; of each
        column: its peak among those of ``added``, part and mark of the item.
    ends, end_mark
        Prompts as which items end, and their marks.
    due
        For each mark the part at which its items must have ended.
    """

    def __init__(self, groups: Groups, states: States, bits: int = 0) -> None:
        self.states = states
        threshold = states.threshold
        seen = groups.peak > threshold
        peaks = np.unique(groups.peak[seen])
        prompts = np.maximum(groups.prompt, threshold)
        # Falling: what a coarser threshold sees ends first, see State graph.
        self.ends = end_prompts(groups, threshold)
        self.bits = min(bits, most_bits(groups, threshold))
        place = np.arange(self.ends.size)
        self.end_mark = place * min(1 << self.bits, place.size) // place.size
        last = np.searchsorted(
            self.end_mark, np.unique(self.end_mark), "right"
        )
        self.due = self.ends[last - 1] - threshold
        mark = self.end_mark[np.searchsorted(-self.ends, -prompts)]
        sort = groups.peak * place.size + mark
        columns = np.unique(sort[seen])
        self.column = np.where(seen, np.searchsorted(columns, sort), -1)
        usage, self.mark = np.divmod(columns, place.size)
        self.kinds = np.searchsorted(peaks, usage)
        self.part = usage - threshold - 1
        self.added = np.full((len(states), peaks.size), -1, np.int32)
        for k, peak in enumerate(peaks.tolist()):
            source, target = states.additions(peak)
            self.added[source, k] = target
        self.removed = np.full((len(states), self.ends.size), -1, np.int32)
        for k, prompt in enumerate(self.ends.tolist()):
            source, target = states.additions(prompt + 1)
            self.removed[target, k] = source
        usage = np.zeros(NONE + 1, np.int64)
        usage[: states.usage.size] = states.usage
        self.total = usage[states.items].sum(axis=1)
        self.down = states.down.astype(np.int32)
        self.down[states.additions(threshold + 1)[1]] = -1

    def onto(self, coarse: States) -> IntArray:
        """Return the state of ``coarse`` for each, small usages dropped."""
        weight = np.zeros(NONE + 1, np.int64)
        for j, usage in enumerate(self.states.usage.tolist()):
            if usage > coarse.threshold:
                weight[j] = coarse.weight[coarse.part(usage)]
        return coarse.find(weight[self.states.items].sum(axis=1))


class Nodes:
    """The costs to go of a state graph; it may change, this does not."""

    def __init__(self, graph: StateGraph, to_go: NDArray) -> None:
        self.states = graph.moves.states
        self._linked = graph.moves.bits > 0
        self._state, self._to_go = graph.state, to_go
        self._open, self._closed = graph.first_open, graph.first_closed

    def row(self, t: int, opening: bool) -> NDArray:
        """Return the cost to go of each state; ``FAR`` for none."""
        # Nodes go open T, closed T, open T-1, ..
        if opening:
            some = slice(self._open[t], self._closed[t])
        else:
            last = self._open[t - 1] if t else self._to_go.size
            some = slice(self._closed[t], last)
        row = np.full(len(self.states), FAR, np.int32)
        if self._linked:
            # Whatever the prompts of the items are.
            np.minimum.at(row, self._state[some], self._to_go[some])
        else:
            row[self._state[some]] = self._to_go[some]
        return row


class StateGraph(Costs):
    """The dynamic program on the nodes and arcs of a graph without cycles.

    Filled by :func:`expand`.

    Parameters
    ----------
    groups, rounds
        As for :class:`Costs`.
    moves
        Of the threshold.

    Notes
    -----
    Arcs have keys, in the order of a sweep: rounds from the last; in each
    the fall, additions by rising peak, the turn to the ends, ends by falling
    prompt. All arcs of a key have one price. A path takes the arcs of a round
    in this order; every schedule has one such path.
    """

    def __init__(self, groups: Groups, rounds: int, moves: Moves) -> None:
        super().__init__(groups, rounds, moves.states.threshold)
        self.moves = moves
        self.adds = slice(1, 1 + moves.kinds.size)
        first = self.adds.stop + 1
        self.ends = slice(first, first + moves.ends.size)
        self.prices = np.zeros((rounds + 1, self.ends.stop), np.int32)
        self.group = np.zeros((rounds + 1, moves.kinds.size), np.int64)
        self.first_open: list[int] = []
        self.first_closed: list[int] = []

    def progress(self) -> NDArray:
        """Return the share of the arcs down to each round; one value each."""
        width = self.prices.shape[1]
        made: NDArray = self.at[width::width][::-1] / max(self.at[-1], 1)
        return made

    def price_arcs(self, lam: IntArray, nu: IntArray) -> None:
        """Set the prices of arcs for multipliers and prices."""
        self.price(lam, nu)
        adds = self.prices[::-1, self.adds]
        adds[:] = FAR
        for g in np.flatnonzero(self.seen):
            c = self.moves.column[g]
            better = self.cost[g] < adds[:, c]
            adds[better, c] = self.cost[g][better]
            self.group[better, c] = g
        adds[0] = FAR
        self.prices[::-1, self.ends] = self.end[:, self.moves.ends]

    def evaluate(self, lam: IntArray, nu: IntArray) -> int:
        """Return ``L`` on the state graph; needs clamped multipliers.

        Raises
        ------
        OutOfRange
            When a sum could leave int32.
        """
        self.price_arcs(lam, nu)
        self.path = int(
            kernels.forward(
                self.at,
                self.source,
                self.target,
                self.prices.ravel(),
                self.dist,
            )
        )
        if self.path <= LOWEST:
            raise OutOfRange
        return self.path + self.constant(lam)

    def gradient(self, lam: IntArray, nu: IntArray) -> Evaluation:
        """Return ``L`` and a supergradient of it at ``(lam, nu)``."""
        value = self.evaluate(lam, nu)
        width = self.prices.shape[1]
        count = kernels.trace(
            self.at,
            self.source,
            self.target,
            self.prices.ravel(),
            self.dist,
            np.array(self.first_open[::-1]),
            width,
            self._chosen,
        )
        if count < 0:
            raise OutOfRange
        row, column = np.divmod(self._chosen[:count], width)
        when = self.rounds - row
        adds = (column >= self.adds.start) & (column < self.adds.stop)
        ends = column >= self.ends.start
        events = np.zeros((int(adds.sum() + ends.sum()), 3), np.int64)
        events[:, 0] = np.repeat([0, 1], [adds.sum(), ends.sum()])
        events[:, 1] = np.concatenate(
            [
                self.group[when[adds], column[adds] - self.adds.start],
                self.moves.ends[column[ends] - self.ends.start],
            ]
        )
        events[:, 2] = np.concatenate([when[adds], when[ends]])
        return self.slopes(value, events, nu.shape)

    def attach(
        self,
        state: NDArray,
        at: NDArray,
        source: NDArray,
        target: NDArray,
    ) -> None:
        """Set the nodes and arcs of the graph.

        Parameters
        ----------
        state
            State of each node, shape ``(nodes,)``.
        at
            Arcs of key ``k`` are ``at[k] .. at[k + 1] - 1``; shape
            ``(keys + 1,)``.
        source, target
            Nodes of each arc, shape ``(arcs,)``; those of a key
            are sorted by target.
        """
        self.state = state
        self.at, self.source, self.target = at, source, target
        self.dist = np.full(state.size, FAR, np.int32)
        events = 2 * self.moves.states.items.shape[1] + 2
        self._chosen = np.zeros(events * (self.rounds + 1), np.int64)

    def prune(self, lam: IntArray, nu: IntArray, most: int) -> Guide | None:
        """Delete what no schedule with ``TEL <= most`` needs.

        Rounds in which a group may no longer complete are fixed as well, by
        reduced costs. None when nothing is left, else a guide.

        Parameters
        ----------
        lam
            Multiplier of each group, shape ``(groups,)``.
        nu
            Price of each bucket of rounds and each prompt, shape
            ``(buckets, prompts)``; clamped, as for
            :meth:`evaluate`.
        most
            Total latency of the schedules that are kept, at most;
            in rounds.
        """
        value = self.evaluate(lam, nu)
        allowance = most * SCALE - self.constant(lam)
        prices = self.prices.ravel()
        arcs = kernels.Arcs(self.at, self.source, self.target)
        to_go = np.empty_like(self.dist)
        if kernels.backward(*arcs, prices, to_go) <= LOWEST:
            raise OutOfRange
        if self.path > allowance:
            return None
        through = np.zeros(prices.size, np.int64)
        kernels.least_through(*arcs, self.dist, to_go, through)
        through = through.reshape(self.prices.shape)[::-1, self.adds]
        seen = self.seen
        least = self.cost.copy()
        least[seen] += through[:, self.moves.column[seen]].T
        spare = SCALE * (
            np.arange(self.rounds + 1)[None, :]
            - (self.groups.arrival + self.groups.output)[:, None]
        )
        unseen = np.where(spare >= 0, spare, int(FAR)) + self.path
        least[~seen] = unseen[~seen]
        self.allowed &= (least <= allowance).astype(np.uint8)
        paths = kernels.Paths(prices, self.dist, to_go, allowance)
        number = np.zeros(self.dist.size, np.int32)
        count = kernels.survivors(arcs, paths, number)
        source, target = np.empty((2, count), np.int32)
        left_arcs = kernels.Arcs(np.zeros_like(self.at), source, target)
        kernels.shrink(arcs, paths, number, left_arcs)
        keep = number >= 0
        left = np.flatnonzero(keep).astype(np.int32)
        # New lists: guides keep the old ones.
        self.first_open = np.searchsorted(left, self.first_open).tolist()
        self.first_closed = np.searchsorted(left, self.first_closed).tolist()
        self.attach(self.state[keep], *left_arcs)
        return Guide(self, lam, value, least, Nodes(self, to_go[keep]))


class Coarser(NamedTuple):
    """What a coarser relaxation tells of a finer state graph.

    Parameters
    ----------
    to_go
        Costs to go.
    pending
        Cost of the end of an item of each small usage in each round, shape
        ``(T + 1, usages)``, for usages that it does not see.
    progress
        Share of its arcs that it has down to each round, if it is a state
        graph, for a guess of how many there will be; None without one.
    """

    to_go: ToGo
    pending: NDArray
    progress: NDArray | None = None


def expand(
    graph: StateGraph,
    lam: IntArray,
    nu: IntArray,
    coarser: Coarser,
    most: int,
    limit: ArcLimit,
    checkpoint: Callable[[], None] = lambda: None,
) -> bool:
    """Fill ``graph`` with all that costs to go let a schedule pass.

    Parameters
    ----------
    graph
        Without nodes, at most as coarse as ``coarser``.
    lam, nu
        Multipliers of the state graph: those of ``coarser``, carried.
    coarser
        Costs to go.
    most
        Schedules with ``TEL <= most`` are kept.
    limit
        Of the arcs.
    checkpoint
        Called often; may raise.

    Returns
    -------
    bool
        False when there is no path.

    Raises
    ------
    GraphTooLarge
        When there would be more arcs, or most likely so.
    """
    graph.price_arcs(lam, nu)
    allowance = most * SCALE - graph.constant(lam)
    expansion = _Expansion(graph, coarser, allowance, limit.most)
    progress = coarser.progress
    for t in range(graph.rounds, -1, -1):
        checkpoint()
        if not expansion.half(t, True):
            return False
        if t and not expansion.half(t, False):
            return False
        made = 0 if progress is None else progress[t]
        foretold = limit.excess * limit.most * made
        if limit.foretold < made < 1 and expansion.links > foretold:
            raise GraphTooLarge
    expansion.attach()
    return True


class _Expansion:
    """The nodes and arcs of a state graph, made half round by half.

    Additions come before the turn and the ends, so the keys of half a round
    follow those of the half before.
    """

    def __init__(
        self, graph: StateGraph, coarser: Coarser, allowance: int, most: int
    ) -> None:
        moves = graph.moves
        self.graph, self.coarser = graph, coarser
        self.allowance, self.most = allowance, most
        self.project = moves.onto(coarser.to_go.states)
        self.room = self._roomy(1 << 12)
        # The first node is empty, after the last round; it falls to itself.
        self.last = kernels.Last(
            0,
            np.zeros(1, np.int32),
            np.zeros(1, np.int64),
            np.zeros(1, np.int64),
        )
        self.states = [self.last.state]
        self.sources: list[NDArray] = []
        self.targets: list[NDArray] = []
        self.at = np.zeros(graph.prices.size + 1, np.int64)
        self.nodes, self.links = 1, 0
        graph.first_open = [0] * (graph.rounds + 1)
        graph.first_closed = [0] * (graph.rounds + 1)
        self.closing = kernels.Closing(
            graph.ends.start,
            moves.removed,
            moves.bits,
            moves.ends - moves.states.threshold,
            moves.end_mark,
        )

    def half(self, t: int, opening: bool) -> bool:
        """Make the first or the other half of round ``t``; False for none."""
        graph, moves = self.graph, self.graph.moves
        known = graph.first_open if opening else graph.first_closed
        known[t] = self.nodes
        bound = kernels.Bound(
            self.allowance,
            moves.total,
            moves.states.items,
            self.project,
            self.coarser.to_go.row(t, opening),
            self.coarser.pending[t],
        )
        prices = graph.prices[graph.rounds - t]
        made = self.nodes, prices
        while True:
            step = self.last, bound, self.room
            if opening:
                ended = kernels.open_(*made, self._opening(t), *step)
            else:
                ended = kernels.close(*made, self.closing, *step)
            if ended != kernels.FULL:
                break
            size = self.room.nodes.size
            if size > self.most:
                raise GraphTooLarge
            self.room = self._roomy(4 * size)
        self._keep(t, opening)
        return self.last.state.size > 0

    def attach(self) -> None:
        """Give the state graph all that was made."""
        graph = self.graph
        # After the last additions there is no turn.
        turn = graph.rounds * graph.prices.shape[1] + graph.adds.stop
        self.at[turn:] = self.links
        graph.first_closed[0] = self.nodes
        source = np.concatenate(self.sources)
        self.sources.clear()
        target = np.concatenate(self.targets)
        graph.attach(np.concatenate(self.states), self.at, source, target)

    def _opening(self, t: int) -> kernels.Opening:
        moves = self.graph.moves
        down = moves.down
        if t == self.graph.rounds:
            down = np.zeros_like(down)
        elif t == 0:
            # Only the empty state is allowed at the end.
            down = np.where(np.arange(down.size) == down[0], down, -1)
        return kernels.Opening(
            moves.kinds,
            moves.added,
            down,
            moves.bits,
            moves.part,
            moves.mark,
            moves.due,
        )

    def _keep(self, t: int, opening: bool) -> None:
        """Keep what was made, sorted."""
        room, graph = self.room, self.graph
        width, turn = graph.prices.shape[1], graph.adds.stop
        nodes, arcs = room.size.tolist()
        made = room.nodes[:nodes]
        made = made[np.argsort(made["rank"])]
        self.last = kernels.Last(
            self.nodes,
            made["state"].copy(),
            made["marks"].copy(),
            made["cost"].copy(),
        )
        if nodes == 0:
            return
        self.states.append(self.last.state)
        source, target, begin = _sorted(room, self.nodes, width)
        self.sources.append(source)
        self.targets.append(target)
        some = slice(0, turn) if opening else slice(turn, width)
        begins = (graph.rounds - t) * width
        key = slice(begins + some.start, begins + some.stop)
        self.at[key] = self.links + begin[some]
        self.nodes += nodes
        self.links += arcs
        if self.links > self.most:
            raise GraphTooLarge

    def _roomy(self, size: int) -> kernels.ExpansionRoom:
        """Return room for so many nodes and four times as many arcs."""
        moves = self.graph.moves
        source, target, column = np.empty((3, 4 * size), np.int32)
        return kernels.ExpansionRoom(
            np.zeros(2, np.int64),
            np.empty(size, kernels.NODE),
            source,
            target,
            column,
            np.empty(int(moves.total.max()) + 1, np.int32),
            np.empty(len(moves.states), np.int32),
        )


def _sorted(
    room: kernels.ExpansionRoom, base: int, width: int
) -> tuple[NDArray, NDArray, IntArray]:
    """Sort the arcs of half a round by column, then by target.

    Targets are numbered from ``base``. The third array says where each of
    ``width`` columns begins.
    """
    nodes, arcs = room.size.tolist()
    source, column = room.source[:arcs], room.column[:arcs]
    target = room.target[:arcs] - np.int32(base)
    at = np.zeros(nodes + 1, np.int64)
    by_target = np.empty((2, arcs), np.int32)
    kernels.sort_arcs(nodes, target, source, column, at, *by_target)
    target = np.repeat(np.arange(nodes, dtype=np.int32), np.diff(at))
    target += np.int32(base)
    at = np.zeros(width + 1, np.int64)
    by_column = np.empty((2, arcs), np.int32)
    kernels.sort_arcs(
        width, by_target[1], by_target[0], target, at, *by_column
    )
    return by_column[0], by_column[1], at


def pending_ends(old: Costs, nu: IntArray, threshold: int) -> NDArray:
    """Return what ends cost that ``old`` has counted, a finer one not yet.

    Parameters
    ----------
    old
        A relaxation with buckets of one round, or no coarser threshold.
    nu
        Its prices.
    threshold
        Of the finer relaxation, with carried prices.

    Returns
    -------
    Cost of the end of an item of each usage above ``threshold``, up to that
    of ``old``, in each round: shape ``(T + 1, usages)``.
    """
    highest = old.threshold
    t = np.arange(old.rounds + 1)[:, None]
    usage = np.arange(threshold + 1, highest + 1)[None, :]
    later = np.minimum(t - usage + highest, old.rounds)
    return np.ascontiguousarray(-nu[old.bucket[later], highest])
