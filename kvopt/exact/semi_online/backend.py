"""All requests at 0: optimal when it is proved, else with a guarantee."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

from kvopt.exact.bounds import lower_bound
from kvopt.exact.control.interrupts import noting_interrupts
from kvopt.exact.control.limits import check_memory_limit, check_time_limit
from kvopt.exact.control.session import SolverError, Stopped
from kvopt.exact.control.watch import Watch
from kvopt.exact.few_types.batch import check_present, few_types
from kvopt.exact.info import SolverInfo, package_versions
from kvopt.exact.semi_online.guarantees import guarantees
from kvopt.exact.semi_online.local_search import (
    POLICIES,
    best_of_policies,
    improved,
)
from kvopt.exact.semi_online.special_cases import SpecialCase, special_case
from kvopt.model import InputError, Instance, Schedule, SolveResult, Status
from kvopt.model.instance import whole_number
from kvopt.simulation import simulate

__all__ = ["INFO", "solve_semi_online"]

INFO = SolverInfo(
    name="semi-online",
    title="few types, all at 0",
    packages=(),
    install="",
    summary=(
        "all requests at 0; optimal in special cases and, by a programme "
        "polynomial in n, for few types; else the best of four policies, "
        "improved, with a guarantee"
    ),
)

# The linear programme has a column for each request and start.
_LP_COLUMNS = 300_000


def solve_semi_online(
    instance: Instance,
    time_limit: float | None = None,
    seed: int = 0,
    memory_limit: float = 2.0,
) -> SolveResult:
    """Schedule requests that are all present at 0.

    Parameters
    ----------
    instance
        The instance.
    time_limit
        Seconds, looked at between the stages and now and then inside them;
        None for no limit.
    seed
        Seed of the local search.
    memory_limit
        GiB that the programme's tables may take.

    Returns
    -------
    SolveResult
        OPTIMAL in a case of :mod:`kvopt.exact.semi_online.special_cases`, with
        a certificate that the checker derives again, and where the programme
        for few types ends (:mod:`kvopt.exact.few_types.batch`), with the
        programme as the ground. Otherwise FEASIBLE: the best of MC-SF, SVF,
        Sorted-F and SPS, improved by local search, and the best polynomial
        bound. The reason then says why the programme gave up, the factor that
        a theorem guarantees, and the factor that the bound proves.

    Raises
    ------
    InputError
        When a request arrives after 0, for a time limit that is not
        positive, and for a memory limit in which nothing can run.
    """
    check_present(instance)
    check_time_limit(time_limit)
    memory = check_memory_limit(memory_limit)
    seed = whole_number(seed, "seed", 0, 2**31 - 1)
    watch = Watch(lower_bound(instance), time_limit)
    case = special_case(instance)
    if case is not None:
        run = _by_theorem(instance, watch, case)
    else:
        policy, starts = best_of_policies(instance)
        run = _Run(instance, watch, starts, watch.certificate.value, policy)
        with noting_interrupts(watch):
            run.improve(seed, memory)
    certificate = watch.certificate
    schedule = Schedule.from_starts(instance, run.starts)
    objective = schedule.total_latency(instance)
    bound = max(run.bound, certificate.value)
    return SolveResult(
        objective=objective,
        lower_bound=bound,
        status=Status.OPTIMAL if objective == bound else Status.FEASIBLE,
        schedule=schedule,
        certificate=certificate,
        runtime=watch.seconds,
        seed=seed,
        solver=INFO.name,
        versions=package_versions(INFO.packages),
        reason=run.reason or _reason(run, objective, bound),
    )


@dataclass
class _Run:
    """The best starts and bound so far, and how they were found.

    ``reason`` is the whole reason where there is nothing to add to it.
    """

    instance: Instance
    watch: Watch
    starts: tuple[int, ...]
    bound: int
    found_by: str
    programme: str = "stopped by the time limit"
    reason: str = ""

    def improve(self, seed: int, memory: int) -> None:
        """Run the programme, bounds and local search, until the limit."""
        instance, watch = self.instance, self.watch
        try:
            few = few_types(instance, memory, checkpoint=watch.checkpoint)
            self.programme = few.reason
            self.bound = max(self.bound, few.lower_bound)
            if few.starts is not None:
                self.better(few.starts, "labels of the programme")
            if few.proved:
                self.reason = few.reason
                return
            watch.keep(lower_bound(instance, "machines"))
            improved(instance, seed, self.starts, self.better, watch)
            self.linear_programme()
        except (Stopped, KeyboardInterrupt):
            pass
        if watch.interrupted:
            self.reason = "interrupted"

    def better(self, starts: tuple[int, ...], found_by: str) -> None:
        """Keep a schedule if it is better."""
        if sum(starts) < sum(self.starts):
            self.starts, self.found_by = starts, found_by

    def linear_programme(self) -> None:
        """Try the linear programme, where it is small and HiGHS is there."""
        columns = len(self.instance) * int(self.instance.output.sum())
        if columns > _LP_COLUMNS:
            return
        left = None
        if self.watch.time_limit is not None:
            left = max(self.watch.time_limit - self.watch.seconds, 0.01)
        with suppress(InputError):  # HiGHS need not be installed
            self.watch.keep(lower_bound(self.instance, "lp", left))


def _by_theorem(instance: Instance, watch: Watch, case: SpecialCase) -> _Run:
    schedule = simulate(instance, "mc-sf").schedule
    objective = schedule.total_latency(instance)
    bound = case.certificate.value
    if objective != bound:
        raise SolverError(
            f"MC-SF has total latency {objective}, but the theorem "
            f"({case.theorem}) says {bound}"
        )
    watch.certificate = case.certificate
    starts = tuple(schedule.starts(instance).tolist())
    reason = f"optimal by theorem: {case.theorem}"
    return _Run(instance, watch, starts, bound, "mc-sf", reason=reason)


def _reason(run: _Run, objective: int, bound: int) -> str:
    if objective == bound:
        return "the schedule meets the bound"
    promised = guarantees(run.instance)
    before = "no theorem promises a factor"
    if promised:
        best = promised[0]
        before = (
            f"at most {_factor(best.factor)} times the optimum by theorem "
            f"({best.theorem}: {best.policy})"
        )
    return (
        f"the programme {run.programme}; best of {', '.join(POLICIES)} and "
        f"local search ({run.found_by}); {before}; "
        f"{_factor(Fraction(objective, bound))} times the bound"
    )


def _factor(factor: Fraction) -> str:
    """Return a factor to four decimals, rounded up."""
    return f"{math.ceil(factor * 10_000) / 10_000:.4f}"
