"""GBA-D: GBA that starts requests early where memory allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile
from typing import ClassVar

from kvopt.policies.base import (
    Arrivals,
    Decision,
    InformationModel,
    PolicyInfo,
    Setup,
    View,
)
from kvopt.policies.gba import GBA
from kvopt.policies.pipeline import Plan, PlannedRuns, true_length

__all__ = ["GBAD"]


@dataclass(frozen=True)
class GBAD(GBA):
    """The plan of GBA, with the next request pulled forward where it fits.

    P4 (arXiv 2601.22996). In each round the next request of the plan starts
    before its slot, if in no later round the running requests, this one and
    the others in their slots hold more than ``M`` together. Then no slot is
    ever lost, and no request starts later than by GBA.

    Notes
    -----
    The test uses true lengths, and the next request may be of the next
    class: both are readings [inferred]. Parameters are those of GBA.
    """

    adapts: ClassVar[bool] = True
    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="gba-d",
        title="GBA-D",
        summary=(
            "the plan of gba, with requests pulled forward where memory allows"
        ),
        paper="P4: Feng, Yang, Zhang, arXiv 2601.22996, GBA-D",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.BATCH,
        restarts=False,
        ratio=(
            "that of GBA: 10.67 if all a_i = 0 and s_i = s; 6.75 for M to "
            "infinity; alpha not known"
        ),
        complexity="O(k^2) a test, k = runs that overlap the new one",
        reading=(
            "pulling forward as summarised; the test that keeps all slots "
            "is a reading [inferred], and those of GBA"
        ),
    )

    def session(self, setup: Setup) -> Callable[[View], Decision]:
        """Return the decision function of one run."""
        return _Session(self.planner(setup.memory), setup.memory).decide


class _Session(PlannedRuns):
    """The plan, of which more and more is pulled forward."""

    def __init__(self, plan: Plan, memory: int) -> None:
        super().__init__(plan)
        self.memory = memory

    def decide(self, view: View) -> Decision:
        """Start what is due, then what can be pulled forward."""
        if not view.running:
            self.renew(view, view.waiting)
        now = view.round
        started = self.due(now)
        while self.slots:
            runs = [*view.running.items(), *((i, now) for i in started)]
            if not self.fits(view, runs):
                break
            started.append(self.slots.popleft().request)
        return Decision(started)

    def fits(self, view: View, runs: list[tuple[int, int]]) -> bool:
        """Return whether the next one can start beside ``runs`` and slots."""

        def row(request: int, start: int) -> tuple[int, int, int]:
            job = view.jobs[request]
            return start, job.prompt, start + true_length(job)

        slots = iter(self.slots)
        rows = [row(next(slots).request, view.round)]
        last = rows[0][2]
        rows += [row(*run) for run in runs]
        rows += [
            row(slot.request, slot.start)
            for slot in takewhile(lambda s: s.start < last, slots)
        ]
        # Between two completions memory only grows.
        return all(
            sum(s + t - p for p, s, end in rows if p < t <= end) <= self.memory
            for t in {end for _, _, end in rows if end <= last}
        )
