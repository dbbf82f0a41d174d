"""``simulate_staged()``: iteration by iteration, in plain Python."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np

from kvopt.model import InputError, Instance, PolicyError
from kvopt.policies import policy_spec
from kvopt.policies.base import InformationModel
from kvopt.policies.staged import StagedPolicy, parse_staged
from kvopt.policies.staged.base import (
    Batch,
    Progress,
    StagedJob,
    StagedSetup,
    StagedView,
)
from kvopt.simulation.clocks import (
    AffineClock,
    Clock,
    UnitRounds,
    clock_spec,
)
from kvopt.simulation.pulse import Pulse
from kvopt.simulation.staged.result import Iteration, StagedResult

__all__ = ["simulate_staged"]


def simulate_staged(
    instance: Instance,
    policy: StagedPolicy | str,
    clock: Clock | None = None,
    progress: Callable[[int], Any] | None = None,
) -> StagedResult:
    """Run ``policy`` on ``instance`` in the staged model of P5.

    A request takes one iteration for its prompt (or several, in chunks) and
    then ``l'`` iterations, one a token. From its admission on it holds
    ``l + decoded`` units, also while it pauses; an iteration needs what is
    held at its end. See docs/staged.md.

    Parameters
    ----------
    instance
        Its prompts are ``l``, its outputs ``l'``, its memory ``C``, its
        arrivals in units of ``clock.arrival_unit``.
    policy
        A staged policy, or its text form such as ``"wait:thresholds=4"``.
    clock
        How long an iteration takes; None for one tick. It is told the batch
        alone: paused requests take memory, not time.
    progress
        Called with the number of completed requests whenever it grows, and
        every so many rounds; may raise to end the run.

    Raises
    ------
    InputError
        For an unknown policy or parameter, thresholds that exceed memory, or
        a clock whose prompts are computed alone or have a floor.
    PolicyError
        When the policy breaks a rule of the model, or evicts and retries
        without completing anything.

    Notes
    -----
    O(requests waiting and resident) an iteration, beside the policy's work.
    """
    if isinstance(policy, str):
        policy = parse_staged(policy)
    clock = UnitRounds() if clock is None else clock
    if isinstance(clock, AffineClock) and (clock.alone or clock.floor):
        raise InputError(
            "prompts=alone and floor are for simulate: here policies make "
            "the batches",
            field="clock",
            value=clock_spec(clock),
        )
    run = _Run(instance, policy, clock)
    began = time.perf_counter()
    run.to_the_end(Pulse(progress))
    return StagedResult(
        instance=instance,
        iterations=tuple(run.iterations),
        memory=np.array(run.memory, dtype=np.int64),
        tokens=np.array(run.tokens, dtype=np.int64),
        policy=policy_spec(policy),
        clock=run.clock,
        runtime=time.perf_counter() - began,
        closed=run.closed,
    )


class _Run:
    """Everything that changes while a staged policy runs."""

    def __init__(
        self, instance: Instance, policy: StagedPolicy, clock: Clock
    ) -> None:
        self.capacity = instance.memory
        unit = clock.arrival_unit
        self.arrival = [a * unit for a in instance.arrival.tolist()]
        self.prompt = instance.prompt.tolist()
        self.output = instance.output.tolist()
        self.policy = policy
        self.clock = clock
        self.decide = policy.session(StagedSetup(instance.memory))
        self.now = self.arrival[0]
        self.closed: int | None = None
        self.arrived = 0
        self.jobs: dict[int, StagedJob] = {}
        self.waiting: dict[int, None] = {}
        self.resident: dict[int, Progress] = {}
        self.held = 0
        self.iterations: list[Iteration] = []
        self.memory: list[int] = []
        self.tokens: list[int] = []
        self.quiet = 0  # iterations since a completion or an arrival
        self.patience = 20 * (instance.memory + len(instance)) + 1000

    def to_the_end(self, pulse: Pulse) -> None:
        """Run until every request is complete."""
        n = len(self.arrival)
        while self.arrived < n or self.jobs:
            self.arrive()
            batch = self.decide(self.view())
            if batch.prefill or batch.decode:
                self.iterate(batch)
            elif self.arrived < n:
                self.now = max(self.now, self.arrival[self.arrived])
            elif self.closed is None:
                self.closed = self.now
            else:
                raise self.fault("is stuck: it waits, and nothing will arrive")
            pulse.beat(len(self.jobs), self.arrived - len(self.jobs))

    def arrive(self) -> None:
        """Put into the queue what has arrived by now."""
        told = self.policy.information is InformationModel.CLAIRVOYANT
        n = len(self.arrival)
        while (i := self.arrived) < n and self.arrival[i] <= self.now:
            output = self.output[i] if told else None
            self.jobs[i] = StagedJob(i, self.prompt[i], output)
            self.waiting[i] = None
            self.arrived += 1
            self.quiet = 0

    def view(self) -> StagedView:
        """Return what the policy may look at."""
        return StagedView(
            MappingProxyType(self.jobs),
            MappingProxyType(self.waiting),
            MappingProxyType(self.resident),
            self.closed is not None,
        )

    def iterate(self, batch: Batch) -> None:
        """Carry out a batch: evict, process, complete."""
        for i in batch.evict:
            self.release(i, "evicts")
            self.waiting[i] = None
        tokens = prompts = 0
        for i, part in batch.prefill:
            tokens += self.process(i, part)
            prompts += part
        for i in batch.decode:
            tokens += self.make_token(i)
        if len({*(i for i, _ in batch.prefill), *batch.decode}) < (
            size := len(batch.prefill) + len(batch.decode)
        ):
            raise self.fault("has a request twice in a batch")
        if self.held > self.capacity:
            raise self.fault(f"uses {self.held} of {self.capacity} units")
        start = self.now
        self.now += self.clock.iteration(size, tokens, prompts)
        self.iterations.append(
            Iteration(
                start,
                self.now,
                tuple(batch.evict),
                tuple((i, part) for i, part in batch.prefill),
                tuple(batch.decode),
            )
        )
        self.memory.append(self.held)
        self.tokens.append(tokens)
        self.quiet += 1
        for i in batch.decode:
            if self.resident[i].decoded == self.output[i]:
                self.release(i, "completes")
                del self.jobs[i]
                self.quiet = 0
        if self.quiet > self.patience:
            raise self.fault(
                f"is in a livelock: {self.quiet} iterations without a "
                "completion or an arrival"
            )

    def process(self, request: int, part: int) -> int:
        """Process a part of a prompt; return the prompt tokens so far."""
        if request in self.waiting:
            del self.waiting[request]
            self.resident[request] = Progress(0, 0)
            self.held += self.prompt[request]
            done = 0
        elif request in self.resident:
            done = self.resident[request].prefilled
        else:
            raise self.fault(f"prefills request {request}, which is not there")
        left = self.prompt[request] - done
        if not min(1, self.prompt[request]) <= part <= left:
            raise self.fault(
                f"prefills {part} tokens of request {request}, which has "
                f"{left} left"
            )
        self.resident[request] = Progress(done + part, 0)
        return int(done + part)

    def make_token(self, request: int) -> int:
        """Make a token; return the units that the request then holds."""
        done = self.resident.get(request)
        if done is None or done.prefilled < self.prompt[request]:
            raise self.fault(f"decodes request {request} before its prefill")
        self.resident[request] = Progress(done.prefilled, done.decoded + 1)
        self.held += 1
        return int(self.prompt[request] + done.decoded + 1)

    def release(self, request: int, what: str) -> None:
        """Give back all that a resident request holds."""
        if request not in self.resident:
            raise self.fault(f"{what} request {request}, which is not there")
        done = self.resident.pop(request)
        self.held -= self.prompt[request] + done.decoded

    def fault(self, problem: str) -> PolicyError:
        """Return an error that names policy, problem and time."""
        spec = policy_spec(self.policy)
        return PolicyError(f"{spec} {problem} (tick {self.now})")
