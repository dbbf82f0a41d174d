"""Response: phases with doubling caps, for prompts that the cap covers."""

from __future__ import annotations

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
from kvopt.policies.gsa import GSA, Slices
from kvopt.policies.pipeline import Plan, PlannedPolicy, pipeline

__all__ = ["Response"]


@dataclass(frozen=True)
class Response(PlannedPolicy):
    """Run requests in phases of 1, 2, 4, .. rounds, long prompts later.

    Feng, Liu, Yang, Zhang (arXiv 2607.09248), for small requests that
    respond with more than they were asked, ``s < o`` and ``s <= M/4``. Phase
    ``r`` runs every unfinished request with a prompt of at most ``2**r`` for
    at most ``2**r`` rounds, staggered as if all had the longest of these
    prompts; who does not end starts again in the next phase.

    Notes
    -----
    The cap ends at what memory leaves beside the shortest prompt; in that
    phase everybody runs, so it ends on any instance. Which requests a phase
    can handle, and the common prompt, are readings [inferred]; so is that
    later arrivals form the next batch.
    """

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="response",
        title="Response",
        summary="phases of doubling caps for prompts up to the cap, staggered",
        paper="Feng, Liu, Yang, Zhang, arXiv 2607.09248, Response",
        information=InformationModel.NON_CLAIRVOYANT,
        arrivals=Arrivals.BATCH,
        restarts=True,
        ratio=(
            "236/3 if all a_i = 0 and all requests are small and "
            "response-heavy (s <= M/4, o > s)"
        ),
        complexity="O(k) a round, k = active requests",
        reading=(
            "as summarised; who takes part, the common prompt, pipelines and "
            "later arrivals [inferred]"
        ),
    )

    def planner(self, memory: int) -> Plan:
        """Return the function that plans a phase, on ``memory`` units."""
        return _Covered(GSA(), memory).plan


class _Covered(Slices):
    """The phases of GSA, each without the prompts above its slice."""

    def begin(self, jobs: Sequence[Job], now: int) -> None:
        """Begin the next phase in which somebody takes part.

        Parameters
        ----------
        jobs, now
            As for :meth:`Slices.begin`.
        """
        while True:
            super().begin(jobs, now)
            prompts = {
                job.request: job.prompt
                for job in jobs
                if job.request in self.batch
            }
            last = self.length >= self.memory - min(prompts.values())
            covered = [
                i for i in self.queue if last or prompts[i] <= self.length
            ]
            if covered:
                break
        self.queue = deque(covered)
        self.prompt = max(prompts[i] for i in covered)
        self.pipe = pipeline(
            self.memory, self.prompt, self.length, self.policy.overlap
        )
