"""Response: phases with doubling caps, for prompts that the cap covers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

from kvopt.policies.base import (
    Arrivals,
    Decision,
    InformationModel,
    PolicyInfo,
    Setup,
    View,
)
from kvopt.policies.gsa import GSA, Slices, SliceSession
from kvopt.policies.pipeline import pipeline

__all__ = ["Response"]


@dataclass(frozen=True)
class Response:
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

    @property
    def information(self) -> InformationModel:
        """Nothing."""
        return InformationModel.NON_CLAIRVOYANT

    @property
    def idles(self) -> bool:
        """True: the next request waits for its slot."""
        return True

    @property
    def livelock(self) -> Literal["none"]:
        """Caps double until they reach what memory leaves."""
        return "none"

    def session(self, setup: Setup) -> Callable[[View], Decision]:
        """Return the decision function of one run."""
        return SliceSession(_Covered(GSA(), setup.memory)).decide


class _Covered(Slices):
    """The phases of GSA, each without the prompts above its slice."""

    def begin(self, view: View, unfinished: set[int]) -> None:
        """Begin the next phase in which somebody takes part."""
        while True:
            super().begin(view, unfinished)
            prompts = {i: view.jobs[i].prompt for i in self.queue}
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
