"""Exact search by labels in reversed time, guided by the relaxation.

**Labels.** Between rounds ``t`` and ``t - 1`` a label is the multiset of
(usage, prompt) of the requests active in round ``t - 1`` that complete later,
and the set of requests completed so far, going down in time. Of two labels
with the same key the cheaper stays. Steps and costs are those of the
relaxation (:mod:`kvopt.exact.relaxation.tables`), with every request completed
once and every item ended as what it is, so costs sum to ``S*TEL``.

**Pruning.** A label is cut when cost + cost to go + constant > ``S*limit``.
The cost to go is that of the relaxation from the label's state, usages up to
``h`` dropped. The rest of any schedule through the label is a path of the
relaxation from there (completions of unseen requests cost at least 0 and are
not counted), so no schedule with ``TEL <= limit`` is cut. Completions with a
reduced cost above ``S*limit`` are left out, for the same reason; a label
that has passed the last round in which some request may complete is cut.

**Symmetry.** Requests of equal ``(s, o)`` complete in order of arrival: see
:mod:`kvopt.exact.presolve.symmetry`; the sorted schedule has the same ``TEL``,
so a schedule with ``TEL <= limit`` is left if there was one.

**Horizon.** Schedules that complete something after ``T`` are not looked at.
By :meth:`Guide.covers` they cannot have ``TEL <= limit``, or they cannot be
optimal; otherwise an empty search proves nothing and the outcome says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kvopt.exact.relaxation.groups import Groups
from kvopt.exact.relaxation.kernels import FAR
from kvopt.exact.relaxation.states import (
    States,
    count_states,
    most_parts,
)
from kvopt.exact.relaxation.tables import SCALE
from kvopt.exact.search import label_kernels as kernels
from kvopt.exact.search.guide import Guide
from kvopt.model.instance import IntArray

__all__ = [
    "BYTES_A_LABEL",
    "BYTES_A_TRACE",
    "Ended",
    "LabelOutcome",
    "Labels",
    "obstacle",
]

# Sets of requests are two words.
MAX_REQUESTS = 128
MAX_STATES = 1_500_000
# A label in and out of a round, its place in the hash table, its trace.
BYTES_A_LABEL = 2 * 56 + 32
BYTES_A_TRACE = 20
# Labels between two looks at the clock.
BLOCK = 5_000


class Ended(Enum):
    """How a search ended.

    ``COMPLETE``: all schedules with ``TEL <= limit`` were considered.
    ``HORIZON``: all but those that exceed the horizon. ``PARTIAL``: a beam or
    a neighbourhood left some out. ``FULL``: there were too many labels.
    """

    COMPLETE = "complete"
    HORIZON = "horizon"
    PARTIAL = "partial"
    FULL = "full"


@dataclass(frozen=True)
class LabelOutcome:
    """What a search found.

    Parameters
    ----------
    ended
        How it ended.
    latency, starts
        The least ``TEL`` among what was considered and its start rounds;
        None when there was none.
    labels
        How many labels were kept in all rounds.
    end
        The round in which there were none any more, or too many; 0 if all
        were looked through.
    """

    ended: Ended
    latency: int | None
    starts: IntArray | None
    labels: int
    end: int


def _bits(groups: Groups) -> int:
    """Bits for the number of a prompt."""
    return max(1, math.ceil(math.log2(np.unique(groups.prompt).size)))


def _most_active(groups: Groups) -> int:
    """Return how many requests can be active in one round at most."""
    least = np.sort(np.repeat(groups.prompt + 1, groups.count))
    return int((np.cumsum(least) <= groups.memory).sum())


def obstacle(groups: Groups) -> str:
    """Return why labels cannot be used on an instance; "" if they can."""
    if groups.requests > MAX_REQUESTS:
        return f"{groups.requests} requests, more than {MAX_REQUESTS}"
    lowest = int(groups.prompt.min())
    if count_states(groups.memory, lowest, MAX_STATES) >= MAX_STATES:
        return f"more than {MAX_STATES:,} multisets of usages"
    if _most_active(groups) > 2 * (63 // _bits(groups)):
        return f"up to {_most_active(groups)} requests active in one round"
    return ""


class Labels:
    """The label search of one instance; :meth:`run` may run in threads.

    Parameters
    ----------
    groups
        The requests; :func:`obstacle` must be "".
    states
        States of the threshold ``min(s)``, if they are at hand.
    """

    def __init__(self, groups: Groups, states: States | None = None) -> None:
        self.groups = groups
        lowest = int(groups.prompt.min())
        self.states = space = states or States(groups.memory, lowest)
        self.request_group = np.repeat(np.arange(len(groups)), groups.count)
        self.number = np.concatenate([np.array(m) for m in groups.members])
        size = np.stack([groups.prompt, groups.output], axis=1)
        size = size[self.request_group]
        same = (size[1:] == size[:-1]).all(axis=1)
        self.before = np.full(groups.requests, -1, np.int64)
        self.before[1:][same] = np.flatnonzero(same)
        peaks = np.unique(groups.peak)
        self.kind = np.searchsorted(peaks, groups.peak)[self.request_group]
        self.added = np.full((len(space), peaks.size), -1, np.int32)
        for k, usage in enumerate(peaks.tolist()):
            source, target = space.additions(usage)
            self.added[source, k] = target
        self.prompts = np.unique(groups.prompt)
        rank = np.searchsorted(self.prompts, groups.prompt)
        self.rank = rank[self.request_group]
        self.peak = groups.peak[self.request_group]
        self.bits = _bits(groups)
        self.per = 63 // self.bits
        self._projections: dict[int, NDArray] = {}

    @staticmethod
    def bytes_needed(groups: Groups) -> int:
        """Return about how many bytes the tables of an instance take."""
        lowest = int(groups.prompt.min())
        count = count_states(groups.memory, lowest, MAX_STATES)
        kinds = np.unique(groups.peak).size
        return count * (40 + 2 * most_parts(groups.memory, lowest) + 4 * kinds)

    def in_order(self, starts: IntArray) -> IntArray:
        """Return ``starts`` with equal requests in the order of labels.

        As in :func:`kvopt.exact.presolve.symmetry.in_order`; those that also
        arrive together complete in the order in which labels have them.
        """
        own = starts[self.number]
        size = np.cumsum(self.before < 0)
        ordered = np.empty_like(starts)
        ordered[self.number] = own[np.lexsort((-own, size))]
        return ordered

    def projection(self, guide: Guide) -> NDArray:
        """Return the guide's state for each of ours, small usages dropped."""
        known = self._projections.get(guide.threshold)
        if known is None:
            weight = np.zeros(self.states.weight.size, np.int64)
            for j, usage in enumerate(self.states.usage.tolist()):
                if usage > guide.threshold:
                    weight[j] = guide.to_go.states.weight[
                        guide.to_go.states.part(usage)
                    ]
            known = guide.to_go.states.find(
                weight[self.states.items].sum(axis=1)
            )
            self._projections[guide.threshold] = known
        return known

    def run(
        self,
        guide: Guide,
        limit: int,
        most_labels: int,
        most_round: int,
        beam: int = 0,
        near: tuple[NDArray, int] | None = None,
        complete_horizon: bool = False,
        checkpoint: Callable[[], None] = lambda: None,
    ) -> LabelOutcome:
        """Search for the best schedule with ``TEL <= limit``.

        Parameters
        ----------
        guide
            Costs to go. Its windows must keep an optimal schedule if there
            is one with ``TEL <= limit``.
        limit
            Greatest total latency that is looked for.
        most_labels, most_round
            Give up when more labels are kept, in all rounds together, or in
            one round before a beam is applied.
        beam
            Keep only so many labels a round, the most promising; 0 for all.
        near
            How far each request would have to move to complete in each
            round, shape ``(n, T + 1)``, and how much further it may move than
            to the nearest round that the windows allow.
        complete_horizon
            Whether no optimal schedule exceeds the horizon.
        checkpoint
            Called often; may raise.
        """
        groups, space = self.groups, self.states
        exact = Ended.HORIZON
        if complete_horizon or guide.covers(limit):
            exact = Ended.COMPLETE
        cost = guide.cost.copy()
        cost[guide.reduced > limit * SCALE] = FAR
        cost[:, 0] = FAR
        cost = cost[self.request_group]
        if near is not None:
            exact = Ended.PARTIAL
            away, distance = near[0][self.number], near[1]
            # What no better schedule may keep has to move further.
            least = np.where(cost < FAR, away, guide.rounds).min(axis=1)
            cost[away > least[:, None] + distance] = FAR
        possible = cost < FAR
        if not possible.any(axis=1).all():
            return LabelOutcome(exact, None, None, 0, guide.rounds)
        deadline = possible.argmax(axis=1)
        allowance = limit * SCALE - guide.constant
        project = self.projection(guide)
        bit = np.zeros((groups.requests, 2), np.uint64)
        for i in range(groups.requests):
            bit[i, i // 64] = np.uint64(1) << np.uint64(i % 64)
        known: tuple[Any, ...] = (
            cost,
            self.kind,
            self.before,
            self.rank,
            self.peak,
            self.prompts,
            np.maximum(self.prompts, guide.threshold),
            project,
            space.items,
            space.size,
            space.usage,
            space.weight,
            space.keys,
            space.order,
            self.added,
            self.bits,
            self.per,
        )
        layer = _Layer(1)
        layer.count = 1  # nothing is active, nothing completed
        spare = _Layer(1024)
        trace: list[tuple[NDArray, NDArray, NDArray]] = []
        total = 0
        later = guide.to_go.row(guide.rounds, True)
        for t in range(guide.rounds, 0, -1):
            further = later
            due = np.bitwise_or.reduce(
                bit[deadline >= t], axis=0, initial=np.uint64(0)
            )
            later = guide.to_go.row(t - 1, True)
            here = (
                guide.to_go.row(t, False),
                further,
                later,
                due[0],
                due[1],
                guide.end[t],
            )
            count = first = 0
            while first < layer.count:
                checkpoint()
                last = min(first + BLOCK, layer.count)
                step: tuple[Any, ...] = (t, allowance, first, last, count)
                step += layer.columns() + spare.all_columns()
                step += known + here
                reached = kernels.advance(*step)
                if reached != kernels.FULL:
                    count, first = reached, last
                    continue
                if spare.room >= most_round:
                    return LabelOutcome(Ended.FULL, None, None, total, t)
                # This round again, with more room.
                spare = _Layer(min(4 * spare.room, most_round))
                count = first = 0
            if count == 0:
                return LabelOutcome(exact, None, None, total, t)
            total += min(count, beam) if beam else count
            if total > most_labels:
                return LabelOutcome(Ended.FULL, None, None, total, t)
            spare.count = count
            spare.empty_table()
            layer, spare = spare, layer.fitting(spare.room)
            if beam and count > beam:
                exact = Ended.PARTIAL
                hope = layer.cost[:count].astype(np.int64)
                hope += later[project[layer.state[:count]]]
                layer.keep(np.argpartition(hope, beam)[:beam])
            trace.append(layer.trace())
        whole = np.bitwise_or.reduce(bit, axis=0)
        finished = np.flatnonzero(
            (layer.b0[: layer.count] == whole[0])
            & (layer.b1[: layer.count] == whole[1])
            & (layer.state[: layer.count] == 0)
        )
        if finished.size == 0:
            return LabelOutcome(exact, None, None, total, 0)
        best = int(finished[np.argmin(layer.cost[finished])])
        scaled = int(layer.cost[best]) + guide.constant
        starts = self._starts(trace, best)
        return LabelOutcome(exact, scaled // SCALE, starts, total, 0)

    def _starts(
        self, trace: list[tuple[NDArray, NDArray, NDArray]], label: int
    ) -> IntArray:
        """Follow a label back to where it began; return start rounds."""
        starts = np.zeros(self.groups.requests, np.int64)
        output = self.groups.output[self.request_group]
        rounds = len(trace)
        for x in range(rounds - 1, -1, -1):
            parent, low, high = trace[x]
            now = int(low[label]) | int(high[label]) << 64
            label = int(parent[label])
            was = 0
            if x:
                _, low, high = trace[x - 1]
                was = int(low[label]) | int(high[label]) << 64
            new = now ^ was
            for i in range(self.groups.requests):
                if new >> i & 1:
                    starts[self.number[i]] = rounds - x - output[i]
        return starts


class _Layer:
    """Columns for the labels between two rounds, and a hash table."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.count = 0
        self.state = np.zeros(room, np.int32)
        self.p0 = np.zeros(room, np.uint64)
        self.p1 = np.zeros(room, np.uint64)
        self.b0 = np.zeros(room, np.uint64)
        self.b1 = np.zeros(room, np.uint64)
        self.cost = np.zeros(room, np.int64)
        self.parent = np.zeros(room, np.int32)
        self.table = np.full(1 << (2 * room).bit_length(), -1, np.int32)

    def columns(self) -> tuple[NDArray, ...]:
        return (self.state, self.p0, self.p1, self.b0, self.b1, self.cost)

    def all_columns(self) -> tuple[NDArray, ...]:
        return (*self.columns(), self.parent, self.table)

    def empty_table(self) -> None:
        kernels.clear(
            self.table,
            self.count,
            self.state,
            self.p0,
            self.p1,
            self.b0,
            self.b1,
        )

    def fitting(self, room: int) -> _Layer:
        """Return this layer, or one of ``room`` labels if this is smaller."""
        return self if self.room >= room else _Layer(room)

    def keep(self, chosen: NDArray) -> None:
        """Keep only the chosen labels."""
        self.count = chosen.size
        for column in (*self.columns(), self.parent):
            column[: chosen.size] = column[chosen]

    def trace(self) -> tuple[NDArray, NDArray, NDArray]:
        """Return copies of what is needed to follow labels back."""
        some = slice(self.count)
        return (
            self.parent[some].copy(),
            self.b0[some].copy(),
            self.b1[some].copy(),
        )
