"""The reference engine: round by round, the executable specification."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

import numpy as np

from kvopt.model import InputError, Instance, PolicyError, Run
from kvopt.model.serving import PLAIN, ServingRules
from kvopt.policies import Policy
from kvopt.policies.base import Decision, Job, Setup, View
from kvopt.simulation.clocks import LATEST, UNIT_ROUNDS, Clock, clock_spec
from kvopt.simulation.faults import (
    fault,
    livelock,
    patience,
    stuck,
    watch_of,
)
from kvopt.simulation.outcome import (
    SimulationOutcome,
    counted_outcome,
    measured_outcome,
)
from kvopt.simulation.pulse import Progress, Pulse
from kvopt.simulation.reasons import ReasonLog
from kvopt.simulation.told import hints

__all__ = ["run"]


def run(
    instance: Instance,
    policy: Policy,
    seed: int = 0,
    progress: Progress | None = None,
    clock: Clock = UNIT_ROUNDS,
    serving: ServingRules = PLAIN,
    explain: bool = False,
) -> SimulationOutcome:
    """Run ``policy`` on ``instance`` and return every run it made.

    At round ``t`` the requests that have arrived by then are known: those
    with ``a_i <= t``, or with a clock that measures seconds those that are
    due by the end of iteration ``t``. The policy cancels and starts requests;
    what is active then runs through round ``t + 1``, which takes as long as
    the clock says; requests that have run ``o_i`` rounds are complete at
    ``t + 1``. Time in which nothing runs and nothing waits is passed over.

    Takes O(rounds x active requests) beside the policy's own work.

    Parameters
    ----------
    instance, policy, seed, progress, clock, serving, explain
        As for :func:`kvopt.simulate`. What ``progress`` raises ends the run.

    Raises
    ------
    InputError
        When the instance lacks the predictions that the policy needs, or
        times get too long for the clock.
    PolicyError
        When the policy starts or cancels a request that it cannot, exceeds
        the memory, leaves the worker idle for ever, or cancels and retries
        for ever.
    """
    state = _State(instance, policy, seed, clock, serving, explain)
    n = len(instance)
    pulse = Pulse(progress)
    try:
        while state.completed < n:
            state.arrive()
            decision = state.decide(state.view())
            state.apply(decision)
            state.check_memory()
            state.note(decision)
            state.watch(decision)
            state.advance()
            pulse.beat(len(state.jobs) - state.completed, state.completed)
    except PolicyError as error:
        if state.reasons is None:
            raise
        raise PolicyError(f"{error}; {state.reasons.last()}") from None
    outcome = state.outcome()
    if state.reasons is None:
        return outcome
    return outcome._replace(reasons=tuple(state.reasons.found))


class _State:
    """Everything that changes while a policy runs."""

    def __init__(
        self,
        instance: Instance,
        policy: Policy,
        seed: int,
        clock: Clock,
        serving: ServingRules,
        explain: bool,
    ) -> None:
        self.clock, self.serving = clock, serving
        self.memory = instance.memory
        self.output = instance.output.tolist()
        self.due = clock.due(instance).tolist()
        self.prompt = instance.prompt.tolist()
        self.hints = hints(instance, policy)
        self.policy = policy
        rng = np.random.default_rng(seed)
        self.decide: Callable[[View], Decision] = policy.session(
            Setup(instance.memory, rng, explain, serving)
        )
        self.watched = watch_of(policy, serving)
        self.time = self.due[0]
        self.round = 0 if clock.measures else self.time
        self.jobs: dict[int, Job] = {}
        self.waiting: dict[int, None] = {}
        # The round before the first token of each that runs: it moves on
        # while the prompt is computed. Then the start itself.
        self.running: dict[int, int] = {}
        self.started: dict[int, int] = {}
        # Prompt tokens yet to be computed, in the order in which they are.
        self.prefill: dict[int, int] = {}
        # What the policy may look at: these, but it cannot change them.
        self.shown = (
            MappingProxyType(self.jobs),
            MappingProxyType(self.running),
            MappingProxyType(self.waiting),
            MappingProxyType(self.prefill),
        )
        self.arrived: list[int] = []
        self.runs: list[Run] = []
        # Tokens that each run made.
        self.made: list[int] = []
        # Begin, end of the first iteration, and end of each run, in ticks;
        # only where the clock measures them.
        self.ticks: list[tuple[int, int, int]] = []
        self.begun: dict[int, tuple[int, int]] = {}
        self.completed = 0
        self.finished_now: list[int] = []
        self.seen: set[frozenset[tuple[int, int]]] = set()
        self.quiet_since = self.round
        self.reasons = ReasonLog() if explain else None

    def arrive(self) -> None:
        """Make the requests known that have arrived by now."""
        self.arrived = []
        n = len(self.due)
        while (i := len(self.jobs)) < n and self.due[i] <= self.time:
            hint = self.hints[i]
            self.jobs[i] = Job(i, self.round, self.prompt[i], hint)
            self.waiting[i] = None
            self.arrived.append(i)

    def view(self) -> View:
        """Return what the policy may look at."""
        jobs, running, waiting, prefill = self.shown
        return View(self.round, jobs, running, waiting, self.arrived, prefill)

    def apply(self, decision: Decision) -> None:
        """Cancel, then start, what the policy decided."""
        for i in decision.cancel:
            if i not in self.running:
                raise self.fault(f"cancels request {i}, which does not run")
            self.end_run(i, completed=False)
            self.waiting[i] = None
        for i in decision.start:
            if i not in self.waiting:
                raise self.fault(f"starts request {i}, which does not wait")
            del self.waiting[i]
            self.running[i] = self.started[i] = self.round
        # Prompts that start together are computed in order of arrival.
        for i in sorted(decision.start):
            self.prefill[i] = self.prompt[i]

    def end_run(self, i: int, *, completed: bool) -> None:
        """Note that the run of a request is over."""
        made = self.round - self.running.pop(i)
        self.runs.append(Run(i, self.started.pop(i), self.round, completed))
        self.made.append(made)
        if self.clock.measures:
            begin, first = self.begun.pop(i)
            # A run without a token ends when it ends.
            self.ticks.append((begin, first or self.time, self.time))
        self.prefill.pop(i, None)
        if not completed and self.serving.keeps:
            self.prompt[i] += made
            self.output[i] -= made
            self.jobs[i] = self.jobs[i].after(made)

    def next_usage(self) -> int:
        """Return the units that what runs holds in the next round."""
        following, held = self.round + 1, self.serving.held
        tokens = [
            self.prompt[i] + following - p for i, p in self.running.items()
        ]
        return sum(tokens if self.serving.block == 1 else map(held, tokens))

    def check_memory(self) -> None:
        """Raise unless the next round fits into the memory."""
        following, usage = self.round + 1, self.next_usage()
        if usage > self.memory:
            raise self.fault(
                f"uses {usage} of {self.memory} units in round {following}"
            )

    def note(self, decision: Decision) -> None:
        """Keep the reasons of a decision, if they are asked for."""
        if self.reasons is None:
            return
        free = self.memory - self.next_usage()
        self.reasons.note(
            self.round,
            decision,
            self.waiting,
            lambda i: self.prompt[i] < free,
        )

    def watch(self, decision: Decision) -> None:
        """Raise when the policy can be seen to make no more progress."""
        if self.arrived or self.finished_now:
            self.seen.clear()
            self.quiet_since = self.round
        final = len(self.jobs) == len(self.due)
        if final and not self.running and not self.policy.idles:
            raise stuck(self.policy, self.round, list(self.waiting))
        if not decision.cancel:
            return
        if self.watched == "state":
            state = frozenset(
                (i, self.round - p) for i, p in self.running.items()
            )
            if state in self.seen:
                raise self.livelock()
            self.seen.add(state)
        if (
            self.watched == "patience"
            and self.round - self.quiet_since > patience(self.memory)
        ):
            raise self.livelock()

    def livelock(self) -> PolicyError:
        """Return the error of a policy that clears and retries for ever."""
        running = list(self.running)
        return livelock(self.policy, self.round, self.quiet_since, running)

    def fault(self, problem: str) -> PolicyError:
        """Return the error of a policy that breaks a rule."""
        return fault(self.policy, self.round, problem)

    def advance(self) -> None:
        """Run one round; jump to the next arrival if there is no work."""
        parts = self.chunks()
        self.round += 1
        if self.clock.measures:
            self.measure(parts)
        else:
            self.time += 1
        self.finished_now = [
            i
            for i, p in self.running.items()
            if self.round - p == self.output[i]
        ]
        for i in self.finished_now:
            self.end_run(i, completed=True)
            self.completed += 1
        i = len(self.jobs)
        if i < len(self.due) and not self.running and not self.waiting:
            idle = max(0, self.due[i] - self.time)
            self.time += idle
            if not self.clock.measures:
                self.round += idle
        if self.clock.measures and self.time > LATEST:
            raise InputError(
                f"times exceed 53 days in round {self.round}",
                field="clock",
                value=clock_spec(self.clock),
            )

    def chunks(self) -> dict[int, int]:
        """Return the prompt tokens of each request that the round computes.

        Without a budget every prompt takes the one round in which it starts.
        """
        budget = self.serving.budget
        if budget is None:
            parts = dict(self.prefill)
            self.prefill.clear()
            return parts
        parts = {}
        decoding = len(self.running) - len(self.prefill)
        room = max(0, budget - decoding)
        for i, left in list(self.prefill.items()):
            part = min(left, room)
            if part < left:
                # Its first token is yet to come.
                break
            parts[i] = part
            del self.prefill[i]
            room -= part
        for i in self.prefill:
            self.running[i] = self.round + 1
        behind = next(iter(self.prefill), None)
        if behind is not None and room:
            parts[behind] = room
            self.prefill[behind] -= room
        return parts

    def measure(self, parts: dict[int, int]) -> None:
        """Let the clock go on by the round that is over.

        Parameters
        ----------
        parts
            The prompt tokens of each request that the round computed.
        """
        began = self.time
        fresh = [i for i in parts if i not in self.prefill]
        # What it holds at the end: prompts as far as they are computed.
        tokens = len(fresh) + sum(
            self.prompt[i] - self.prefill.get(i, 0) for i in parts
        )
        batch = len(parts)
        for i, p in self.running.items():
            if i not in parts and i not in self.prefill:
                batch += 1
                tokens += self.prompt[i] + self.round - p
        work = (batch, tokens, sum(parts.values()), len(parts))
        self.time += self.clock.iteration(*work)
        first = began + self.clock.first_token(*work)
        for i, start in self.started.items():
            if start + 1 == self.round:
                self.begun[i] = began, 0
        for i in fresh:
            self.begun[i] = self.begun[i][0], first

    def outcome(self) -> SimulationOutcome:
        """Return the runs, and when they took place."""
        request, start, stop, completed = zip(*self.runs, strict=True)
        runs = (
            np.array(request),
            np.array(start),
            np.array(stop),
            np.array(completed),
        )
        made = np.array(self.made, np.int64)
        if not self.clock.measures:
            return counted_outcome(runs, made, self.serving)
        seen = [self.jobs[i].arrival for i in range(len(self.due))]
        return measured_outcome(
            runs,
            made,
            self.serving,
            tuple(np.array(self.ticks, np.int64).T),
            np.array(seen),
            np.array(self.due),
        )
