"""Run tasks on killable worker processes of this machine."""

from __future__ import annotations

import dataclasses
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from kvopt.model import KvoptError
from kvopt.model.compilation import compilation_begins
from kvopt.sweep.costs import TaskCosts
from kvopt.sweep.limits import Limits
from kvopt.sweep.outcome import SweepOutcome
from kvopt.sweep.process import WorkerProcess
from kvopt.sweep.task import SweepTask
from kvopt.sweep.waiting import WaitingTasks

__all__ = ["LocalPool"]

# Seconds between two looks at limits, and between two handings-over.
_TICK = 0.1

# Looking at a process tree takes milliseconds; a task this young has not
# had the time to fill a machine, and the kernel's limit holds anyway.
_YOUNG = 0.25

# Seconds more for loading and compiling, on a busy machine.
_WARMING = 120.0

# In a row. Somebody may kill a worker while it starts, even twice.
_MOST_FAILED_STARTS = 8


class LocalPool:
    """Worker processes that live as long as the pool.

    Use it as a context manager: leaving it kills the workers.

    Parameters
    ----------
    workers
        How many.
    limits
        Limits of each task.
    """

    def __init__(self, workers: int, limits: Limits) -> None:
        self._most = workers
        self.limits = limits
        self._selector = selectors.DefaultSelector()
        self._workers: list[WorkerProcess] = []
        self._failed_starts = 0
        self._costs = TaskCosts()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill the workers."""
        while self._workers:
            self._end(self._workers[-1])
        self._selector.close()

    def run(self, tasks: Sequence[SweepTask]) -> Iterator[list[SweepOutcome]]:
        """Yield the outcomes as they come in, some at a time.

        Every task has exactly one outcome. A task whose worker dies runs
        again, alone on a fresh worker, and fails at the third death.

        Raises
        ------
        KvoptError
            When workers do not start.
        """
        waiting = WaitingTasks(tasks, self._costs)
        left = len(tasks)
        news: list[SweepOutcome] = []
        looked = told = time.monotonic()
        while left:
            self._staff(len(waiting))
            for worker in tuple(self._workers):
                self._feed(worker, waiting)
            self._selector.select(_TICK)
            for worker in tuple(self._workers):
                news += self._hear(worker, waiting)
            if time.monotonic() - looked >= _TICK:
                for worker in tuple(self._workers):
                    news += self._judge(worker, waiting)
                looked = time.monotonic()
            if news and (looked > told or len(news) == left):
                left -= len(news)
                yield news
                news, told = [], time.monotonic()

    def _staff(self, waiting: int) -> None:
        """Start workers, as many as there is work for."""
        busy = sum(bool(worker.pending) for worker in self._workers)
        while len(self._workers) < min(self._most, busy + waiting):
            self._workers.append(
                WorkerProcess(self._selector, self.limits.memory)
            )

    def _feed(self, worker: WorkerProcess, waiting: WaitingTasks) -> None:
        if not len(waiting) or not (worker.idle or worker.soon_idle):
            return
        fresh = worker.idle and not worker.answered
        batch = waiting.batch(fresh, self._most)
        if batch:
            worker.send(batch)
        elif worker.idle:
            self._end(worker)  # for a fresh one

    def _hear(
        self, worker: WorkerProcess, waiting: WaitingTasks
    ) -> list[SweepOutcome]:
        """Take in what a worker says, and whether it lives."""
        news: list[SweepOutcome] = []
        messages, alive = worker.exchange()
        for message in messages:
            if "ready" in message:
                worker.ready = True
                self._failed_starts = 0
            elif "warming" in message:
                worker.warming = message["warming"]
                worker.since = time.monotonic()
            elif "compiling" in message:
                compilation_begins()
            elif "out_of_memory" in message:
                return news + self._out_of_memory(worker, waiting)
            else:
                retire = message.pop("retire")
                news.append(self._answered(worker, SweepOutcome(**message)))
                if retire:
                    self._abandon(worker, waiting)
                    return news
        return news if alive else news + self._dead(worker, waiting)

    def _judge(
        self, worker: WorkerProcess, waiting: WaitingTasks
    ) -> list[SweepOutcome]:
        """Stop a worker whose task is over a limit."""
        if not worker.pending:
            return []
        age = time.monotonic() - worker.since
        memory = worker.memory() if age > _YOUNG else 0
        if age > self.limits.seconds + worker.warming * _WARMING:
            return self._too_long(worker, waiting)
        if memory > self.limits.memory:
            return self._out_of_memory(worker, waiting)
        return []

    def _answered(
        self, worker: WorkerProcess, outcome: SweepOutcome
    ) -> SweepOutcome:
        task = worker.pending.popleft()
        worker.since = time.monotonic()
        worker.answered += 1
        self._costs.learn(task, outcome)
        if worker.peak:
            measured = {**outcome.measured, "peak_memory": worker.peak}
            outcome = dataclasses.replace(outcome, measured=measured)
            worker.peak = 0
        return outcome

    def _dead(
        self, worker: WorkerProcess, waiting: WaitingTasks
    ) -> list[SweepOutcome]:
        if not worker.ready:
            how = self._end(worker)
            self._failed_starts += 1
            if self._failed_starts >= _MOST_FAILED_STARTS:
                raise KvoptError(f"worker processes do not start: {how}")
            return []
        if not worker.pending:
            self._end(worker)
            return []
        task = worker.pending[0]
        age = time.monotonic() - worker.since
        how = self._abandon(worker, waiting, begun=1)
        if waiting.died(task):
            return []
        return [self._failed(worker, task, f"crashed: {how}", age)]

    def _too_long(
        self, worker: WorkerProcess, waiting: WaitingTasks
    ) -> list[SweepOutcome]:
        task = worker.pending[0]
        self._abandon(worker, waiting, begun=1)
        limit = self.limits.seconds
        return [self._failed(worker, task, f"time limit: {limit:g} s", limit)]

    def _out_of_memory(
        self, worker: WorkerProcess, waiting: WaitingTasks
    ) -> list[SweepOutcome]:
        task = worker.pending[0]
        age = time.monotonic() - worker.since
        shared = worker.answered > 0
        self._abandon(worker, waiting, begun=1)
        if shared:
            # Earlier tasks may have left something behind: a fresh trial.
            waiting.retry(task)
            return []
        limit = self.limits.memory / 1e6
        return [self._failed(worker, task, f"memory limit: {limit:g} MB", age)]

    def _failed(
        self,
        worker: WorkerProcess,
        task: SweepTask,
        error: str,
        seconds: float,
    ) -> SweepOutcome:
        measured: dict[str, Any] = {
            "seconds": seconds,
            "host": socket.gethostname(),
            "peak_memory": worker.peak,
        }
        outcome = SweepOutcome(task.key, error, {}, measured)
        self._costs.learn(task, outcome)
        return outcome

    def _abandon(
        self, worker: WorkerProcess, waiting: WaitingTasks, begun: int = 0
    ) -> str:
        """End a worker; what it had not begun waits again."""
        waiting.back(list(worker.pending)[begun:])
        return self._end(worker)

    def _end(self, worker: WorkerProcess) -> str:
        self._workers.remove(worker)
        return worker.kill()
