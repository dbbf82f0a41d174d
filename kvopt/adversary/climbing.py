"""Random restarts and hill climbing over instances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kvopt.adversary.limits import Limits
from kvopt.adversary.minimiser import minimise
from kvopt.adversary.mutators import mutate, random_instance
from kvopt.adversary.objective import Finding, PolicyRatio
from kvopt.adversary.rules import Acceptance, Climb, Stopping
from kvopt.interrupts import noting_interrupts
from kvopt.model import InputError, Instance, PolicyError

__all__ = ["Progress", "SearchResult", "SearchState", "search"]

# Evaluations without a better ratio after which a climb is given up.
PATIENCE = 150


@dataclass(frozen=True)
class SearchState:
    """What a search tells while it runs.

    Parameters
    ----------
    share
        Share of the budget that is used.
    evaluations
        Instances evaluated so far.
    ratio
        Largest ratio so far; 1 before anything was found.
    """

    share: float
    evaluations: int
    ratio: float


Progress = Callable[[SearchState], Any]


@dataclass(frozen=True)
class SearchResult:
    """What a search found.

    Parameters
    ----------
    best
        The finding with the largest ratio, shrunk; None if the policy was
        optimal wherever it finished.
    evaluations, climbs
        Instances evaluated, and climbs begun.
    failures
        Instances on which the policy did not finish: its ratio is infinite
        there, but no schedule can witness it.
    failed
        The first of these, or None.
    interrupted
        Whether the user ended the search.
    """

    best: Finding | None
    evaluations: int
    climbs: int
    failures: int
    failed: Instance | None
    interrupted: bool


def search(
    objective: PolicyRatio,
    limits: Limits,
    stopping: Stopping,
    seed: int = 0,
    acceptance: Acceptance | None = None,
    progress: Progress | None = None,
) -> SearchResult:
    """Search for an instance on which a policy is far from the optimum.

    Each climb starts at a random instance and goes on to accepted changes of
    it, until nothing better was seen for 150 evaluations. The best finding
    of all climbs is then shrunk, see :func:`kvopt.adversary.minimise`.

    Parameters
    ----------
    objective
        The ratio to drive up.
    limits
        What instances may look like.
    stopping
        The budget.
    seed
        Seed of everything random. With a budget of evaluations the result
        depends on the arguments alone.
    acceptance
        What to go on from; None for :class:`Climb`.
    progress
        Called after each evaluation.

    Notes
    -----
    KeyboardInterrupt (SIGINT, read between two evaluations) ends the search
    with the best finding so far, not shrunk.

    Raises
    ------
    InputError
        When the limits ask for arrivals after 0 and the policy is not
        defined for them.
    """
    if objective.batch_only and limits.latest_arrival:
        raise InputError(
            "must be 0: the policy is for requests that are all present at 0",
            field="latest_arrival",
            value=limits.latest_arrival,
        )
    climber = _Climber(objective, limits, stopping, seed, progress)
    try:
        with noting_interrupts(climber):
            climber.run(acceptance or Climb())
            if climber.best is not None:
                climber.best = minimise(
                    climber.best, objective, limits, climber.checkpoint
                )
    except KeyboardInterrupt:
        climber.interrupted = True
    return SearchResult(
        best=climber.best,
        evaluations=climber.evaluations,
        climbs=climber.climbs,
        failures=climber.failures,
        failed=climber.failed,
        interrupted=climber.interrupted,
    )


class _Climber:
    def __init__(
        self,
        objective: PolicyRatio,
        limits: Limits,
        stopping: Stopping,
        seed: int,
        progress: Progress | None,
    ) -> None:
        self.objective = objective
        self.limits = limits
        self.stopping = stopping
        self.rng = np.random.default_rng(seed)
        self.progress = progress
        self.best: Finding | None = None
        self.evaluations = 0
        self.climbs = 0
        self.failures = 0
        self.failed: Instance | None = None
        self.interrupted = False

    def checkpoint(self) -> None:
        """Raise KeyboardInterrupt where it does no harm."""
        if self.interrupted:
            raise KeyboardInterrupt

    def run(self, acceptance: Acceptance) -> None:
        """Climb again and again until the budget is used up."""
        while not self.done():
            self.climb(acceptance)

    def climb(self, acceptance: Acceptance) -> None:
        """Go up from a random instance until nothing better is met."""
        self.climbs += 1
        here = random_instance(self.rng, self.limits)
        finding = self.evaluate(here, 1.0)
        ratio = finding.ratio if finding else 1.0
        top, since = ratio, self.evaluations
        while not self.done() and self.evaluations - since < PATIENCE:
            candidate = mutate(here, self.rng, self.limits)
            finding = self.evaluate(candidate, acceptance.least(ratio))
            if finding is None:
                continue
            here, ratio = candidate, finding.ratio
            if ratio > top:
                top, since = ratio, self.evaluations

    def evaluate(self, instance: Instance, least: float) -> Finding | None:
        """Evaluate an instance and keep the best finding."""
        self.checkpoint()
        self.evaluations += 1
        try:
            finding = self.objective.evaluate(instance, least)
        except PolicyError:
            self.failures += 1
            self.failed = self.failed or instance
            finding = None
        if finding and finding.ratio > self.top:
            self.best = finding
        if self.progress is not None:
            share = self.stopping.share(self.evaluations)
            self.progress(SearchState(share, self.evaluations, self.top))
        return finding

    @property
    def top(self) -> float:
        """Largest ratio so far."""
        return self.best.ratio if self.best else 1.0

    def done(self) -> bool:
        """Whether the budget is used up."""
        return self.stopping.share(self.evaluations) >= 1
