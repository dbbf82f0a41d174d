"""The tasks that wait, handed out in batches that take a moment each."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable

from kvopt.sweep.costs import TaskCosts
from kvopt.sweep.task import SweepTask

__all__ = ["WaitingTasks"]

# Long against the microseconds of a message, short against a person's
# patience and against what a lost worker costs.
_BATCH_SECONDS = 0.25
_BATCH_TASKS = 500

# A worker can die of its task, or of something else: three times is no
# accident.
_MOST_DEATHS = 3


class WaitingTasks:
    """Tasks in line, with the history of those that were sent before.

    Parameters
    ----------
    tasks
        The tasks, in the order in which they are handed out.
    costs
        What is known about their cost; learnt by whoever gets the outcomes.
    """

    def __init__(self, tasks: Iterable[SweepTask], costs: TaskCosts) -> None:
        self._line = deque(tasks)
        self._suspects: deque[SweepTask] = deque()
        self._costs = costs
        self._deaths: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._line) + len(self._suspects)

    def batch(self, fresh: bool, takers: int) -> list[SweepTask]:
        """Take the next tasks for one of ``takers`` workers.

        Returns
        -------
        list
            Empty when there are only tasks that want a fresh worker, and
            this one is not.
        """
        if fresh and self._suspects:
            return [self._suspects.popleft()]
        if not self._line:
            return []
        share = min(_BATCH_TASKS, len(self._line) // (4 * takers))
        batch = [self._line.popleft()]
        expected = self._costs.of(batch[0])
        while expected is not None and len(batch) < share:
            more = self._costs.of(self._line[0])
            if more is None or expected + more > _BATCH_SECONDS:
                break
            expected += more
            batch.append(self._line.popleft())
        return batch

    def back(self, tasks: Iterable[SweepTask]) -> None:
        """Put tasks that were not begun back to the head of the line."""
        self._line.extendleft(reversed(list(tasks)))

    def retry(self, task: SweepTask) -> None:
        """Have a task run again, as the first and only one of a worker."""
        self._suspects.append(task)

    def died(self, task: SweepTask) -> bool:
        """Retry a task whose worker died; False if it has had its chances."""
        self._deaths[task.key] += 1
        if self._deaths[task.key] >= _MOST_DEATHS:
            return False
        self.retry(task)
        return True
