"""MC-SF as a solver: optimal when a theorem says so, and only then."""

from __future__ import annotations

import time

from kvopt.exact.bounds import lower_bound
from kvopt.exact.registry import SolverInfo, package_versions
from kvopt.exact.session import SolverError
from kvopt.model import InputError, Instance, SolveResult, Status
from kvopt.semi_online.special_cases import special_case
from kvopt.simulate import simulate

__all__ = ["INFO", "solve_semi_online"]

INFO = SolverInfo(
    name="semi-online",
    title="MC-SF with certified special cases",
    packages=(),
    install="",
    summary=(
        "polynomial; all requests at 0; optimal when everything fits at "
        "once, or all outputs are 1 and prompts equal"
    ),
)


def solve_semi_online(instance: Instance) -> SolveResult:
    """Schedule requests that are all present at 0 by MC-SF.

    Returns
    -------
    SolveResult
        OPTIMAL, with the theorem as the reason, in the cases of
        :func:`kvopt.semi_online.special_cases.special_case`; the bound is the
        optimal value that the theorem gives. Otherwise FEASIBLE, with the
        best combinatorial bound, even when the two happen to meet.

    Raises
    ------
    InputError
        When a request arrives after 0.

    Notes
    -----
    P1 (arXiv 2502.07115), the semi-online model; which algorithm v2 used is
    not known, MC-SF is our reading [inferred].
    """
    late = int(instance.arrival.argmax())
    if instance.arrival[late] > 0:
        raise InputError(
            "the semi-online solver needs every request at round 0",
            field=f"requests[{late}].arrival",
            value=int(instance.arrival[late]),
        )
    began = time.monotonic()
    schedule = simulate(instance, "mc-sf").schedule
    objective = schedule.total_latency(instance)
    certificate = lower_bound(instance)
    case = special_case(instance)
    if case is None:
        status, bound = Status.FEASIBLE, certificate.value
        reason = "no theorem says that MC-SF is optimal here"
    else:
        status, bound = Status.OPTIMAL, case.optimum
        reason = f"optimal by theorem: {case.theorem}"
        if objective != bound:
            raise SolverError(
                f"MC-SF has total latency {objective}, but the theorem "
                f"({case.theorem}) says {bound}"
            )
    return SolveResult(
        objective=objective,
        lower_bound=bound,
        status=status,
        schedule=schedule,
        certificate=certificate,
        runtime=time.monotonic() - began,
        seed=0,
        solver=INFO.name,
        versions=package_versions(INFO.packages),
        reason=reason,
    )
