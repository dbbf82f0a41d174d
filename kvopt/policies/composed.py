"""Policies that are compositions of the four choices."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, assert_never

from kvopt.model.instance import MAX_SIZE, whole_number
from kvopt.policies.base import (
    Decision,
    Explanation,
    InformationModel,
    Job,
    PolicyInfo,
    Setup,
    View,
)
from kvopt.policies.choices import (
    Active,
    Admission,
    Belief,
    ClearAll,
    ClearEach,
    Impossible,
    LookAhead,
    Misfit,
    Order,
    Overflow,
    Planned,
    Proxy,
    Running,
    Waiting,
    limit_of,
    most_passed_over,
    sort_key,
)
from kvopt.policies.demand import demand, overflow_text
from kvopt.policies.prefill import Prefill, first_tokens

__all__ = ["LAST", "ComposedPolicy", "Composition"]

# Sort key of the requests that are in no plan yet: behind all others.
LAST = 2**62


@dataclass(frozen=True)
class Composition:
    """The four choices, and what to do at the first request that misfits.

    ``misfit`` is ``"break"`` (start a prefix of the queue), ``"skip"`` (pass
    over it and go on) or
    :class:`~kvopt.policies.choices.SkipAtMost` (go on, but not for ever).
    """

    order: Order | Planned
    admission: Admission
    overflow: Overflow
    belief: Belief | Proxy
    misfit: Misfit = "break"


@dataclass(frozen=True)
class ComposedPolicy:
    """Base class: a policy says its choices, this class carries them out.

    Parameters
    ----------
    batch
        Most requests that may be active at once; None for no limit. The
        papers have none; servers do.
    """

    batch: int | None = field(default=None, kw_only=True)

    info: ClassVar[PolicyInfo]

    def __post_init__(self) -> None:
        if self.batch is not None:
            whole_number(self.batch, "batch", 1, MAX_SIZE)

    @property
    def composition(self) -> Composition:
        """The four choices that this policy is made of."""
        raise NotImplementedError

    @property
    def information(self) -> InformationModel:
        """What the policy is told about output lengths."""
        return self.composition.belief.information

    @property
    def idles(self) -> bool:
        """False: the head of the queue starts as soon as it fits."""
        return False

    @property
    def livelock(self) -> Literal["state", "patience", "none"]:
        """See :class:`kvopt.policies.base.Policy`."""
        choices = self.composition
        if isinstance(choices.overflow, Impossible):
            return "none"
        if isinstance(choices.overflow, ClearEach):
            return "patience"
        if choices.belief.learns:
            # Clearing all raises the belief of whoever had outlived it,
            # by at least one round, which cannot go on for ever.
            strict = choices.belief is not Belief.LOWER
            clears = isinstance(choices.overflow, ClearAll)
            return "none" if strict and clears else "patience"
        planned = isinstance(choices.order, Planned)
        return "patience" if planned else "state"

    def session(self, setup: Setup) -> Callable[[View], Decision]:
        """Return the decision function of one run."""
        return _Session(self.composition, self.batch, setup).decide


class _Session:
    """What a composed policy remembers during one run."""

    def __init__(
        self, choices: Composition, batch: int | None, setup: Setup
    ) -> None:
        self.choices = choices
        self.batch = batch
        self.setup = setup
        self.queue: list[tuple[float, int]] = []  # (sort key, request)
        self.known: dict[int, int] = {}  # least length that was seen
        self.draws: dict[int, float] = {}
        self.jobs: Mapping[int, Job] = {}
        self.planned_at: int | None = None
        self.why: dict[int, Explanation] = {}
        self.serving = setup.serving
        self.capacity = setup.serving.capacity(setup.memory)
        # Of what is cancelled in this round: as it will be.
        self.cut: dict[int, Job] = {}
        self.prefill: dict[int, int] = {}
        # Only a look-ahead asks when first tokens will be made.
        self.late = setup.serving.budget is not None and isinstance(
            choices.admission, LookAhead
        )

    def decide(self, view: View) -> Decision:
        """Cancel what overflows, then start what is admitted."""
        self.jobs, self.cut, self.why = view.jobs, {}, {}
        for request in view.arrived:
            if self.choices.order is Order.RANDOM:
                self.draws[request] = float(self.setup.rng.random())
            self.enqueue(request)
        if isinstance(self.choices.order, Planned):
            self.plan(self.choices.order, view.round)
        cancel = self.cancel(view)
        gone = set(cancel)
        self.prefill = {
            request: left
            for request, left in view.prefill.items()
            if request not in gone
        }
        kept = {
            request: start
            for request, start in view.running.items()
            if request not in gone
        }
        start = self.admit(kept, view.round)
        why_cancel = overflow_text(self.choices.overflow) if cancel else ""
        return Decision(start, cancel, self.why, why_cancel)

    def explain(self, request: int, text: str) -> None:
        """Say why a request starts or waits, if asked to."""
        if self.setup.explain:
            self.why[request] = Explanation(text, self.length(request))

    def job(self, request: int) -> Job:
        """Return a request as it is after what is cancelled now."""
        return self.cut.get(request) or self.jobs[request]

    def length(self, request: int) -> int:
        """Return the believed length of a request, at most ``M - s``.

        A longer one could not be served at all, and would never start.
        """
        job, known = self.job(request), self.known.get(request, 1)
        believed = self.choices.belief.length(job, known)
        return min(believed, self.capacity - job.prompt)

    def enqueue(self, request: int) -> None:
        """Put a request into the queue."""
        match self.choices.order:
            case Planned():
                key: float = LAST
            case Order() as order:
                key = sort_key(
                    order.code,
                    request,
                    self.job(request).prompt,
                    self.length(request),
                    self.draws.get(request, 0.0),
                )
            case _ as never:
                assert_never(never)
        insort(self.queue, (key, request))

    def plan(self, order: Planned, now: int) -> None:
        """Order the whole queue anew, if it is time to."""
        last = self.planned_at
        unplanned = self.queue and self.queue[-1][0] == LAST
        early = last is not None and now - last < order.every
        if early or not unplanned:
            return
        waiting = sorted(request for _, request in self.queue)
        rows = [
            Waiting(i, self.job(i).prompt, self.length(i)) for i in waiting
        ]
        sequence = order.plan(rows, self.capacity)
        self.queue = [(rank, i) for rank, i in enumerate(sequence)]
        self.planned_at = now

    def cancel(self, view: View) -> list[int]:
        """Return what the overflow rule cancels; back into the queue."""
        now = view.round
        running = [
            Running(
                request,
                self.serving.held(self.jobs[request].prompt + now + 1 - start),
                now - start,
                self.length(request),
            )
            for request, start in view.running.items()
        ]
        rule = self.choices.overflow
        limit = limit_of(rule, self.setup.memory, self.serving)
        gone = rule.cancel(running, limit, self.setup.rng)
        for request in gone:
            progress = now - view.running[request]
            if self.serving.keeps:
                # What it was told is shorter by what it made: no more is
                # known of the rest.
                self.cut[request] = self.jobs[request].after(progress)
            elif self.choices.belief.learns:
                seen = self.choices.belief.at_least(progress)
                self.known[request] = max(self.known.get(request, 1), seen)
            self.enqueue(request)
        return gone

    def admit(self, running: Mapping[int, int], now: int) -> list[int]:
        """Return the requests to start, and take them from the queue."""
        active = {
            request: Active(
                start,
                self.jobs[request].prompt,
                max(start + self.length(request), now + 1),
            )
            for request, start in running.items()
        }
        chosen: dict[int, Active] = {}
        started: list[tuple[float, int]] = []
        misfits: list[tuple[int, int]] = []  # (prompt, length), minimal
        left = most_passed_over(self.choices.misfit, len(self.queue))
        ending = ""
        for entry in self.queue:
            if len(active) + len(chosen) == self.batch:
                ending = f"the batch of {self.batch:,} is full"
                break
            request = entry[1]
            prompt, long = self.job(request).prompt, self.length(request)
            # It needs at least what a misfit needs, in every round.
            hopeless = any(s <= prompt and o <= long for s, o in misfits)
            new = Active(now, prompt, now + long)
            if hopeless:
                self.explain(request, "does not fit either: passed over")
            elif self.setup.explain:
                sides = list(active.values()), list(chosen.values())
                parts = (*sides, new, now, self.setup.memory)
                text = str(demand(self.choices.admission, *parts))
                self.explain(request, text)
            if not hopeless and self.fits(active, chosen, request, new, now):
                chosen[request] = new
                started.append(entry)
                continue
            if left == 0:
                ending = "stands behind one that does not fit"
                break
            left -= 1
            if not hopeless:
                misfits.append((prompt, long))
        if self.setup.explain:
            for _, request in self.queue:
                if request not in self.why:
                    self.explain(request, ending)
        for entry in started:
            self.queue.remove(entry)
        return [request for _, request in started]

    def fits(
        self,
        active: dict[int, Active],
        chosen: dict[int, Active],
        request: int,
        new: Active,
        now: int,
    ) -> bool:
        """Return whether a request passes the admission test.

        Parameters
        ----------
        active, chosen
            Those that run, and those that this decision starts.
        request
            Who is asked about.
        new
            The same, as if its prompt took one round.
        now
            The round.
        """
        if self.late:
            together = {**active, **chosen, request: new}
            together = self.delayed(together, [*chosen, request], now)
            active = {i: together[i] for i in active}
            chosen = {i: together[i] for i in chosen}
            new = together[request]
        return self.choices.admission.fits(
            list(active.values()),
            list(chosen.values()),
            new,
            now,
            self.setup.memory,
            self.serving,
        )

    def delayed(
        self, jobs: dict[int, Active], starting: list[int], now: int
    ) -> dict[int, Active]:
        """Return the requests with the rounds of their chunks counted in.

        Parameters
        ----------
        jobs
            Running and starting requests, as if prompts took one round.
        starting
            Those that start now: their prompts are computed in order of
            arrival.
        now
            The round.
        """
        budget = self.serving.budget
        assert budget is not None
        left = {i: jobs[i].prompt for i in sorted(starting)}
        left = {**self.prefill, **left}
        turn = [Prefill(left[i], jobs[i].end - now) for i in left]
        ends = [job.end for i, job in jobs.items() if i not in left]
        firsts = first_tokens(turn, ends, now, budget)
        found = dict(jobs)
        for i, first in zip(left, firsts, strict=True):
            length = jobs[i].end - now
            found[i] = Active(first - 1, jobs[i].prompt, first - 1 + length)
        return found
