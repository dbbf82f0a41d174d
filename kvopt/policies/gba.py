"""GBA: geometric classes of lengths, a staggered pipeline in each."""

from __future__ import annotations

import math
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
    check_number,
    staggered,
    true_length,
)

__all__ = ["GBA"]


@dataclass(frozen=True)
class GBA(PlannedPolicy):
    """Serve classes of similar length from short to long, each by SPS.

    P4 (arXiv 2601.22996). Class ``p`` holds the requests with ``o_i`` in
    ``(beta*alpha**(p-1), beta*alpha**p]``; each of them counts with the
    upper end of its class. A class begins when the pipeline of the one
    before has drained.

    Parameters
    ----------
    alpha
        Ratio of the ends of a class, above 1. Which value the bounds are
        for is not known to us; 27/4 is the minimum of
        ``alpha**3/(alpha-1)``, at 1.5 [inferred].
    beta
        An end of a class, at least 1. ``p`` is any integer, negative too
        [inferred], so that ``beta`` and ``alpha*beta`` mean the same.
    overlap
        ``"discrete"`` or ``"continuous"``: how many runs overlap in a
        pipeline.

    Notes
    -----
    Inside a class requests start in order of arrival [inferred]. The upper
    end is rounded down, and capped at what memory leaves beside the shortest
    prompt of the class [inferred]. Different prompts count as the longest of
    their class, and later arrivals form the next batch [inferred].
    """

    alpha: float = 1.5
    beta: float = 1.0
    overlap: Overlap = "discrete"

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="gba",
        title="GBA, geometric batching",
        summary=(
            "geometric classes of lengths, short to long, each in a pipeline"
        ),
        paper="P4: Feng, Yang, Zhang, arXiv 2601.22996, GBA",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.BATCH,
        restarts=False,
        ratio=(
            "10.67 if all a_i = 0 and s_i = s; 6.75 for M to infinity; "
            "alpha not known"
        ),
        complexity="O(n log n) a batch of n requests",
        reading=(
            "classes as summarised; pipelines, draining between classes, "
            "the full name, different prompts and later arrivals [inferred]"
        ),
    )

    def __post_init__(self) -> None:
        check_number(self.alpha, "alpha", 1, above=True)
        check_number(self.beta, "beta", 1)

    def planner(self, memory: int) -> Plan:
        """Return the function that plans a batch, on ``memory`` units."""

        def plan(jobs: Sequence[Job], now: int) -> list[PlannedRun]:
            classes: dict[int, list[Job]] = {}
            for job in jobs:
                classes.setdefault(self._class(job), []).append(job)
            rows = [
                (self._upper_end(p, classes[p], memory), classes[p])
                for p in sorted(classes)
            ]
            return staggered(rows, now, memory, self.overlap)

        return plan

    def _class(self, job: Job) -> int:
        """Return the least ``p`` with ``o <= beta * alpha**p``."""
        o = true_length(job)
        p = math.ceil(
            (math.log(o) - math.log(self.beta)) / math.log(self.alpha)
        )
        # The logarithms may be off by a hair.
        while self.beta * self.alpha ** (p - 1) >= o:
            p -= 1
        while self.beta * self.alpha**p < o:
            p += 1
        return p

    def _upper_end(self, p: int, jobs: list[Job], memory: int) -> int:
        room = memory - min(job.prompt for job in jobs)
        return int(min(self.beta * self.alpha**p, room))
