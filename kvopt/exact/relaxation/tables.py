"""The Lagrangian state-space relaxation: a lower bound, in reversed time.

**Dynamic program.** Choose a threshold ``h``. Go through the rounds ``t = T ..
1``. The state is the multiset of usages above ``h`` of the requests active in
round ``t``; their sum is at most ``M``. In round ``t``

1. requests complete: request ``i`` with ``P_i = s_i + o_i > h`` may be added
   with usage ``P_i`` if ``t >= a_i + o_i``, as often as one likes;
2. items end: an item of usage ``c + 1`` may be removed as "a request with
   prompt ``c``", where ``c`` is one of the values ``e_i = max(s_i, h)``; one
   of usage ``h + 1`` must be;
3. every item left has one unit less in round ``t - 1``.

The dynamic program begins and ends with the empty multiset. With integer
multipliers ``lam_i`` and prices ``nu[b, c]`` (``b = b(r)`` is the bucket of
round ``r``) and ``S = SCALE``, adding ``i`` costs
``S*(t - a_i) - lam_i + nu[b(t - P_i + e_i), e_i]`` and an end as ``c`` costs
``-nu[b(t - 1), c]``. ``L`` is the least cost of a path, plus ``lam_i`` for
each request with ``P_i > h``, plus ``S*o_i`` for each other.

**Claim.** ``S * TEL >= L`` for every schedule, provided that
``lam_i <= S*(T + 1 - a_i)`` for all ``i``.

Proof. (a) Let all completions be at most ``T``. Reading the schedule from
the last round to the first gives a path: ``i`` is added at ``t = c_i`` with
usage ``P_i``, has usage ``P_i - k`` in round ``c_i - k``, and is removed as
``e_i`` in the round ``r`` in which its usage is ``e_i + 1``, that is
``r = c_i - (P_i - e_i) + 1``. The price of its end, ``-nu[b(r - 1), e_i]``,
and the price in its addition, ``nu[b(c_i - P_i + e_i), e_i]``, cancel. The
``lam_i`` cancel with the constant. What is left is ``S*(c_i - a_i)`` for each
request with ``P_i > h`` and ``S*o_i <= S*(c_i - a_i)`` for each other: the
path and the constant cost at most ``S*TEL``, and ``L`` is the least.
(b) In general leave out the requests that complete after ``T``. The rest is
feasible, so (a) applies to it: its path costs at least ``L`` minus the
constants of all. Each request left out with ``P_i > h`` adds
``S*(c_i - a_i) - lam_i >= S*(T + 1 - a_i) - lam_i >= 0``; each other adds
``S*(c_i - a_i - o_i) >= 0``. []

So prompts are linked to completions only on average over paths, through
``nu``; and requests may be repeated or left out, at prices ``lam``.

**Nesting.** A lower threshold, or narrower buckets, with the multipliers
carried over as in :mod:`kvopt.exact.relaxation.ascent`, give a bound at
least as high: a path of the finer dynamic program is one of the coarser at the
same cost.

**Reduced-cost fixing.** ``allowed[g, t] = 0`` forbids completions. If no
schedule with ``TEL <= U - 1`` completes ``g`` in round ``t``, the bound
without these completions is one on such schedules, so
``min(ceil(L / S), U)`` bounds ``TEL``.

**Which additions can be left out.** Ends can earn, so an addition with cost
``w >= 0`` may still pay. But an item ends once; taking the item and its end
out of a path leaves a path. So an addition in round ``t`` with
``w + g_t >= 0`` is useless, where ``g_t`` is the least cost of an end in
rounds ``1 .. t``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kvopt.exact.relaxation import kernels
from kvopt.exact.relaxation.costs import (
    MAX_ROUNDS,
    SCALE,
    Costs,
    Evaluation,
    OutOfRange,
)
from kvopt.exact.relaxation.groups import Groups
from kvopt.exact.relaxation.states import States
from kvopt.model import BoundCertificate
from kvopt.model.instance import IntArray

__all__ = [
    "MAX_ROUNDS",
    "SCALE",
    "Evaluation",
    "OutOfRange",
    "RelaxationTables",
]


class RelaxationTables(Costs):
    """The dynamic program for one threshold, horizon and width of buckets.

    Parameters
    ----------
    groups
        The requests.
    rounds
        Horizon ``T``, at most ``MAX_ROUNDS`` and at least ``a + o`` of every
        request.
    threshold
        ``h``, at least the smallest prompt: usages below are never seen.
    width
        Rounds in a bucket of prices; 1 for the strongest bound.
    states
        The states of this threshold, if they are at hand.

    Attributes
    ----------
    allowed
        1 where a group may complete, shape ``(groups, T + 1)``; all ones
        unless some are fixed.

    Notes
    -----
    One evaluation takes ``O(T * (states + transitions))``; memory is about
    ``4 * T * states`` bytes.
    """

    def __init__(
        self,
        groups: Groups,
        rounds: int,
        threshold: int,
        width: int = 1,
        states: States | None = None,
    ) -> None:
        super().__init__(groups, rounds, threshold, width)
        self.states = states or States(groups.memory, threshold)
        space = self.states
        peaks = sorted(set(groups.peak[self.seen].tolist()))[::-1]
        self.part = np.array([space.part(u) for u in peaks], dtype=np.int64)
        adds = [space.additions(u) for u in peaks]
        self.add_from, self.add_to, self.add_at = _joined(adds)
        ends = [space.additions(int(c) + 1) for c in self.end_prompt]
        # Removing leads from the greater state to the smaller one; greater
        # states first, so that several ends of a kind chain in one sweep.
        pairs = [(target[::-1], source[::-1]) for source, target in ends]
        self.end_from, self.end_to, self.end_at = _joined(pairs)
        self._above = np.full((len(space), len(ends)), -1, np.int32)
        for k, (source, target) in enumerate(ends):
            self._above[source, k] = target
        must_end = np.zeros(len(space), dtype=bool)
        must_end[space.additions(threshold + 1)[1]] = True
        down = np.where(must_end, len(space), space.down)
        self.down = down.astype(np.uint32)
        self._transitions = kernels.Transitions(
            self.part,
            self.add_from,
            self.add_to,
            self.add_at,
            self.end_prompt,
            self.end_from,
            self.end_to,
            self.end_at,
            self.down,
        )
        self._up = np.full(len(space), -1, np.int64)
        self._up[down[~must_end]] = np.flatnonzero(~must_end)
        group_part = [
            space.part(int(u)) if seen else -1
            for u, seen in zip(groups.peak, self.seen, strict=True)
        ]
        self._group_part = np.array(group_part, dtype=np.int64)
        parts = space.usage.size
        self._add = np.zeros((rounds + 1, parts), dtype=np.int32)
        self._group = np.zeros((rounds + 1, parts), dtype=np.int32)
        self.table = np.zeros((rounds + 1, len(space)), dtype=np.int32)

    def evaluate(self, lam: IntArray, nu: IntArray, prune: bool = True) -> int:
        """Return ``L``; ``ceil(L / SCALE)`` bounds ``TEL`` from below.

        Parameters
        ----------
        lam
            Multiplier of each group, shape ``(groups,)``, clamped.
        nu
            Prices, shape ``(buckets, columns)``.
        prune
            Leave out useless additions; ``table`` then lacks paths.

        Raises
        ------
        OutOfRange
            When a sum could leave int32. Checked: what one round can add to
            a cost is below ``2^29``, and costs stay above ``-2^29`` from
            round to round; they are at most ``FAR = 2^29`` always.
        """
        self.price(lam, nu)
        kernels.cheapest(
            self.rounds, self._group_part, self.cost, self._add, self._group
        )
        dearest = self.end[:, self.end_prompt].min(axis=1)
        dearest[0] = 0
        self._gain = np.minimum.accumulate(dearest)
        self._path = int(
            kernels.forward(
                self._transitions, self._rounds(), prune, self.table
            )
        )
        if self._path <= kernels.LOWEST:
            raise OutOfRange
        return self._path + self.constant(lam)

    def gradient(self, lam: IntArray, nu: IntArray) -> Evaluation:
        """Return ``L`` and a supergradient of it at ``(lam, nu)``.

        Raises
        ------
        OutOfRange
            As :meth:`evaluate`.
        """
        value = self.evaluate(lam, nu)
        most = self.states.items.shape[1]
        events = np.zeros(((2 * most + 2) * (self.rounds + 1), 3), np.int64)
        events[0, 0] = self._path
        count = kernels.trace(
            self._transitions,
            self._rounds(),
            self.table,
            self._up,
            self._above,
            most,
            events,
        )
        if count < 0:
            raise OutOfRange
        return self.slopes(value, events[:count], nu.shape)

    def costs_to_go(self) -> tuple[NDArray, NDArray]:
        """Return ``closed`` and ``open`` of the multipliers last evaluated.

        Shape ``(T + 1, states)`` each; see
        :func:`kvopt.exact.relaxation.kernels.backward`.

        Raises
        ------
        OutOfRange
            When a sum would leave int32.
        """
        closed = np.empty((self.rounds + 1, len(self.states)), np.int32)
        further = np.empty_like(closed)
        path = kernels.backward(
            self._transitions, self._rounds(), closed, further
        )
        if path <= kernels.LOWEST:
            raise OutOfRange
        return closed, further

    def reduced_costs(self, further: NDArray) -> IntArray:
        """Return the least cost of a path that completes ``g`` in ``t``.

        Shape ``(groups, T + 1)``, without the constant; of the multipliers
        last evaluated, which must have been without pruning. Let ``X`` be
        the least cost to a state of round ``t`` after any additions of the
        round, and ``B`` the least cost from a state on when more of them may
        follow. Additions commute, so every path that adds ``P`` in round
        ``t`` costs at least ``min_v X(v) + w + B(v + P)``.
        """
        least = np.zeros((self.rounds + 1, self.part.size), np.int64)
        kernels.through(self._transitions, self.table, further, least)
        column = {int(j): k for k, j in enumerate(self.part)}
        result = np.zeros_like(self.cost)
        for g in np.flatnonzero(self.seen):
            own = least[:, column[int(self._group_part[g])]]
            result[g] = own + self.cost[g]
        # What is not seen costs S*(t-a-o) more than its constant.
        spare = (
            np.arange(self.rounds + 1)[None, :]
            - (self.groups.arrival + self.groups.output)[:, None]
        )
        unseen = np.where(spare >= 0, SCALE * spare, kernels.FAR) + self._path
        result[~self.seen] = unseen[~self.seen]
        return result

    def certificate(
        self, instance: str, lam: IntArray, nu: IntArray, value: int
    ) -> BoundCertificate:
        """Return what the independent checker needs to derive a bound.

        Parameters
        ----------
        instance
            Hash of the instance.
        lam, nu
            Multipliers and prices.
        value
            What :meth:`evaluate` gave for them with every completion allowed.
        """
        bucket, prompt = np.nonzero(nu)
        prices = np.stack([bucket, prompt, nu[bucket, prompt]], axis=1)
        return BoundCertificate(
            instance,
            "lagrangian",
            -(-value // SCALE),
            {
                "scale": SCALE,
                "threshold": self.threshold,
                "horizon": self.rounds,
                "width": self.width,
                "multipliers": self.clamped(lam)[self.groups.group].tolist(),
                "prices": prices.tolist(),
            },
        )

    def _rounds(self) -> kernels.Rounds:
        return kernels.Rounds(self._add, self._group, self.end, self._gain)


def _joined(
    pairs: list[tuple[IntArray, IntArray]],
) -> tuple[NDArray, NDArray, IntArray]:
    """Join lists of transitions; the third array says where each begins."""
    at = np.cumsum([0, *(source.size for source, _ in pairs)])
    empty = np.zeros(0, np.int64)
    source = np.concatenate([empty, *(source for source, _ in pairs)])
    target = np.concatenate([empty, *(target for _, target in pairs)])
    return source.astype(np.uint32), target.astype(np.uint32), at
