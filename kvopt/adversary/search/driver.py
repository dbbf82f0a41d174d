"""``run_search()``: a strategy, an objective and a budget."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from kvopt.adversary.search.budget import Stopping
from kvopt.adversary.search.objective import Finding, PolicyRatio, Score
from kvopt.adversary.search.recipe import Recipe
from kvopt.adversary.search.strategies import Strategy, Trial, make_strategy
from kvopt.interrupts import noting_interrupts
from kvopt.model import Instance, PolicyError
from kvopt.model.showing import Fact, Shown

__all__ = [
    "CurvePoint",
    "Progress",
    "SearchResult",
    "SearchState",
    "run_search",
]


class CurvePoint(NamedTuple):
    """A record: after how much effort, and the ratio."""

    evaluations: int
    seconds: float
    ratio: float


@dataclass
class SearchState:
    """All that a search has to remember in order to go on.

    Parameters
    ----------
    strategy
        The strategy, with what it remembers.
    rng
        Its source of randomness.
    evaluations
        Candidates evaluated so far.
    seconds
        Processor time used so far.
    best, score, origin
        The candidate with the largest ratio above 1, its costs, and where
        it came from in words; None and "" before there is one.
    curve
        Each record.
    failures
        Candidates on which the policy did not finish: its ratio is infinite
        there, but no schedule can witness it.
    failed
        The first of these, or None.
    """

    strategy: Strategy
    rng: np.random.Generator
    evaluations: int = 0
    seconds: float = 0.0
    best: Recipe | None = None
    score: Score | None = None
    origin: str = ""
    curve: list[CurvePoint] = field(default_factory=list)
    failures: int = 0
    failed: Recipe | None = None

    @property
    def ratio(self) -> float:
        """Largest ratio so far; 1 before anything was found."""
        return self.score.ratio if self.score else 1.0


# Called after each evaluation with the share of the budget that is used.
Progress = Callable[[SearchState, float], Any]


@dataclass(frozen=True)
class SearchResult(Shown):
    """What a search found.

    Parameters
    ----------
    best
        The finding with the largest ratio; None if the policy was as good as
        the reference wherever it finished.
    state
        Where the search ended, from where it can go on.
    failed
        An instance on which the policy did not finish, or None.
    interrupted
        Whether the user ended the search.
    """

    best: Finding | None
    state: SearchState
    failed: Instance | None
    interrupted: bool

    def summary(self) -> list[Fact]:
        """Return the worst instance found, and where the policy failed."""
        facts = [] if self.best is None else self.best.summary()
        if self.best is None:
            facts.append(("found", "no instance with a ratio above 1"))
        if self.failed is not None:
            facts.append(("did not finish on", self.failed.hash))
        if self.interrupted:
            facts.append(("interrupted", True))
        return facts

    def picture(self) -> str:
        """Return both schedules of the worst instance."""
        return "" if self.best is None else self.best.picture()


def run_search(
    objective: PolicyRatio,
    stopping: Stopping,
    strategy: str = "portfolio",
    seed: int = 0,
    state: SearchState | None = None,
    progress: Progress | None = None,
) -> SearchResult:
    """Search for an instance on which a policy is far from its reference.

    Parameters
    ----------
    objective
        The ratio to drive up, and the conditions that instances keep.
    stopping
        The budget.
    strategy
        Name of the strategy, see ``docs/adversary.md``.
    seed
        Seed of everything random. With a budget of evaluations the result
        depends on the arguments alone.
    state
        A search to go on with; None for a new one. What it has used counts
        for the budget, and the result is that of a search which was never
        interrupted.
    progress
        Called after each evaluation.

    Notes
    -----
    KeyboardInterrupt (SIGINT, read between two evaluations) ends the search
    with the best finding so far.

    Raises
    ------
    InputError
        When the policy cannot run under the conditions, or there is no such
        strategy.
    """
    if state is None:
        kind = make_strategy(strategy, objective.conditions)
        state = SearchState(kind, np.random.default_rng(seed))
    # After what may be refused: it may compile.
    objective.prepare()
    searcher = _Searcher(objective, stopping, state, progress)
    try:
        with noting_interrupts(searcher):
            searcher.run()
    except KeyboardInterrupt:
        searcher.interrupted = True
    best = None
    if state.best is not None and state.score is not None:
        best = objective.finding(state.best, state.score)
    failed = None
    if state.failed is not None:
        failed = state.failed.instance(objective.told)
    return SearchResult(best, state, failed, searcher.interrupted)


class _Searcher:
    def __init__(
        self,
        objective: PolicyRatio,
        stopping: Stopping,
        state: SearchState,
        progress: Progress | None,
    ) -> None:
        self.objective = objective
        self.stopping = stopping
        self.state = state
        self.progress = progress
        self.interrupted = False
        self.began = time.process_time() - state.seconds

    def run(self) -> None:
        """Evaluate candidates until the budget is used up."""
        state = self.state
        while self.share() < 1:
            if self.interrupted:
                raise KeyboardInterrupt
            trial = state.strategy.ask(state.rng)
            ratio = self.evaluate(trial)
            state.strategy.tell(trial, ratio)
            if self.progress is not None:
                self.progress(state, self.share())

    def evaluate(self, trial: Trial) -> float | None:
        """Return the ratio of a candidate, and keep the best."""
        state = self.state
        score = None
        try:
            score = self.objective.score(trial.recipe, trial.least)
        except PolicyError:
            state.failures += 1
            state.failed = state.failed or trial.recipe
        state.evaluations += 1
        state.seconds = time.process_time() - self.began
        if score is None:
            return None
        if score.ratio > state.ratio:
            state.best, state.score = trial.recipe, score
            state.origin = trial.origin
            state.curve.append(
                CurvePoint(state.evaluations, state.seconds, score.ratio)
            )
        return score.ratio

    def share(self) -> float:
        """Return the share of the budget that is used."""
        return self.stopping.share(self.state.evaluations, self.state.seconds)
