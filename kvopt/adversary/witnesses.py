"""From a finding to a witness that the independent checker accepts."""

from __future__ import annotations

import json
from dataclasses import replace

from kvopt.adversary.search.objective import Finding, PolicyRatio
from kvopt.exact import lower_bound, solve
from kvopt.model import Status, Witness
from kvopt.policies import policy_spec

__all__ = ["settle", "witness"]


def settle(finding: Finding, time_limit: float, seed: int = 0) -> Finding:
    """Return the finding with the best reference that a solver finds.

    Only asked when the search did not prove the reference optimal.
    ``time_limit`` is in seconds.

    Parameters
    ----------
    finding
        The instance, and both costs so far.
    time_limit
        Seconds for the solver.
    seed
        Seed of the solver.
    """
    if finding.optimal:
        return finding
    result = solve(
        finding.instance,
        time_limit=time_limit,
        seed=seed,
        warm_start=finding.reference,
    )
    optimal = result.status is Status.OPTIMAL
    proof = f"solver {result.solver}" if optimal else ""
    return replace(
        finding, reference=result.schedule, optimal=optimal, proof=proof
    )


def witness(finding: Finding, objective: PolicyRatio) -> Witness:
    """Return the witness of a finding.

    Its certificate is a ``kvopt-bound/1`` document where a combinatorial
    bound meets the reference; else it names who proved optimality, if anyone
    did. The checker settles tiny instances by itself.
    """
    spec = policy_spec(objective.policy)
    bound = lower_bound(finding.instance)
    certified = bound.value == finding.reference_cost
    costs = f"{finding.algorithm_cost}/{finding.reference_cost}"
    optimal = finding.optimal or certified
    relation = "" if optimal else "at least "
    other = objective.reference.policy
    than = "" if other is None else f" (reference: {policy_spec(other)})"
    return Witness(
        claim=(
            f"{spec} costs {relation}{costs} = {finding.ratio:.6g} times "
            f"the optimum{than}"
        ),
        instance=finding.instance,
        algorithm_schedule=finding.algorithm,
        reference_schedule=finding.reference,
        reference_optimal=optimal,
        certificate=(
            json.dumps(bound.document()) if certified else finding.proof
        ),
        algorithm=f"{spec}, seed {objective.seed}",
    )
