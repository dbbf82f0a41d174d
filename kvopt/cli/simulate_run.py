"""One run of ``kvopt simulate`` and ``kvopt compare``, in whatever process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kvopt.model import InputError, Instance, KvoptError, SimulationResult
from kvopt.model.serving import ServingRules
from kvopt.policies import Policy, policy_spec
from kvopt.simulation.clocks import Clock
from kvopt.simulation.pulse import Progress

__all__ = ["MadeRun", "RunRules", "make_run"]

# Place in the plan, row, and the result of a run that did not fail.
MadeRun = tuple[int, dict[str, Any], SimulationResult | None]


@dataclass(frozen=True)
class RunRules:
    """What all runs of a plan have in common.

    Parameters
    ----------
    engine, clock, serving, explain
        As for :func:`kvopt.simulate`.
    """

    engine: str
    clock: Clock
    serving: ServingRules
    explain: bool


def make_run(
    problem: Instance,
    policy: Policy,
    seed: int,
    rules: RunRules,
    bound: int | None,
    progress: Progress | None = None,
) -> tuple[dict[str, Any], SimulationResult | None]:
    """Run a policy, check the schedule, return its row and the result.

    Parameters
    ----------
    problem, policy, seed, progress
        As for :func:`kvopt.simulate`.
    rules
        What the runs have in common.
    bound
        A lower bound on the total latency in rounds, if there is one.

    Returns
    -------
    tuple
        The row and the result. A policy that fails has no result, and its
        row says why.

    Raises
    ------
    InputError
        When the instance does not go with the policy or the clock.
    """
    from kvopt.analysis.comparison import row_of
    from kvopt.check.gate import verified_latency
    from kvopt.simulation import simulate

    try:
        result = simulate(
            problem,
            policy,
            rules.engine,
            seed,
            progress,
            clock=rules.clock,
            explain=rules.explain,
            serving=rules.serving,
        )
        verified_latency(result.instance, result.schedule)
    except InputError:
        raise
    except KvoptError as error:
        failed = {"policy": policy_spec(policy), "seed": seed}
        return {**failed, "failed": str(error)}, None
    # The instance is that of the question; with a clock the result's has
    # other arrivals.
    return {**row_of(result, bound), "instance": problem.hash}, result
