"""Staggered pipelines: equal jobs started at a fixed gap; policies that plan.

Shared by the policies of P4 (arXiv 2601.22996). Runs that are started
together peak together; runs that are started apart peak apart, and more of
them fit.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import ClassVar, Literal, NamedTuple

from kvopt.model import InputError
from kvopt.policies.base import (
    Decision,
    InformationModel,
    Job,
    PolicyInfo,
    Setup,
    View,
)

__all__ = [
    "Overlap",
    "Pipeline",
    "Pipelined",
    "Plan",
    "PlannedPolicy",
    "PlannedRun",
    "PlannedRuns",
    "at_rate",
    "check_number",
    "pipeline",
    "staggered",
    "true_length",
]

Overlap = Literal["discrete", "continuous"]


class PlannedRun(NamedTuple):
    """A run that a policy has planned.

    Parameters
    ----------
    request
        Request number.
    start
        Round at which it starts, not before the round of the plan.
    most
        Rounds after which it is cancelled, unless it is complete by then.
    """

    request: int
    start: int
    most: int


# Takes the jobs that are present and unfinished, by request number, and the
# current round; returns the runs of the next phase in order of start, at most
# one for each job.
Plan = Callable[[Sequence[Job], int], list[PlannedRun]]


class Pipeline(NamedTuple):
    """``starts`` requests are started together, every ``gap`` rounds."""

    starts: int
    gap: int

    def slot(self, index: int) -> int:
        """Return the round at which job ``index`` starts, from round 0."""
        return index // self.starts * self.gap


def pipeline(
    memory: int, prompt: int, length: int, overlap: Overlap
) -> Pipeline:
    """Return the pipeline for jobs of at most ``length`` rounds.

    P4, SPS; the formulas are readings [inferred]. When ``M`` holds a whole
    job's volume ``v = s*tau + tau*(tau+1)/2``, which is what a pipeline of
    one start a round holds in steady state, ``floor(M/v)`` jobs start each
    round. Otherwise the gap is ``ceil(tau/k)``, ``k`` runs overlap.

    Parameters
    ----------
    memory, prompt
        ``M`` and ``s``, in units.
    length
        ``tau``, in rounds.
    overlap
        How ``k`` is found: ``"discrete"``, the largest ``k`` whose gap keeps
        the steady-state peak within ``M``; ``"continuous"``, the largest
        with ``k*s + tau*(k+1)/2 <= M``, which is never more. At least 1.
    """
    volume = prompt * length + length * (length + 1) // 2
    if volume <= memory:
        return Pipeline(memory // volume, 1)
    if overlap == "continuous":
        k = max(1, (2 * memory - length) // (2 * prompt + length))
        return Pipeline(1, -(-length // k))
    low, high = 1, length  # k = low fits, or is 1; k = high does not fit
    while high - low > 1:
        k = (low + high) // 2
        if _peak(prompt, length, -(-length // k)) <= memory:
            low = k
        else:
            high = k
    return Pipeline(1, -(-length // low))


def _peak(prompt: int, length: int, gap: int) -> int:
    """Return the most that a steady pipeline holds, one start a gap.

    It is held whenever a run is in its last round: the runs have then been
    active for ``tau, tau - g, tau - 2g, ...`` rounds, each at least as long
    as in any other phase. It falls as the gap grows.
    """
    k = -(-length // gap)
    return k * (prompt + length) - gap * (k * (k - 1) // 2)


def at_rate(rate: Fraction) -> Pipeline:
    """Return the densest pipeline of at most ``rate`` starts a round."""
    if rate >= 1:
        return Pipeline(math.floor(rate), 1)
    return Pipeline(1, math.ceil(1 / rate))


def staggered(
    classes: Iterable[tuple[int, Sequence[Job]]],
    now: int,
    memory: int,
    overlap: Overlap,
) -> list[PlannedRun]:
    """Plan one pipeline for each class, one class after the other.

    Parameters
    ----------
    classes
        For each class the length ``tau`` that every job of it is given, and
        its jobs, in the order in which to start them. True lengths are read
        to know when a pipeline has drained.
    now
        Round at which the first class begins.
    memory, overlap
        See :func:`pipeline`. Every prompt of a class counts as its longest.

    Notes
    -----
    Feasible also where the longest prompt and ``tau`` do not fit together:
    then the gap is ``tau``, and the jobs run one at a time.
    """
    plan: list[PlannedRun] = []
    for length, jobs in classes:
        prompt = max(job.prompt for job in jobs)
        pipe = pipeline(memory, prompt, length, overlap)
        drained = now
        for index, job in enumerate(jobs):
            start = now + pipe.slot(index)
            plan.append(PlannedRun(job.request, start, length))
            drained = max(drained, start + true_length(job))
        now = drained
    return plan


def true_length(job: Job) -> int:
    """Return the output length of a job whose policy is told it."""
    assert job.hint.output is not None
    return job.hint.output


class Pipelined:
    """Base class of the policies that start requests in slots."""

    info: ClassVar[PolicyInfo]

    @property
    def information(self) -> InformationModel:
        """What the class is told, whatever the parameters."""
        return self.info.information

    @property
    def idles(self) -> bool:
        """True: a request that ends early leaves a pause to the next slot."""
        return True

    @property
    def livelock(self) -> Literal["none"]:
        """Either nothing is cancelled, or slices grow until all fit."""
        return "none"


class PlannedPolicy(Pipelined):
    """Base class of the policies that plan whole phases.

    All runs of a phase are planned when it begins, with those that are
    present then; the next one begins when all of them are over. So an engine
    can play a phase at once, without asking in each round. Whoever arrives
    during a phase waits for the next one [inferred].

    Attributes
    ----------
    adapts
        Whether runs depart from the plan, so that each round counts.
    """

    adapts: ClassVar[bool] = False

    def planner(self, memory: int) -> Plan:
        """Return what plans the phases of one run of the policy.

        Parameters
        ----------
        memory
            ``M``, in units.
        """
        raise NotImplementedError

    def session(self, setup: Setup) -> Callable[[View], Decision]:
        """Return the decision function of one run."""
        return PlannedRuns(self.planner(setup.memory)).decide


class PlannedRuns:
    """Decisions of a policy that plans all runs of a phase at once.

    Attributes
    ----------
    slots
        What has not started, in order of start.
    most
        Rounds after which each request of the phase is cancelled.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.slots: deque[PlannedRun] = deque()
        self.most: dict[int, int] = {}

    def decide(self, view: View) -> Decision:
        """Cancel what has had its rounds; start what is due."""
        killed = [
            i
            for i, start in view.running.items()
            if view.round - start >= self.most[i]
        ]
        if len(killed) == len(view.running):
            self.renew(view, [*view.waiting, *killed])
        return Decision(self.due(view.round), killed)

    def renew(self, view: View, unfinished: Iterable[int]) -> None:
        """Plan the next phase, if all of the last one has started.

        Parameters
        ----------
        view
            The round, in which no run of the last phase goes on.
        unfinished
            The requests that are present.
        """
        jobs = [view.jobs[i] for i in sorted(unfinished)]
        if jobs and not self.slots:
            self.slots.extend(self.plan(jobs, view.round))
            self.most = {run.request: run.most for run in self.slots}

    def due(self, now: int) -> list[int]:
        """Return what starts now, and take it out of the plan."""
        ready = []
        while self.slots and self.slots[0].start == now:
            ready.append(self.slots.popleft().request)
        return ready


def check_number(
    value: float, name: str, least: float, *, above: bool = False
) -> None:
    """Raise InputError unless ``value`` is finite and at least ``least``.

    Parameters
    ----------
    value, name
        The number, and the field that the error names.
    least
        Least value that is allowed, in the unit of ``value``.
    above
        Whether ``least`` itself is refused too.
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if (
        not number
        or not least <= value < math.inf
        or (above and value == least)
    ):
        bound = "above" if above else "at least"
        raise InputError(
            f"must be a number {bound} {least:g}", field=name, value=value
        )
