"""Runs of a plan side by side, in worker processes like those of a sweep.

Instances and results go through files in a temporary folder: a million
requests are too long for a line of JSON.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from kvopt.cli.simulate_plan import CommandPlan
from kvopt.cli.simulate_report import CommandOutcome
from kvopt.cli.simulate_run import MadeRun, make_run
from kvopt.cli.terminal import progress
from kvopt.model import InputError, Instance, write_atomically
from kvopt.policies import parse_policy, policy_spec
from kvopt.simulation.engine import engine_of
from kvopt.sweep import Kind, Limits, Source, SweepOutcome, SweepTask
from kvopt.sweep.local import LocalPool

__all__ = ["RUN", "runs_side_by_side"]

# Whoever waits for a simulation can end it; a sweep cannot.
_NO_LIMIT = 1e9


def runs_side_by_side(
    plan: CommandPlan,
    places: Sequence[int],
    outcome: CommandOutcome,
    workers: int,
) -> Generator[MadeRun, None, None]:
    """Yield runs of a plan in its order, made by several processes.

    An interrupt ends the processes; the runs that are made by then are
    yielded before it is raised again.

    Parameters
    ----------
    plan
        The runs.
    places
        Places in the plan of those to be made.
    outcome
        Bounds of the instances, and whether there was an interrupt while
        what is yielded was taken care of.
    workers
        Number of processes.

    Raises
    ------
    InputError
        As a run in this process would, and when the disk of the temporary
        folder is full.
    KvoptError
        When workers do not start.
    """
    with tempfile.TemporaryDirectory(prefix="kvopt-") as name:
        folder = Path(name)
        tasks = _tasks(plan, places, outcome.bounds, folder)
        place_of = {task.key: k for task, k in zip(tasks, places, strict=True)}
        lost: dict[int, dict[str, Any]] = {}
        heard: set[int] = set()
        waiting, keys = list(places), plan.keys()
        try:
            with closing(_outcomes(tasks, workers)) as outcomes:
                for found in outcomes:
                    k = place_of[found.key]
                    heard.add(k)
                    if found.error:
                        lost[k] = _lost(found, keys[k])
                    elif "refused" in found.result:
                        raise InputError(found.result["refused"])
                    while waiting and waiting[0] in heard:
                        k = waiting.pop(0)
                        yield _read(folder, k, lost)
                    if outcome.interrupted:
                        raise KeyboardInterrupt
        except KeyboardInterrupt:
            for k in waiting:
                if k in lost or _made(folder, k).exists():
                    yield _read(folder, k, lost)
            raise


def _tasks(
    plan: CommandPlan,
    places: Sequence[int],
    bounds: Sequence[int],
    folder: Path,
) -> list[SweepTask]:
    """Return the tasks of the runs; what they need is in the folder."""
    # By name: what "auto" means depends on what a process has loaded.
    rules = replace(plan.rules(), engine=plan.engine())
    with write_atomically(folder / "rules") as part:
        part.write_bytes(pickle.dumps(rules))
    sources = [
        Source.stored(problem, folder / f"instance-{k}")
        for k, problem in enumerate(plan.problems)
    ]
    tasks = []
    for place in places:
        j, k = divmod(place, len(sources))
        parameters = {
            "folder": str(folder),
            "place": place,
            "bound": bounds[k] if bounds else None,
        }
        spec = policy_spec(plan.policies[j])
        tasks.append(
            SweepTask(_KIND, spec, sources[k], parameters, plan.seeds[k], {})
        )
    return tasks


def _outcomes(
    tasks: Sequence[SweepTask], workers: int
) -> Generator[SweepOutcome, None, None]:
    limits = Limits(_NO_LIMIT, psutil.virtual_memory().total)
    label = f"{len(tasks)} runs on {workers} processes"
    done = 0
    shown = progress(label, len(tasks))
    with shown as advance, LocalPool(workers, limits) as pool:
        for some in pool.run(tasks):
            done += len(some)
            advance(done, f"{done} of {len(tasks)} runs")
            yield from some


def _lost(outcome: SweepOutcome, key: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a run whose process came to grief."""
    failed = {"policy": key["policy"], "seed": key["seed"]}
    return {**failed, "failed": outcome.error}


def _made(folder: Path, place: int) -> Path:
    return folder / f"run-{place}"


def _read(
    folder: Path, place: int, lost: Mapping[int, dict[str, Any]]
) -> MadeRun:
    if place in lost:
        return place, lost[place], None
    path = _made(folder, place)
    row, result = pickle.loads(path.read_bytes())
    path.unlink()
    return place, row, result


def _run(
    instance: Instance, policy: str, parameters: Mapping[str, Any], seed: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Make a run in a worker; row and result go into the folder."""
    folder = Path(parameters["folder"])
    rules = pickle.loads((folder / "rules").read_bytes())
    try:
        row, result = make_run(
            instance, parse_policy(policy), seed, rules, parameters["bound"]
        )
        with write_atomically(_made(folder, parameters["place"])) as part:
            part.write_bytes(pickle.dumps((row, result)))
    except InputError as error:
        return {"refused": str(error)}, {}
    return {}, {}


def _warm_up(policy: str) -> None:
    if engine_of(parse_policy(policy)) == "fast":
        from kvopt.simulation import fast

        fast.warm_up()


_KIND = f"{__name__}:RUN"
RUN = Kind(
    field="policy",
    run=_run,
    read=lambda subject, parameters: (subject, parameters),
    code=(),
    packages=lambda policy: (),
    warm_up=_warm_up,
)
