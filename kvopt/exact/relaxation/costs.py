"""Costs of the relaxation, for tables and layered state graphs alike."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kvopt.exact.relaxation import kernels
from kvopt.exact.relaxation.groups import Groups
from kvopt.model.instance import IntArray

__all__ = [
    "MAX_ROUNDS",
    "SCALE",
    "Costs",
    "Evaluation",
    "OutOfRange",
    "end_prompts",
]

# Multipliers are integers; this many make one round of latency.
SCALE = 1024
# Costs of one round then fit into int32 with room to spare.
MAX_ROUNDS = 1 << 15


class OutOfRange(Exception):
    """The multipliers are too large for int32: nothing is claimed."""


class Evaluation(NamedTuple):
    """Value ``L`` of the relaxation and its supergradient at a point.

    ``lam`` has shape ``(groups,)``, ``nu`` that of the prices. ``path`` has
    group and round of each completion of the best path, shape ``(k, 2)``.
    """

    value: int
    lam: IntArray
    nu: IntArray
    path: IntArray


def end_prompts(groups: Groups, threshold: int) -> IntArray:
    """Return the prompts as which items end, falling."""
    prompts = np.maximum(groups.prompt[groups.peak > threshold], threshold)
    return np.unique([threshold, *prompts])[::-1].copy()


class Costs:
    """What additions and ends cost, for a threshold, horizon and width.

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

    Attributes
    ----------
    allowed
        1 where a group may complete, shape ``(groups, T + 1)``; all ones
        unless some are fixed.
    cost, end
        Cost of completing each group, and of an end as each prompt, in each
        round: shapes ``(groups, T + 1)`` and ``(T + 1, columns)``.
    """

    def __init__(
        self, groups: Groups, rounds: int, threshold: int, width: int = 1
    ) -> None:
        self.groups, self.rounds, self.width = groups, rounds, width
        self.threshold = threshold
        self.prompt = np.maximum(groups.prompt, threshold)
        self.seen = groups.peak > threshold
        # Rounds in which a request is an item.
        self.length = np.maximum(groups.peak - self.prompt, 0)
        self._requests = kernels.GroupSizes(
            groups.arrival + groups.output,
            groups.arrival,
            self.prompt,
            self.length,
        )
        self.end_prompt = end_prompts(groups, threshold)
        self.columns = int(self.prompt.max()) + 1
        self.bucket = np.arange(rounds + 1) // width
        self.buckets = int(self.bucket[-1]) + 1
        self.allowed: NDArray = np.ones(
            (len(groups), rounds + 1), dtype=np.uint8
        )
        self.cost = np.zeros((len(groups), rounds + 1), dtype=np.int64)
        self.end = np.zeros((rounds + 1, self.columns), dtype=np.int32)

    def clamped(self, lam: NDArray) -> IntArray:
        """Return integers at most ``lam`` that meet the horizon condition."""
        highest = SCALE * (self.rounds + 1 - self.groups.arrival)
        return np.minimum(np.rint(lam), highest).astype(np.int64)

    def constant(self, lam: IntArray) -> int:
        """Return what is added to the cost of a path."""
        groups, seen = self.groups, self.seen
        shadow = int((lam * groups.count)[seen].sum())
        return shadow + SCALE * int(
            (groups.output * groups.count)[~seen].sum()
        )

    def price(self, lam: IntArray, nu: IntArray) -> None:
        """Set :attr:`cost` and :attr:`end` for multipliers and prices.

        Raises
        ------
        OutOfRange
            When what one round can add to a cost may reach ``2^29``.
        """
        groups = self.groups
        kernels.add_costs(
            SCALE,
            self._requests,
            lam,
            nu,
            self.bucket,
            self.allowed,
            self.cost,
        )
        finite = self.cost[:, 1:][self.cost[:, 1:] != kernels.FAR]
        highest = int(abs(finite).max()) if finite.size else 0
        highest = max(highest, int(abs(nu).max()))
        most = groups.memory // (self.threshold + 1)
        if highest * (most + 1) * 2 >= kernels.FAR:
            raise OutOfRange
        self.end[1:] = -nu[self.bucket[: self.rounds]]

    def slopes(
        self, value: int, events: NDArray, shape: tuple[int, ...]
    ) -> Evaluation:
        """Return the supergradient that the events of a best path give.

        An event is ``(0, group, t)`` for a completion and ``(1, prompt, t)``
        for an end.

        Parameters
        ----------
        value
            Scaled value of the path.
        events
            What it completes and ends, shape ``(k, 3)``.
        shape
            Shape of the prices.
        """
        kind, what, when = events.T
        added, ended = kind == 0, kind == 1
        group, done = what[added], when[added]
        used = np.bincount(group, minlength=len(self.groups))
        slack = np.where(self.seen, self.groups.count - used, 0)
        prices = np.zeros(shape, np.int64)
        began = self.bucket[done - self.length[group]]
        np.add.at(prices, (began, self.prompt[group]), 1)
        np.subtract.at(prices, (self.bucket[when[ended] - 1], what[ended]), 1)
        return Evaluation(value, slack, prices, events[added, 1:])
