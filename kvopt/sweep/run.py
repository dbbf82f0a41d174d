"""``run_sweep()``: compute what is missing, and keep every row at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from kvopt.model import InputError
from kvopt.sweep.forecast import PaceMeter, SweepProgress, shuffled
from kvopt.sweep.local import LocalPool
from kvopt.sweep.plan import SweepPlan
from kvopt.sweep.store import Counts, Store

__all__ = ["default_workers", "run_sweep"]


def run_sweep(
    plan: SweepPlan,
    store: str | os.PathLike[str],
    workers: int | None = None,
    cluster: str | None = None,
    retry_failed: bool = False,
    progress: Callable[[SweepProgress], Any] | None = None,
) -> Counts:
    """Run the tasks of ``plan`` whose rows are not in the store yet.

    However it is stopped, rows that were written stay; calling it again goes
    on from there.

    Parameters
    ----------
    plan
        What to compute.
    store
        Path of the store; made when there is none.
    workers
        Number of worker processes on this machine; None for one a core that
        this process may use.
    cluster
        ``"tcp://host:port"`` of a Dask scheduler, or ``"local:2"`` for a Dask
        cluster of two workers on this machine, in place of ``workers``.
    retry_failed
        Run failed tasks again.
    progress
        Called as rows come in.

    Returns
    -------
    Counts
        What is in the store now.

    Raises
    ------
    InputError
        When the store or the cluster cannot be used.
    KvoptError
        When workers do not start.
    """
    if workers is not None and cluster is not None:
        raise InputError(
            "has no meaning with a cluster", field="workers", value=workers
        )
    with Store(store, write=True) as rows:
        rows.plan(plan.name, plan.tasks)
        present = rows.keys()
        missing = [
            task
            for task in plan.tasks
            if (error := present.get(task.key)) is None
            or (error and retry_failed)
        ]
        counts = rows.counts()
        settled = len(plan.tasks) - len(missing) - counts.done
        meter = PaceMeter(missing, counts.done, settled)
        if not missing:
            return counts
        with _executor(plan, workers, cluster) as executor:
            for outcomes in executor.run(shuffled(missing)):
                rows.add(outcomes)
                meter.take(outcomes)
                if progress is not None:
                    progress(meter.progress())
        return rows.counts()


def default_workers() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0))


def _executor(
    plan: SweepPlan, workers: int | None, cluster: str | None
) -> Any:
    if cluster is not None:
        from kvopt.sweep.cluster import DaskPool

        return DaskPool(cluster, plan)
    if workers is None:
        workers = default_workers()
    if workers < 1:
        raise InputError("must be at least 1", field="workers", value=workers)
    return LocalPool(workers, plan.limits)
