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
from typing import NamedTuple

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
from kvopt.model import SearchParams
from kvopt.model.instance import IntArray

__all__ = [
    "BYTES_A_LABEL",
    "BYTES_A_TRACE",
    "Ended",
    "LabelOutcome",
    "LabelQuota",
    "Labels",
    "obstacle",
]

# Sets of requests are two words.
MAX_REQUESTS = 128
# A label in and out of a round, its place in the hash table, its trace.
BYTES_A_LABEL = 2 * 56 + 32
BYTES_A_TRACE = 20


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


class LabelQuota(NamedTuple):
    """How many labels a search may keep.

    Parameters
    ----------
    labels, a_round
        It gives up when it keeps more, in all rounds together, or in one
        round before a beam is applied.
    beam
        Keep only so many labels a round, the most promising; 0 for all.
    """

    labels: int
    a_round: int
    beam: int = 0


def _bits(groups: Groups) -> int:
    """Bits for the number of a prompt."""
    return max(1, math.ceil(math.log2(np.unique(groups.prompt).size)))


def _most_active(groups: Groups) -> int:
    """Return how many requests can be active in one round at most."""
    least = np.sort(np.repeat(groups.prompt + 1, groups.count))
    return int((np.cumsum(least) <= groups.memory).sum())


def obstacle(groups: Groups, most_states: int) -> str:
    """Return why labels cannot be used on an instance; "" if they can."""
    if groups.requests > MAX_REQUESTS:
        return f"{groups.requests} requests, more than {MAX_REQUESTS}"
    lowest = int(groups.prompt.min())
    if count_states(groups.memory, lowest, most_states) >= most_states:
        return f"more than {most_states:,} multisets of usages"
    if _most_active(groups) > 2 * (63 // _bits(groups)):
        return f"up to {_most_active(groups)} requests active in one round"
    return ""


class Labels:
    """The label search of one instance; :meth:`run` may run in threads.

    Parameters
    ----------
    groups
        The requests; :func:`obstacle` must be "".
    params
        Of the searches.
    states
        States of the threshold ``min(s)``, if they are at hand.
    """

    def __init__(
        self,
        groups: Groups,
        params: SearchParams,
        states: States | None = None,
    ) -> None:
        self.groups, self.params = groups, params
        lowest = int(groups.prompt.min())
        self.states = states or States(groups.memory, lowest)
        self.request_group = np.repeat(np.arange(len(groups)), groups.count)
        self.number = np.concatenate([np.array(m) for m in groups.members])
        size = np.stack([groups.prompt, groups.output], axis=1)
        size = size[self.request_group]
        same = (size[1:] == size[:-1]).all(axis=1)
        self.before = np.full(groups.requests, -1, np.int64)
        self.before[1:][same] = np.flatnonzero(same)
        self.requests = np.zeros(groups.requests, kernels.REQUEST)
        self.prompts = np.zeros(np.unique(groups.prompt).size, kernels.PROMPT)
        self.prompts["units"] = np.unique(groups.prompt)
        self._describe()
        self.bits = _bits(groups)
        self._spaces: dict[int, kernels.LabelSpace] = {}

    def _describe(self) -> None:
        """Write what is the same in every search into the records."""
        groups, requests = self.groups, self.requests
        peaks = np.unique(groups.peak)
        kind = np.searchsorted(peaks, groups.peak)
        number = np.searchsorted(self.prompts["units"], groups.prompt)
        requests["kind"] = kind[self.request_group]
        requests["prompt"] = number[self.request_group]
        requests["peak"] = groups.peak[self.request_group]
        for i, first in enumerate(self.before.tolist()):
            word = "own_more" if i // 64 else "own"
            requests[i][word] = 1 << i % 64
            if first >= 0:
                word = "before_more" if first // 64 else "before"
                requests[i][word] = 1 << first % 64
        self.added = np.full((len(self.states), peaks.size), -1, np.int32)
        for k, usage in enumerate(peaks.tolist()):
            source, target = self.states.additions(usage)
            self.added[source, k] = target

    @staticmethod
    def bytes_needed(groups: Groups, most_states: int) -> int:
        """Return about how many bytes the tables of an instance take."""
        lowest = int(groups.prompt.min())
        count = count_states(groups.memory, lowest, most_states)
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

    def space(self, guide: Guide) -> kernels.LabelSpace:
        """Return our states, with the guide's for each, usages dropped."""
        known = self._spaces.get(guide.threshold)
        if known is not None:
            return known
        own, coarse = self.states, guide.to_go.states
        weight = np.zeros(own.weight.size, np.int64)
        for j, usage in enumerate(own.usage.tolist()):
            if usage > guide.threshold:
                weight[j] = coarse.weight[coarse.part(usage)]
        self._spaces[guide.threshold] = known = kernels.LabelSpace(
            self.bits,
            63 // self.bits,
            own.items,
            own.size,
            own.usage,
            own.weight,
            own.keys,
            own.order,
            self.added,
            coarse.find(weight[own.items].sum(axis=1)),
        )
        return known

    def run(
        self,
        guide: Guide,
        limit: int,
        quota: LabelQuota,
        near: tuple[NDArray, int] | None = None,
        complete_horizon: bool = False,
        checkpoint: Callable[[], None] = lambda: None,
    ) -> LabelOutcome:
        """Search for the best schedule with ``TEL <= limit``.

        Parameters
        ----------
        guide
            Costs to go. It must allow an optimal schedule if there is one
            with ``TEL <= limit``.
        limit
            Greatest total latency that is looked for.
        quota
            How many labels there may be.
        near
            How far each request would have to move to complete in each
            round, shape ``(n, T + 1)``, and how much further it may move than
            to the nearest round that is allowed.
        complete_horizon
            Whether no optimal schedule exceeds the horizon.
        checkpoint
            Called often; may raise.
        """
        exact = Ended.HORIZON
        if complete_horizon or guide.covers(limit):
            exact = Ended.COMPLETE
        if near is not None:
            exact = Ended.PARTIAL
        cost = self._costs(guide, limit, near)
        if not (cost < FAR).any(axis=1).all():
            return LabelOutcome(exact, None, None, 0, guide.rounds)
        allowance = limit * SCALE - guide.constant
        sweep = _Sweep(self, guide, cost, allowance)
        total = 0
        for t in range(guide.rounds, 0, -1):
            if not sweep.advance(t, quota.a_round, checkpoint):
                return LabelOutcome(Ended.FULL, None, None, total, t)
            count = sweep.layer.count
            if count == 0:
                return LabelOutcome(exact, None, None, total, t)
            total += min(count, quota.beam) if quota.beam else count
            if total > quota.labels:
                return LabelOutcome(Ended.FULL, None, None, total, t)
            if quota.beam and count > quota.beam:
                exact = Ended.PARTIAL
                sweep.keep(quota.beam)
            sweep.trace.append(sweep.layer.trace())
        best = sweep.best()
        if best is None:
            return LabelOutcome(exact, None, None, total, 0)
        scaled = int(sweep.layer.labels[best]["cost"]) + guide.constant
        starts = self._starts(sweep.trace, best)
        return LabelOutcome(exact, scaled // SCALE, starts, total, 0)

    def _costs(
        self, guide: Guide, limit: int, near: tuple[NDArray, int] | None
    ) -> IntArray:
        """Return the cost of completing each request in each round."""
        cost = guide.cost.copy()
        cost[guide.reduced > limit * SCALE] = FAR
        cost[:, 0] = FAR
        cost = cost[self.request_group]
        if near is not None:
            away, distance = near[0][self.number], near[1]
            # What no better schedule may keep has to move further.
            least = np.where(cost < FAR, away, guide.rounds).min(axis=1)
            cost[away > least[:, None] + distance] = FAR
        return cost

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


class _Sweep:
    """One search: its labels, round by round from the last."""

    def __init__(
        self, labels: Labels, guide: Guide, cost: IntArray, allowance: int
    ) -> None:
        self.guide, self.cost, self.allowance = guide, cost, allowance
        self.block = labels.params.label_block
        self.space = labels.space(guide)
        self.requests = labels.requests.copy()
        self.prompts = labels.prompts.copy()
        self.prompts["effective"] = np.maximum(
            labels.prompts["units"], guide.threshold
        )
        self.branches = np.zeros(self.requests.size + 1, kernels.BRANCH)
        # The last round in which each request can complete, going down.
        self.deadline = (cost < FAR).argmax(axis=1)
        self.later = guide.to_go.row(guide.rounds, True)
        self.layer = _Layer(1)
        self.layer.count = 1  # nothing is active, nothing completed
        self.spare = _Layer(1024)
        self.trace: list[tuple[NDArray, NDArray, NDArray]] = []

    def advance(
        self, t: int, most: int, checkpoint: Callable[[], None]
    ) -> bool:
        """Extend all labels over round ``t``; False when more than ``most``.

        ``checkpoint`` may raise.
        """
        closed, further = self.guide.to_go.row(t, False), self.later
        self.later = self.guide.to_go.row(t - 1, True)
        self.requests["cost"] = self.cost[:, t]
        self.prompts["end"] = self.guide.end[t, self.prompts["effective"]]
        due = _union(self.requests[self.deadline >= t])
        count = first = 0
        while first < self.layer.count:
            checkpoint()
            last = min(first + self.block, self.layer.count)
            reached = kernels.advance(
                kernels.LabelStep(
                    first,
                    last,
                    count,
                    self.allowance,
                    *due,
                    closed,
                    further,
                    self.later,
                ),
                self.space,
                self.requests,
                self.prompts,
                self.layer.labels,
                self.spare.labels,
                self.spare.table,
                self.branches,
            )
            if reached != kernels.FULL:
                count, first = reached, last
                continue
            if self.spare.room >= most:
                return False
            # This round again, with more room.
            self.spare = _Layer(min(4 * self.spare.room, most))
            count = first = 0
        self.spare.count = count
        self.spare.empty_table()
        self.layer, self.spare = (
            self.spare,
            self.layer.fitting(self.spare.room),
        )
        return True

    def keep(self, beam: int) -> None:
        """Keep only the labels of the least bounds."""
        labels = self.layer.labels[: self.layer.count]
        hope = labels["cost"] + self.later[self.space.project[labels["state"]]]
        self.layer.keep(np.argpartition(hope, beam)[:beam])

    def best(self) -> int | None:
        """Return the cheapest label with everything completed, if any."""
        labels = self.layer.labels[: self.layer.count]
        whole, whole_more = _union(self.requests)
        finished = np.flatnonzero(
            (labels["done"] == whole)
            & (labels["done_more"] == whole_more)
            & (labels["state"] == 0)
        )
        if finished.size == 0:
            return None
        return int(finished[np.argmin(labels["cost"][finished])])


def _union(requests: NDArray) -> tuple[np.uint64, np.uint64]:
    """Return the set of requests as two words."""
    low, high = (
        np.bitwise_or.reduce(requests[word], initial=np.uint64(0))
        for word in ("own", "own_more")
    )
    return low, high


class _Layer:
    """Room for the labels between two rounds, and a hash table."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.count = 0
        self.labels = np.zeros(room, kernels.LABEL)
        self.table = np.full(1 << (2 * room).bit_length(), -1, np.int32)

    def empty_table(self) -> None:
        kernels.clear(self.table, self.labels[: self.count])

    def fitting(self, room: int) -> _Layer:
        """Return this layer, or one of ``room`` labels if this is smaller."""
        return self if self.room >= room else _Layer(room)

    def keep(self, chosen: NDArray) -> None:
        """Keep only the chosen labels."""
        self.count = chosen.size
        self.labels[: chosen.size] = self.labels[chosen]

    def trace(self) -> tuple[NDArray, NDArray, NDArray]:
        """Return copies of what is needed to follow labels back."""
        some = self.labels[: self.count]
        return (
            some["parent"].copy(),
            some["done"].copy(),
            some["done_more"].copy(),
        )
