"""All requests at 0: optimal when it is proved, else with a guarantee."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

from kvopt.exact.bounds import METHODS
from kvopt.exact.control.session import Session, SolverError, Stopped
from kvopt.exact.few_types import batch
from kvopt.exact.few_types.batch import few_types
from kvopt.exact.semi_online import local_search
from kvopt.exact.semi_online.guarantees import guarantees
from kvopt.exact.semi_online.local_search import (
    POLICIES,
    improved,
    policy_schedules,
)
from kvopt.exact.semi_online.special_cases import SpecialCase, special_case
from kvopt.exact.task import SolverTask
from kvopt.exact.warm_start import engine_for, prepare
from kvopt.model import InputError
from kvopt.simulation import simulate

__all__ = ["run", "warm_up"]

# The linear program has a column for each request and start.
_LP_COLUMNS = 300_000


def run(task: SolverTask, session: Session) -> str:
    """Schedule requests that are all present at 0; return why it ended.

    Optimal in a case of :mod:`kvopt.exact.semi_online.special_cases`, with a
    certificate that the checker derives again, and where the dynamic program
    for few types ends (:mod:`kvopt.exact.few_types.batch`), with the program
    as the ground. Otherwise the best of MC-SF, SVF, Sorted-F and SPS, or of
    the schedule it was given, improved by local search, and the best
    polynomial bound. The reason then says why the program gave up, the factor
    that a theorem guarantees, and the factor that the bound proves.

    Parameters
    ----------
    task
        What is solved. Its reductions are not used.
    session
        Whom to tell.

    Raises
    ------
    Stopped
        When the session is over, with the same reason.
    """
    case = special_case(task.instance)
    if case is not None:
        return _by_theorem(session, case)
    search = _Run(task, session, task.incumbent, session.certificate.value)
    try:
        search.improve()
    except Stopped:
        raise Stopped(search.reason()) from None
    return search.reason()


def warm_up() -> None:
    """Compile all that :func:`run` needs, or load it from the cache."""
    batch.warm_up()
    local_search.warm_up()


@dataclass
class _Run:
    """The best starts and bound so far, and how they were found."""

    task: SolverTask
    session: Session
    starts: tuple[int, ...]
    bound: int
    found_by: str = "what it started from"
    policies: bool = False
    program: str = "was not begun"

    def improve(self) -> None:
        """Run policies, program, bounds and local search."""
        task, session = self.task, self.session
        for policy, starts in policy_schedules(session):
            self.better(starts, policy)
        self.policies = True
        self.program = "was stopped by the time limit"
        few = few_types(
            task.instance, task.memory, checkpoint=session.checkpoint
        )
        self.program = few.reason
        self.proved(few.lower_bound)
        if few.starts is not None:
            self.better(few.starts, "labels of the dynamic program")
        if few.proved:
            session.ground = few.reason
            return
        machines = METHODS["machines"].run(session)
        session.certified(machines)
        self.proved(machines.value)
        improved(task.instance, task.seed, self.starts, self.better, session)
        self.linear_program()

    def better(self, starts: tuple[int, ...], found_by: str) -> None:
        """Keep a schedule if it is better."""
        if sum(starts) < sum(self.starts):
            self.starts, self.found_by = starts, found_by
            self.session.found(starts, self.session.latency(starts))

    def proved(self, bound: int) -> None:
        """Keep a bound if it is better."""
        self.bound = max(self.bound, bound)
        self.session.proved(bound)

    def linear_program(self) -> None:
        """Try the linear program, where it is small and HiGHS is there."""
        output = self.task.instance.output
        if output.size * int(output.sum()) > _LP_COLUMNS:
            return
        with suppress(InputError):  # HiGHS need not be installed
            self.proved(METHODS["lp"].run(self.session).value)

    def reason(self) -> str:
        """Say how the search went, and how far it can be from the optimum.

        A theorem is about the schedule of a policy, so it says nothing
        before that policy has run.
        """
        promised = guarantees(self.task.instance) if self.policies else []
        before = "no theorem promises a factor"
        if promised:
            best = promised[0]
            before = (
                f"at most {_factor(best.factor)} times the optimum by theorem "
                f"({best.theorem}: {best.policy})"
            )
        latency = self.session.latency(self.starts)
        return (
            f"the program {self.program}; best of {', '.join(POLICIES)} "
            f"and local search ({self.found_by}); {before}; "
            f"{_factor(Fraction(latency, self.bound))} times the bound"
        )


def _by_theorem(session: Session, case: SpecialCase) -> str:
    instance = session.instance
    prepare(session)
    schedule = simulate(instance, "mc-sf", engine_for(instance)).schedule
    objective = schedule.total_latency(instance)
    bound = case.certificate.value
    if objective != bound:
        raise SolverError(
            f"MC-SF has total latency {objective}, but the theorem "
            f"({case.theorem}) says {bound}"
        )
    session.found(schedule.starts(instance).tolist(), objective)
    session.by_theorem(case.theorem, case.certificate)
    return ""


def _factor(factor: Fraction) -> str:
    """Return a factor to four decimals, rounded up."""
    return f"{math.ceil(factor * 10_000) / 10_000:.4f}"
