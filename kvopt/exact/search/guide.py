"""What a relaxation tells the label search at one pair of multipliers."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kvopt.exact.relaxation.costs import SCALE, Costs
from kvopt.exact.relaxation.kernels import FAR
from kvopt.exact.relaxation.states import States
from kvopt.exact.relaxation.tables import RelaxationTables
from kvopt.model.instance import IntArray

__all__ = ["Guide", "Tables", "ToGo"]


class ToGo(Protocol):
    """Costs to go of a relaxation.

    Attributes
    ----------
    states
        Its states.
    """

    states: States

    def row(self, t: int, opening: bool) -> NDArray:
        """Return the cost to go from each state of round ``t``.

        Before its ends, when more completions may follow, if ``opening``;
        else after its completions, before more of its ends. ``FAR`` where
        there is none.
        """


class Tables:
    """The costs to go of a relaxation at the multipliers last evaluated.

    Those must have been evaluated without pruning.
    """

    def __init__(self, relaxation: RelaxationTables) -> None:
        self.states = relaxation.states
        self.closed, self.further = relaxation.costs_to_go()

    def row(self, t: int, opening: bool) -> NDArray:
        """Return a row of the tables."""
        return (self.further if opening else self.closed)[t]


class Guide:
    """Costs to go and reduced costs of a relaxation at given multipliers.

    Requests that the relaxation does not see (``P <= h``) get the multiplier
    ``S*o``: on top of the constant they cost ``S*(t - a - o) >= 0``, which
    the costs to go never count. So along a schedule the costs of
    :attr:`cost` and of the ends sum with :attr:`constant` to ``S*TEL``
    exactly, and the cost to go bounds what is left from below.

    Parameters
    ----------
    costs
        The relaxation, priced at these multipliers, with the completions
        that it allows.
    lam
        Multipliers, clamped.
    value
        ``L`` with these completions.
    least
        Least cost of a path with each completion, without the constant.
    to_go
        Costs to go.

    Attributes
    ----------
    cost
        Cost of completing each group in each round; ``FAR`` if forbidden.
    reduced
        Least scaled ``TEL`` of a path with that completion.
    beyond
        What a schedule costs at least on top of ``value`` if a request
        completes after the horizon.
    """

    def __init__(
        self,
        costs: Costs,
        lam: IntArray,
        value: int,
        least: IntArray,
        to_go: ToGo,
    ) -> None:
        groups = costs.groups
        self.rounds, self.threshold = costs.rounds, costs.threshold
        self.value, self.to_go = value, to_go
        own = np.where(costs.seen, lam, SCALE * groups.output)
        self.constant = int((own * groups.count).sum())
        self.reduced = least + self.constant
        self.cost = costs.cost.copy()
        unseen = ~costs.seen
        spare = (
            np.arange(self.rounds + 1)[None, :]
            - (groups.arrival + groups.output)[:, None]
        )
        free = np.where(spare >= 0, SCALE * spare, int(FAR))
        self.cost[unseen] = free[unseen]
        self.end = costs.end.astype(np.int64)
        late = SCALE * (self.rounds + 1 - groups.arrival) - own
        self.beyond = int(late.min())

    @staticmethod
    def of_tables(
        relaxation: RelaxationTables, lam: IntArray, nu: IntArray
    ) -> Guide:
        """Return the guide of a relaxation with tables.

        Parameters
        ----------
        relaxation
            The tables.
        lam
            Multipliers, clamped, shape ``(groups,)``.
        nu
            Prices, shape ``(buckets, columns)``.
        """
        value = relaxation.evaluate(lam, nu, prune=False)
        to_go = Tables(relaxation)
        least = relaxation.reduced_costs(to_go.further)
        return Guide(relaxation, lam, value, least, to_go)

    def allowed(self, most: int) -> NDArray:
        """Return 1 where a schedule with ``TEL <= most`` may complete.

        A schedule that completes ``g`` in ``t`` is a path that does (see
        :mod:`kvopt.exact.relaxation.tables`); all such cost at least
        ``reduced[g, t]``.
        """
        return (self.reduced <= most * SCALE).astype(np.uint8)

    def covers(self, most: int) -> bool:
        """Whether no schedule with ``TEL <= most`` exceeds the horizon."""
        return self.value + self.beyond > most * SCALE
