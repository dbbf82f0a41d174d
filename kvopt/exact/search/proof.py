"""Raise the bound by complete label searches with widening limits."""

from __future__ import annotations

from kvopt.exact.relaxation.tables import SCALE
from kvopt.exact.search.guide import Guide
from kvopt.exact.search.labels import Ended, LabelQuota, Labels
from kvopt.exact.search.shared import Shared

__all__ = ["Proof", "raise_bound"]


class Proof:
    """What a round of label searches came to.

    Attributes
    ----------
    left
        Labels of the quota that were not used.
    raised
        Whether the bound is higher.
    full
        Whether a search had too many labels.
    horizon
        Whether one was empty but for schedules beyond the horizon.
    """

    def __init__(self, quota: int) -> None:
        self.quota = self.left = quota
        self.full = self.horizon = self.raised = False

    @property
    def used(self) -> int:
        """Labels of the quota that were used."""
        return self.quota - self.left


def raise_bound(
    labels: Labels,
    guide: Guide,
    shared: Shared,
    quota: int,
    most_round: int,
    complete_horizon: bool,
) -> Proof:
    """Search below rising limits until the bound meets the schedule.

    Nothing found with ``TEL <= limit`` proves the bound ``limit + 1``; the
    best schedule found is optimal. The limit starts a little above the bound
    and is raised by steps that double; once a search is too large, by steps
    that halve.

    Parameters
    ----------
    labels, guide
        The search and its costs to go.
    shared
        Holds schedule and bound; told of better ones.
    quota
        Labels that may be used.
    most_round
        Labels of one round at most.
    complete_horizon
        Whether no optimal schedule exceeds the horizon.
    """
    proof = Proof(quota)
    before = shared.bound
    parts = labels.params.limit_parts
    step = max(1, (shared.latency - shared.bound) // parts)
    ceiling: int | None = None
    while shared.bound < shared.latency and proof.left > 0:
        limit = min(shared.latency - 1, shared.bound + step - 1)
        if ceiling is not None:
            limit = min(limit, ceiling - 1)
        if limit < shared.bound:
            break
        found = labels.run(
            guide,
            limit,
            LabelQuota(proof.left, most_round),
            complete_horizon=complete_horizon,
            checkpoint=shared.checkpoint,
        )
        proof.left -= found.labels
        if found.ended is Ended.FULL:
            proof.full = True
            ceiling = limit
            step = (limit - shared.bound + 1) // 2
            if step < 1:
                break
        elif found.starts is not None and found.latency is not None:
            shared.found(found.starts, found.latency)
            if found.ended is Ended.HORIZON:
                proof.horizon = True
                break
            shared.proved(found.latency * SCALE)
        elif found.ended is Ended.COMPLETE:
            shared.proved((limit + 1) * SCALE)
            step *= 1 if ceiling is not None else 2
        else:
            proof.horizon = True
            break
    proof.raised = shared.bound > before
    return proof
