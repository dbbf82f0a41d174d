"""The runs of ``kvopt simulate`` and ``kvopt compare``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from kvopt.cli.simulate_plan import CommandPlan
from kvopt.cli.simulate_report import CommandOutcome
from kvopt.cli.simulate_run import MadeRun, make_run
from kvopt.cli.terminal import print_note, progress
from kvopt.interrupts import noting_interrupts
from kvopt.model import Instance, SimulationResult
from kvopt.policies import Policy, policy_spec

if TYPE_CHECKING:
    from kvopt.analysis.records import RecordsFile

__all__ = ["run_plan", "without_blas", "workers_for"]

# Below, processes are not worth a second each to start them.
_WORTH_SECONDS = 5.0
# About what a request takes on the fast engine, half of it for the checker,
# and an active request in a round of the reference engine.
_REQUEST_SECONDS = 6e-6
_ROUND_SECONDS = 1e-5
# What a worker takes, and a request in it while its run is checked.
_WORKER_BYTES = 300 * 10**6
_REQUEST_BYTES = 1500


def run_plan(
    plan: CommandPlan,
    keep: Callable[[dict[str, Any], SimulationResult], None],
    file: RecordsFile | None = None,
    workers: int | None = None,
) -> CommandOutcome:
    """Make the runs of a plan; an interrupt ends them and is noted.

    Parameters
    ----------
    plan
        What to run.
    keep
        Called with each new run's row and result, in the order of the plan.
    file
        Records of runs that need not be made again.
    workers
        Number of processes that make the runs; None for one a core where
        they are expected to take some seconds, else this one.

    Raises
    ------
    InputError
        When the file holds runs that are not in the plan.
    """
    keys = plan.keys()
    kept: list[dict[str, Any]] = []
    if file is not None:
        file.refuse_others(keys)
        kept = file.kept
    outcome = CommandOutcome(kept=len(kept))
    if file is not None and kept:
        names = ", ".join(f"{r['policy']} (seed {r['seed']})" for r in kept)
        print_note(f"kept from {file.path}: {names}")
    rows: dict[int, dict[str, Any]] = {}
    for k, key in enumerate(keys):
        found = [row for row in kept if key.items() <= row.items()]
        if found:
            rows[k] = found[0]
    missing = [k for k in range(len(keys)) if k not in rows]
    if workers is None:
        workers = workers_for(plan, missing)
    workers = min(workers, len(missing))
    try:
        # Every bound supposes that the tokens of a cancelled run are lost.
        if not plan.setup.clock.measures and not plan.setup.serving.keeps:
            outcome.bounds = [_bound(problem) for problem in plan.problems]
        if missing and workers <= 1 and "fast" in plan.engines():
            _load_fast_engine(outcome)
        with closing(_made(plan, missing, outcome, workers)) as made:
            for k, row, result in made:
                if result is not None:
                    with noting_interrupts(outcome):
                        keep(row, result)
                rows[k] = row
    except KeyboardInterrupt:
        outcome.interrupted = True
    outcome.rows = [rows[k] for k in sorted(rows)]
    return outcome


def _made(
    plan: CommandPlan,
    places: Sequence[int],
    outcome: CommandOutcome,
    workers: int,
) -> Generator[MadeRun, None, None]:
    """Yield the runs at these places of the plan, in its order."""
    if workers > 1:
        from kvopt.cli.simulate_workers import runs_side_by_side

        yield from runs_side_by_side(plan, places, outcome, workers)
        return
    for k in places:
        if outcome.interrupted:
            raise KeyboardInterrupt
        yield _made_here(plan, k, outcome)


def _made_here(plan: CommandPlan, k: int, outcome: CommandOutcome) -> MadeRun:
    j, of = divmod(k, len(plan.problems))
    policy, problem = plan.policies[j], plan.problems[of]
    bound = outcome.bounds[of] if outcome.bounds else None
    with progress(policy_spec(policy), len(problem)) as advance:
        row, result = make_run(
            problem,
            policy,
            plan.seeds[of],
            plan.rules(),
            bound,
            lambda done: advance(
                done, f"{done:,} of {len(problem):,} requests"
            ),
        )
    return k, row, result


def _load_fast_engine(outcome: CommandOutcome) -> None:
    """Load it: else the seconds of the first policy would be the compiler's.

    Raises
    ------
    KeyboardInterrupt
        At the end, when it was interrupted.
    """
    loading = progress("loading the fast engine", None)
    with loading, noting_interrupts(outcome):
        from kvopt.simulation import fast

        with without_blas():
            fast.warm_up()
    if outcome.interrupted:
        raise KeyboardInterrupt


def workers_for(plan: CommandPlan, places: Sequence[int]) -> int:
    """Return how many processes are worth their start for these runs.

    One, unless the runs are expected to take some seconds; then as many as
    there are cores, but no more than there is memory for.

    Parameters
    ----------
    plan
        The runs.
    places
        Places in the plan of those to be made.
    """
    count = len(plan.problems)
    seconds = sum(
        _expected(plan, plan.policies[k // count], plan.problems[k % count])
        for k in places
    )
    if len(places) < 2 or seconds < _WORTH_SECONDS:
        return 1
    import psutil

    from kvopt.sweep import default_workers

    largest = max(map(len, plan.problems))
    room = psutil.virtual_memory().available // (
        _WORKER_BYTES + _REQUEST_BYTES * largest
    )
    return max(1, min(default_workers(), room))


def _expected(plan: CommandPlan, policy: Policy, problem: Instance) -> float:
    """Return about how many seconds a run takes, its check included."""
    from kvopt.simulation.engine import engine_of

    asked = plan.setup
    plain = asked.explain or asked.engine == "reference"
    if plain or engine_of(policy, asked.serving, asked.clock) == "reference":
        return _ROUND_SECONDS * float(problem.output.sum(dtype=float))
    return _REQUEST_SECONDS * len(problem)


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
