"""The runs of ``kvopt simulate`` and ``kvopt compare``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kvopt.cli.simulate_plan import CommandPlan
from kvopt.cli.simulate_report import CommandOutcome
from kvopt.cli.terminal import print_note, progress
from kvopt.model import (
    InputError,
    Instance,
    KvoptError,
    SimulationResult,
)
from kvopt.policies import Policy, policy_spec

if TYPE_CHECKING:
    from kvopt.analysis.records import RecordsFile

__all__ = ["run_plan", "without_blas"]


def run_plan(
    plan: CommandPlan,
    keep: Callable[[dict[str, Any], SimulationResult], None],
    file: RecordsFile | None = None,
) -> CommandOutcome:
    """Make the runs of a plan; an interrupt ends them and is noted.

    Parameters
    ----------
    plan
        What to run.
    keep
        Called with each new run's row and result.
    file
        Records of runs that need not be made again.

    Raises
    ------
    InputError
        When the file holds runs that are not in the plan.
    """
    from kvopt.interrupts import noting_interrupts

    keys = plan.keys()
    kept: list[dict[str, Any]] = []
    if file is not None:
        file.refuse_others(keys)
        kept = file.kept
    outcome = CommandOutcome(kept=len(kept))
    if file is not None and kept:
        names = ", ".join(f"{r['policy']} (seed {r['seed']})" for r in kept)
        print_note(f"kept from {file.path}: {names}")
    try:
        # Every bound supposes that the tokens of a cancelled run are lost.
        if not plan.setup.clock.measures and not plan.setup.serving.keeps:
            outcome.bounds = [_bound(problem) for problem in plan.problems]
        if "fast" in plan.engines():
            # Else the seconds of the first policy would be the compiler's.
            loading = progress("loading the fast engine", None)
            with loading, noting_interrupts(outcome):
                from kvopt.simulation import fast

                with without_blas():
                    fast.warm_up()
            if outcome.interrupted:
                raise KeyboardInterrupt
        for k, key in enumerate(keys):
            found = [row for row in kept if key.items() <= row.items()]
            if found:
                outcome.rows.append(found[0])
                continue
            policy = plan.policies[k // len(plan.problems)]
            row, result = _run(plan, policy, k % len(plan.problems), outcome)
            if result is not None:
                keep(row, result)
            outcome.rows.append(row)
    except KeyboardInterrupt:
        outcome.interrupted = True
    return outcome


@contextmanager
def without_blas() -> Iterator[None]:
    """Load the compiler without ``scipy.linalg``, if nobody has loaded it.

    Numba asks for it to offer ``np.cov`` and ``np.corrcoef`` to compiled
    functions, which no kernel of ours calls; it is a sixth of the time that
    the compiler takes to load (``python -m benchmarks.start_up``). Once they
    are loaded everything can import it again.
    """
    name = "scipy.linalg.cython_blas"
    if name in sys.modules:
        yield
        return
    # What stands there as None cannot be imported.
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


def _bound(problem: Instance) -> int:
    from kvopt.check.gate import verified_bound
    from kvopt.exact import lower_bound

    certificate = lower_bound(problem)
    verified_bound(problem, certificate)
    return certificate.value


def _run(
    plan: CommandPlan, policy: Policy, k: int, outcome: CommandOutcome
) -> tuple[dict[str, Any], SimulationResult | None]:
    """Run a policy on instance ``k``, check the schedule, return its row."""
    from kvopt.analysis.comparison import row_of
    from kvopt.check.gate import verified_latency
    from kvopt.simulation import simulate as run

    spec, problem, setup = policy_spec(policy), plan.problems[k], plan.setup
    seed = plan.seeds[k]
    try:
        with progress(spec, len(problem)) as advance:
            result = run(
                problem,
                policy,
                setup.engine,
                seed,
                lambda done: advance(
                    done, f"{done:,} of {len(problem):,} requests"
                ),
                clock=setup.clock,
                explain=setup.explain,
                serving=setup.serving,
            )
        verified_latency(result.instance, result.schedule)
    except InputError:
        raise
    except KvoptError as error:
        return {"policy": spec, "seed": seed, "failed": str(error)}, None
    row = row_of(result, outcome.bounds[k] if outcome.bounds else None)
    # That of the question; with a clock the result's has other arrivals.
    return {**row, "instance": problem.hash}, result
