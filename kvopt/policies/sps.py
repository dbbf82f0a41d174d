"""SPS: the staggered pipeline schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from kvopt.policies.base import (
    Arrivals,
    InformationModel,
    Job,
    PolicyInfo,
)
from kvopt.policies.pipeline import (
    Overlap,
    Plan,
    PlannedPolicy,
    PlannedRun,
    staggered,
    true_length,
)

__all__ = ["SPS"]


@dataclass(frozen=True)
class SPS(PlannedPolicy):
    """Start one request every fixed gap, so that peaks are spread in time.

    P4 (arXiv 2601.22996), building block for requests of one length. See
    :func:`kvopt.policies.pipeline.pipeline` for the gap, and for large
    memory, where several start in a round.

    Parameters
    ----------
    overlap
        ``"discrete"`` or ``"continuous"``: how many runs overlap.

    Notes
    -----
    Requests start in order of arrival. Of different requests, each counts
    with the longest prompt and the longest output of its batch [inferred].
    Requests that arrive later form the next batch [inferred]. Every request
    of a plan has a start round, so that every batch ends.
    """

    overlap: Overlap = "discrete"

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="sps",
        title="SPS, staggered pipeline schedule",
        summary="one start every fixed gap: a staggered pipeline",
        paper="P4: Feng, Yang, Zhang, arXiv 2601.22996, SPS",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.BATCH,
        restarts=False,
        ratio="2 if all a_i = 0, s_i = s and o_i = o; 1 in the limit of M, n",
        complexity="O(n log n) a batch of n requests",
        reading=(
            "formulas of the gap [inferred, checked]; different requests "
            "and later arrivals are extensions [inferred]"
        ),
    )

    def planner(self, memory: int) -> Plan:
        """Return the function that plans a batch, on ``memory`` units."""

        def plan(jobs: Sequence[Job], now: int) -> list[PlannedRun]:
            longest = max(true_length(job) for job in jobs)
            classes = [(longest, jobs)]
            return staggered(classes, now, memory, self.overlap)

        return plan
