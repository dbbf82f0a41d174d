"""GSA: slices of geometrically growing length, unknown outputs."""

from __future__ import annotations

import math
from collections import deque
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
    Pipeline,
    Plan,
    PlannedPolicy,
    PlannedRun,
    check_number,
    pipeline,
)

__all__ = ["GSA", "Slices"]


@dataclass(frozen=True)
class GSA(PlannedPolicy):
    """Give every request a slice; then those that are left a longer one.

    P4 (arXiv 2601.22996). In phase ``p`` every unfinished request starts
    from scratch, in the staggered pipeline for ``tau = tau_0*alpha**p``
    rounds, and is killed after ``tau`` rounds if it has not ended. The next
    phase begins when the pipeline has drained.

    Parameters
    ----------
    alpha
        Growth of the slices, above 1; 2 in the paper's experiments.
    tau_0
        First slice in rounds, at least 1.
    overlap
        ``"discrete"`` or ``"continuous"``: how many runs overlap in a
        pipeline.

    Notes
    -----
    It ends: at the latest the slice that is capped at ``M - s`` is long
    enough for every request, and each slice is longer than the one before.
    Slices are rounded down, and one that is not longer than the one before
    is left out, as nothing could end in it [inferred]. Requests start in
    order of arrival. Different prompts count as the longest among the
    unfinished, the cap is that of the shortest, and later arrivals form the
    next batch [inferred].
    """

    alpha: float = 2.0
    tau_0: float = 1.0
    overlap: Overlap = "discrete"

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="gsa",
        title="GSA, geometric slicing",
        summary=(
            "slices of growing length for all unfinished requests; lengths "
            "unknown"
        ),
        paper="P4: Feng, Yang, Zhang, arXiv 2601.22996, GSA",
        information=InformationModel.NON_CLAIRVOYANT,
        arrivals=Arrivals.BATCH,
        restarts=True,
        ratio=(
            "61.92 if all a_i = 0 and s_i = s; 32 for M to infinity with s, "
            "o fixed; alpha not known"
        ),
        complexity="O(k) a round, k = active requests",
        reading=(
            "phases as summarised; pipelines, rounding, the full name, "
            "different prompts and later arrivals [inferred]"
        ),
    )

    def __post_init__(self) -> None:
        check_number(self.alpha, "alpha", 1, above=True)
        check_number(self.tau_0, "tau_0", 1)

    def planner(self, memory: int) -> Plan:
        """Return the function that plans a phase, on ``memory`` units."""
        return Slices(self, memory).plan


class Slices:
    """The phases of GSA: slice, pipeline, and who is still to start.

    Attributes
    ----------
    length
        Slice of the phase in rounds; 0 before the first.
    queue
        Requests of the phase that have not started, by number.
    """

    def __init__(self, policy: GSA, memory: int) -> None:
        self.policy = policy
        self.memory = memory
        self.batch: set[int] = set()
        self.queue: deque[int] = deque()
        self.length = self.phase = 0
        self.pipe = Pipeline(1, 1)
        self.prompt = 0
        self.begun = self.taken = 0

    def plan(self, jobs: Sequence[Job], now: int) -> list[PlannedRun]:
        """Begin the next phase, and return its runs.

        Parameters
        ----------
        jobs, now
            As for :meth:`begin`.
        """
        self.begin(jobs, now)
        return [
            PlannedRun(i, self.slot(ahead), self.length)
            for ahead, i in enumerate(self.queue)
        ]

    def begin(self, jobs: Sequence[Job], now: int) -> None:
        """Begin the next phase, or the next batch when one is complete.

        Parameters
        ----------
        jobs
            All that are present and unfinished, by request number.
        now
            The current round.
        """
        alive = [job for job in jobs if job.request in self.batch]
        if not alive:
            alive = list(jobs)
            self.length = self.phase = 0
        self.queue = deque(job.request for job in alive)
        self.batch = set(self.queue)
        prompts = [job.prompt for job in alive]
        self.prompt = max(prompts)
        self._lengthen(self.memory - min(prompts))
        self.pipe = pipeline(
            self.memory, self.prompt, self.length, self.policy.overlap
        )
        self.begun, self.taken = now, 0

    def _lengthen(self, cap: int) -> None:
        """Take the next slice that is longer than the last, up to ``cap``."""
        alpha, first = self.policy.alpha, self.policy.tau_0
        least = self.length + 1
        # The least p with first * alpha**p >= least, or one below it.
        p = math.floor(math.log(least / first) / math.log(alpha))
        p = max(p, self.phase)
        while first * alpha**p < least:
            p += 1
        self.phase = p + 1
        self.length = int(min(first * alpha**p, cap))

    def slot(self, ahead: int = 0) -> int:
        """Return the round of the next slot, or of one further ``ahead``."""
        return self.begun + self.pipe.slot(self.taken + ahead)

    def take(self) -> int:
        """Take the next request into the next slot."""
        self.taken += 1
        return self.queue.popleft()
