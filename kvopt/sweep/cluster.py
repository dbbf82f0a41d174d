"""Run tasks on the workers of a Dask cluster.

Dask moves batches of tasks and finds a new worker when one is lost. Inside
each Dask worker the tasks run in the same killable process as on one
machine, so that limits hold there too.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from types import TracebackType
from typing import Any, Self

from kvopt.model import InputError, KvoptError
from kvopt.sweep.costs import TaskCosts
from kvopt.sweep.kinds import kind_called
from kvopt.sweep.limits import Limits
from kvopt.sweep.local import LocalPool
from kvopt.sweep.outcome import SweepOutcome
from kvopt.sweep.plan import SweepPlan
from kvopt.sweep.task import SweepTask
from kvopt.sweep.waiting import WaitingTasks

__all__ = ["DaskPool"]

# Seconds to wait for the scheduler, and for a worker to come (back).
_PATIENCE = 60.0
_TICK = 0.1


class DaskPool:
    """The workers of a Dask cluster; a context manager.

    Parameters
    ----------
    address
        ``"tcp://host:port"`` of a scheduler, or ``"local:2"``.
    plan
        Whose tasks will run: its limits, and what they need to be installed.

    Raises
    ------
    InputError
        When Dask is not installed, the address means nothing, nobody answers
        there, or a worker lacks what the tasks need.
    """

    def __init__(self, address: str, plan: SweepPlan) -> None:
        self._dask: Any = _distributed()
        self._limits = plan.limits
        self._cluster: Any = None
        self._client: Any = None
        self._costs = TaskCosts()
        try:
            self._connect(address)
            self._check_versions(plan)
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def _connect(self, address: str) -> None:
        if address.startswith("local:"):
            number = address.removeprefix("local:")
            if not number.isdecimal() or int(number) < 1:
                raise InputError(
                    "must be tcp://host:port or local:NUMBER",
                    field="cluster",
                    value=address,
                )
            self._cluster = self._dask.LocalCluster(
                n_workers=int(number),
                threads_per_worker=1,
                dashboard_address=None,
            )
            self._client = self._dask.Client(self._cluster)
            return
        try:
            self._client = self._dask.Client(address, timeout=_PATIENCE / 6)
        except (OSError, ValueError) as error:
            raise InputError(
                f"no Dask scheduler answers there: {error}",
                field="cluster",
                value=address,
            ) from None

    def _close(self) -> None:
        if self._client is not None:
            self._client.close()
        if self._cluster is not None:
            self._cluster.close()

    def _check_versions(self, plan: SweepPlan) -> None:
        """Refuse workers whose rows would be of another version."""
        self._wait_for_workers()
        groups = {task.group: dict(task.versions) for task in plan.tasks}
        needs = [(*group, versions) for group, versions in groups.items()]
        try:
            answers = self._client.run(_lacking, needs)
        except ImportError as error:
            raise InputError(
                f"a worker cannot import what it needs: {error}",
                field="cluster",
                value=self._client.scheduler.address,
            ) from None
        for worker, lacking in answers.items():
            if lacking:
                raise InputError(lacking, field="worker", value=worker)

    def _wait_for_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError:
            raise KvoptError(
                f"the cluster has had no worker for {_PATIENCE:g} s"
            ) from None

    def run(self, tasks: Sequence[SweepTask]) -> Iterator[list[SweepOutcome]]:
        """Yield the outcomes as they come in, some at a time.

        Raises
        ------
        KvoptError
            When there are no workers any more.
        """
        waiting = WaitingTasks(tasks, self._costs)
        running: dict[Any, list[SweepTask]] = {}
        seen = time.monotonic()
        while len(waiting) or running:
            threads = sum(self._client.nthreads().values())
            if threads:
                seen = time.monotonic()
            elif time.monotonic() - seen > _PATIENCE:
                self._wait_for_workers()
            # One batch that runs and one that is on its way, a thread.
            while len(waiting) and len(running) < 2 * max(threads, 1):
                batch = waiting.batch(fresh=True, takers=max(threads, 1))
                future = self._client.submit(
                    _run_batch, batch, self._limits, pure=False
                )
                running[future] = batch
            news = self._gather(running, waiting)
            if news:
                yield news

    def _gather(
        self, running: dict[Any, list[SweepTask]], waiting: WaitingTasks
    ) -> list[SweepOutcome]:
        try:
            self._dask.wait(
                list(running), timeout=_TICK, return_when="FIRST_COMPLETED"
            )
        except TimeoutError:
            return []
        news: list[SweepOutcome] = []
        for future in [f for f in running if f.done()]:
            batch = running.pop(future)
            if future.status == "finished":
                outcomes = future.result()
                for task, outcome in zip(batch, outcomes, strict=True):
                    self._costs.learn(task, outcome)
                news += outcomes
            else:
                news += self._lost(batch, future, waiting)
        return news

    def _lost(
        self, batch: list[SweepTask], future: Any, waiting: WaitingTasks
    ) -> list[SweepOutcome]:
        """Retry a batch whose Dask workers died again and again."""
        if future.status in ("cancelled", "lost"):
            raise KvoptError("the connection to the Dask scheduler was lost")
        error = future.exception()
        if not isinstance(error, self._dask.scheduler.KilledWorker):
            raise error
        return [
            SweepOutcome(
                task.key,
                "crashed: its Dask worker died",
                {},
                {"seconds": 0.0},
            )
            for task in batch
            if not waiting.died(task)
        ]


# What follows runs inside the Dask workers.

_here = threading.local()


def _run_batch(tasks: list[SweepTask], limits: Limits) -> list[SweepOutcome]:
    """Run tasks in this thread's own killable process, kept for the next."""
    groups = {task.group: task.versions for task in tasks}
    lacking = _lacking([(*group, dict(v)) for group, v in groups.items()])
    if lacking:
        raise InputError(lacking, field="worker", value=socket.gethostname())
    pool = getattr(_here, "pool", None)
    if pool is None or pool.limits != limits:
        if pool is not None:
            pool.close()
        pool = _here.pool = LocalPool(1, limits)
    found = {o.key: o for some in pool.run(tasks) for o in some}
    return [found[task.key] for task in tasks]


def _lacking(needs: list[tuple[str, str, dict[str, str]]]) -> str:
    """Return what is missing here, or of another version; "" if nothing."""
    for kind, subject, versions in needs:
        try:
            here = kind_called(kind).versions(subject)
        except InputError as error:
            return str(error)
        for name, version in versions.items():
            if here.get(name) != version:
                return (
                    f"has {name} {here.get(name)}, but the sweep was planned "
                    f"with {version}"
                )
    return ""


def _distributed() -> Any:
    try:
        return import_module("distributed")
    except ImportError:
        raise InputError(
            "needs Dask: pip install 'kvopt[cluster]'",
            field="cluster",
            value="distributed",
        ) from None
