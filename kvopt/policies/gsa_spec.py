"""GSA-Spec: GSA with speculative runs in the memory that it leaves free."""

from __future__ import annotations

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
from kvopt.policies.choices import EvictLast, Running
from kvopt.policies.gsa import GSA, Slices

__all__ = ["GSASpec"]


@dataclass(frozen=True)
class GSASpec(GSA):
    """GSA's slices as a baseline, and unfinished requests beside them.

    P4 (arXiv 2601.22996). After the baseline has had its slots, waiting
    requests start speculatively, in order of arrival, while the next round
    fits into ``M``. When it would not fit, speculative runs are killed, the
    last started first [inferred], and no others.

    Parameters
    ----------
    runs
        What happens to a run where baseline and speculation meet
        [inferred]. ``"restart"``: a request gets its slot from scratch, and
        is killed at the end of its slice, as in GSA. ``"keep"``: a
        speculative run counts as the slot of its request, if memory allows
        for all other slots; at the end of its slice a run goes on as a
        speculative one.
    alpha, tau_0, overlap
        Those of GSA; the paper's experiments use alpha = 2 and a first slice
        of 64 or 256 rounds [inferred].

    Notes
    -----
    No request ends later than by GSA: a phase serves no more requests than
    GSA's, none in a later slot. A request that has run for ``tau`` rounds,
    speculatively, needs no slot in a phase of slice ``tau``; its slot, and
    that of a finished request, goes to the next one [inferred]. So the
    policy ends as GSA does, and keeps its bounds.
    """

    runs: Literal["restart", "keep"] = "keep"

    adapts: ClassVar[bool] = True
    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="gsa-spec",
        title="GSA-Spec",
        summary="gsa, and speculative runs in the memory it leaves free",
        paper="P4: Feng, Yang, Zhang, arXiv 2601.22996, GSA-Spec",
        information=InformationModel.NON_CLAIRVOYANT,
        arrivals=Arrivals.BATCH,
        restarts=True,
        ratio=(
            "that of GSA: 61.92 if all a_i = 0 and s_i = s; 32 for M to "
            "infinity with s, o fixed; alpha not known"
        ),
        complexity="O(n log n) a round for n waiting requests",
        reading=(
            "speculation as summarised; what becomes of a speculative run "
            "at its slot and which one is killed [inferred], and GSA's"
        ),
    )

    def session(self, setup: Setup) -> Callable[[View], Decision]:
        """Return the decision function of one run."""
        keep = self.runs == "keep"
        return _Session(Slices(self, setup.memory), setup, keep).decide


class _Session:
    """What GSA-Spec remembers during one run.

    Attributes
    ----------
    granted
        Start round of each run of the baseline.
    seen
        The most rounds that each request has run in one go.
    running
        Start round of each run that goes on, by the decision so far.
    """

    def __init__(self, slices: Slices, setup: Setup, keep: bool) -> None:
        self.slices = slices
        self.setup = setup
        self.keep = keep
        self.granted: dict[int, int] = {}
        self.seen: dict[int, int] = {}
        self.running: dict[int, int] = {}

    def decide(self, view: View) -> Decision:
        """End slices, serve slots, then speculate."""
        now = view.round
        before = view.running
        self.running = dict(before)
        for i, start in before.items():
            self.seen[i] = max(self.seen.get(i, 0), now - start)
        self.granted = {i: p for i, p in self.granted.items() if i in before}
        self.end_slices(now)
        self.serve_slots(view)
        self.make_room(view)
        self.speculate(view)
        return Decision(
            [i for i, p in self.running.items() if p == now],
            [i for i, p in before.items() if self.running.get(i) != p],
        )

    def end_slices(self, now: int) -> None:
        """End the slices of the baseline's runs."""
        for i, start in list(self.granted.items()):
            if now - start >= self.slices.length:
                del self.granted[i]
                if not self.keep:
                    del self.running[i]

    def serve_slots(self, view: View) -> None:
        """Begin phases and give out the slots of this round."""
        slices, now = self.slices, view.round
        unfinished = {*view.waiting, *view.running}
        while True:
            while slices.queue and (
                slices.queue[0] not in unfinished
                or self.seen.get(slices.queue[0], 0) >= slices.length
            ):
                slices.queue.popleft()
            if slices.queue:
                if slices.slot() > now:
                    return
                self.grant(slices.take(), view)
            elif self.granted or not unfinished:
                return
            else:
                jobs = [view.jobs[i] for i in sorted(unfinished)]
                slices.begin(jobs, now)

    def grant(self, request: int, view: View) -> None:
        """Give a request its slot, with the run that it has or a new one."""
        start = self.running.get(request, view.round)
        if start < view.round and not (self.keep and self.fits(start, view)):
            start = view.round
        # A new run goes to the end: it is the last started.
        if start == view.round:
            self.running.pop(request, None)
        self.running[request] = self.granted[request] = start

    def fits(self, start: int, view: View) -> bool:
        """Return whether a run from ``start`` on leaves room for all slots.

        For the baseline's runs, and a run of the longest prompt in each slot
        to come, until the run has ended.
        """
        slices = self.slices
        runs = [(view.jobs[i].prompt, p) for i, p in self.granted.items()]
        runs.append((slices.prompt, start))
        last = start + slices.length
        for ahead in range(len(slices.queue)):
            slot = slices.slot(ahead)
            if slot >= last:
                break
            runs.append((slices.prompt, slot))
        # Between two ends of slices memory only grows.
        return all(
            sum(s + t - p for s, p in runs if p < t <= p + slices.length)
            <= self.setup.memory
            for t in {p + slices.length for _, p in runs}
            if t <= last
        )

    def make_room(self, view: View) -> None:
        """Kill speculative runs, the last started first, until all fits."""
        rows = [
            Running(i, self.usage(i, view), view.round - start, 1)
            for i, start in self.running.items()
            if i not in self.granted
        ]
        held = sum(self.usage(i, view) for i in self.granted)
        left = self.setup.memory - held
        for i in EvictLast().cancel(rows, left, self.setup.rng):
            del self.running[i]

    def usage(self, request: int, view: View) -> int:
        """Return what a run holds in the next round."""
        age = view.round + 1 - self.running[request]
        return view.jobs[request].prompt + age

    def speculate(self, view: View) -> None:
        """Start what waits, in order of arrival, while the next round fits."""
        free = self.setup.memory - sum(
            self.usage(i, view) for i in self.running
        )
        for i in sorted({*view.waiting, *view.running} - {*self.running}):
            free -= view.jobs[i].prompt + 1
            if free < 0:
                break
            self.running[i] = view.round
