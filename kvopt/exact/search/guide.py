"""What the relaxation tells the label search at one pair of multipliers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kvopt.exact.bounds.unlinked import SCALE, Relaxation
from kvopt.exact.bounds.unlinked_kernels import FAR
from kvopt.model.instance import IntArray

__all__ = ["Guide"]


class Guide:
    """Costs to go and reduced costs of a relaxation at given multipliers.

    Requests that the relaxation does not see (``P <= h``) get the multiplier
    ``S*o``: on top of the constant they cost ``S*(t - a - o) >= 0``, which
    the costs to go never count. So along a schedule the costs of
    :attr:`cost` and of the ends sum with :attr:`constant` to ``S*TEL``
    exactly, and the cost to go bounds what is left from below.

    Parameters
    ----------
    relaxation
        The relaxation; its windows are used.
    lam, nu
        Multipliers, clamped.

    Attributes
    ----------
    value
        ``L`` with these windows.
    closed, further
        Costs to go; see :meth:`Relaxation.costs_to_go`.
    cost
        Cost of completing each group in each round; ``FAR`` if forbidden.
    reduced
        Least scaled ``TEL`` of a path with that completion.
    beyond
        What a schedule costs at least on top of ``value`` if a request
        completes after the horizon.
    """

    def __init__(
        self, relaxation: Relaxation, lam: IntArray, nu: IntArray
    ) -> None:
        groups = relaxation.groups
        self.relaxation = relaxation
        self.rounds, self.threshold = relaxation.rounds, relaxation.threshold
        self.states = relaxation.states
        self.value = relaxation.evaluate(lam, nu, prune=False)
        self.closed, self.further = relaxation.costs_to_go()
        own = np.where(relaxation.seen, lam, SCALE * groups.output)
        self.constant = int((own * groups.count).sum())
        self.reduced = relaxation.reduced_costs(self.further) + self.constant
        self.cost = relaxation.cost.copy()
        unseen = ~relaxation.seen
        spare = (
            np.arange(self.rounds + 1)[None, :]
            - (groups.arrival + groups.output)[:, None]
        )
        free = np.where(spare >= 0, SCALE * spare, int(FAR))
        self.cost[unseen] = free[unseen]
        self.end = relaxation.end.astype(np.int64)
        late = SCALE * (self.rounds + 1 - groups.arrival) - own
        self.beyond = int(late.min())

    def windows(self, most: int) -> NDArray:
        """Return 0 where no schedule with ``TEL <= most`` completes, else 1.

        A schedule that completes ``g`` in ``t`` is a path that does (see
        :mod:`kvopt.exact.bounds.unlinked`); all such cost at least
        ``reduced[g, t]``. Windows of the relaxation are kept.
        """
        inside = self.reduced <= most * SCALE
        return (inside & (self.relaxation.allowed > 0)).astype(np.uint8)

    def covers(self, most: int) -> bool:
        """Whether no schedule with ``TEL <= most`` exceeds the horizon."""
        return self.value + self.beyond > most * SCALE
