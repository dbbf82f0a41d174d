"""Experiments as sweeps: their tasks are kept, and run once."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from kvopt.analysis.rows import write_rows
from kvopt.model import Instance, KvoptError, Trace, read_trace
from kvopt.sweep import (
    Kind,
    Source,
    Store,
    SweepPlan,
    SweepProgress,
    SweepTask,
    run_sweep,
)
from kvopt.sweep.kinds.simulate import SIMULATE

__all__ = [
    "experiment_kind",
    "policy_kind",
    "run_experiment",
    "sweep_task",
    "trace_of_file",
]

Row = TypeVar("Row")
Described = TypeVar("Described")


def experiment_kind(
    function: Callable[[Any], Any],
    task: type,
    read: Callable[[str, dict[str, Any]], tuple[str, dict[str, Any]]],
    packages: Callable[[str], tuple[str, ...]],
) -> Kind:
    """Return the kind of sweep task that an experiment's function is.

    Parameters
    ----------
    function
        Makes a row, a flat dataclass, of a task; its field ``runtime`` is
        measured, all others are the same at every run.
    task
        The dataclass of its tasks; the parameters are its fields.
    read, packages
        As for :class:`kvopt.sweep.Kind`.
    """

    def run(
        instance: Instance, subject: str, parameters: Any, seed: int
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        row = dataclasses.asdict(function(task(**parameters)))
        return row, {"runtime": row.pop("runtime")}

    return Kind(
        field="experiment",
        read=read,
        run=run,
        code=(
            "kvopt.model",
            "kvopt.workloads",
            "kvopt.policies",
            "kvopt.simulation",
            "kvopt.exact",
            "kvopt.analysis",
            "kvopt.experiments",
        ),
        packages=packages,
    )


def policy_kind(function: Callable[[Any], Any], task: type) -> Kind:
    """Return the kind of an experiment whose subject is a policy.

    Parameters
    ----------
    function, task
        As for :func:`experiment_kind`.
    """

    def read(
        policy: str, parameters: dict[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        SIMULATE.read(policy, {})
        return policy, parameters

    return experiment_kind(function, task, read, SIMULATE.packages)


def sweep_task(
    kind: str,
    task: Any,
    instance_of: Callable[[Any], Instance],
    compared: str = "policy",
) -> SweepTask:
    """Return the sweep task that makes the row of an experiment's task.

    Parameters
    ----------
    kind
        Where the experiment's kind is, as ``"module:NAME"``.
    task
        A dataclass; its fields are the parameters.
    instance_of
        Makes the instance of a task. It does not look at the field
        ``compared``, so that tasks which differ in that alone share it.
    compared
        The field that names the subject.
    """
    shared = dataclasses.replace(task, **{compared: ""})
    return SweepTask.of(
        kind,
        getattr(task, compared),
        _source(instance_of, shared),
        dataclasses.asdict(task),
    )


@lru_cache(maxsize=256)
def _source(instance_of: Callable[[Any], Instance], task: Any) -> Source:
    return Source.given(instance_of(task))


@lru_cache(maxsize=4)
def trace_of_file(path: str) -> Trace:
    """Read a trace file, of which many tasks take their requests."""
    return read_trace(path)


def run_experiment(
    described: Callable[[Described], SweepTask],
    tasks: Sequence[Described],
    kind: type[Row],
    path: str | os.PathLike[str],
    processes: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> list[Row]:
    """Run all tasks, and write their rows as CSV in the order of the tasks.

    Rows are kept in a store beside the CSV, with ``.sqlite`` in place of
    ``.csv``: what is there is not computed again.

    Parameters
    ----------
    described
        Makes the sweep task of a task of the experiment.
    tasks
        The tasks.
    kind
        The dataclass of the rows.
    path
        The CSV file. When the run is stopped early, it has the rows that
        were done.
    processes
        Number of worker processes; it makes no difference to the rows.
    progress
        Called with the numbers of tasks done and of all tasks.

    Raises
    ------
    InputError
        When a task means nothing, or the store cannot be used.
    KvoptError
        When tasks failed; they run again the next time.
    """
    path = Path(path)
    store = path.with_suffix(".sqlite")
    plan = SweepPlan.of(path.stem, map(described, tasks))

    def news(state: SweepProgress) -> None:
        if progress is not None:
            progress(state.done + state.failed, len(plan.tasks))

    try:
        run_sweep(plan, store, processes, retry_failed=True, progress=news)
    finally:
        rows, failed = _rows(store, kind)
        write_rows(rows, kind, path)
    if failed:
        raise KvoptError(
            f"{len(failed)} of {len(plan.tasks)} tasks failed, "
            f"the first with: {failed[0]}"
        )
    return rows


def _rows(store: Path, kind: type[Row]) -> tuple[list[Row], list[str]]:
    """Return the rows that are done, and the errors of the others."""
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    done, failed = [], []
    with Store(store) as opened:
        for row in opened.rows():
            if row["state"] == "failed":
                failed.append(row["error"])
                continue
            row.setdefault("runtime", row.get("measured.runtime"))
            done.append(kind(**{name: row[name] for name in names}))
    return done, failed
