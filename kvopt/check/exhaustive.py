"""Is there a cheaper schedule? Settled by enumeration, for tiny instances."""

from __future__ import annotations

from dataclasses import dataclass, field

from kvopt.check.documents import Problem, Task

__all__ = ["OutOfBudget", "cheaper_schedule"]


class OutOfBudget(Exception):
    """The enumeration was given up: nothing is known."""


def cheaper_schedule(
    problem: Problem, cost: int, nodes: int
) -> tuple[int, ...] | None:
    """Return starts of a schedule with ``TEL < cost``, or None: none exists.

    Parameters
    ----------
    problem
        The instance.
    cost
        Total latency to beat, in rounds.
    nodes
        How many placements to try before giving up.

    Raises
    ------
    OutOfBudget
        When ``nodes`` did not suffice.

    Notes
    -----
    Requests are placed in order of start round, then number. A schedule with
    cancelled runs need not be tried: leaving those runs out costs nothing.
    A branch is cut when its placed requests, plus the larger of two bounds
    on the others (own lengths, memory area), reach ``cost``. Both grow with
    the round, so every branch ends.
    """
    search = _Search(problem, cost, nodes)
    if search.extend([], 0, 0, tuple(range(len(problem.tasks))), 0):
        return tuple(search.found)
    return None


@dataclass
class _Search:
    problem: Problem
    cost: int
    nodes: int
    found: list[int] = field(default_factory=list)

    def extend(
        self,
        placed: list[tuple[int, Task]],
        since: int,
        after: int,
        others: tuple[int, ...],
        spent: int,
    ) -> bool:
        """Place one of ``others`` at ``since`` or later.

        At ``since`` itself only numbers from ``after`` on are tried: smaller
        ones have had their turn. Returns True when all were placed.
        """
        if not others:
            return True
        tasks = self.problem.tasks
        seen: set[Task] = set()
        for i in others:
            task = tasks[i]
            if task in seen:
                continue  # the twin before it is tried in its place
            seen.add(task)
            rest = tuple(j for j in others if j != i)
            start = max(since + (i < after), task.arrival)
            while True:
                latency = spent + start + task.output - task.arrival
                if latency + self.at_least(rest, start) >= self.cost:
                    break
                self.nodes -= 1
                if self.nodes < 0:
                    raise OutOfBudget
                if self.fits(placed, start, task):
                    placed.append((start, task))
                    if self.extend(placed, start, i + 1, rest, latency):
                        self.found = self.found or [0] * len(tasks)
                        self.found[i] = start
                        return True
                    placed.pop()
                start += 1
        return False

    def at_least(self, others: tuple[int, ...], start: int) -> int:
        """Bound the latency of ``others``, none started before ``start``."""
        tasks = [self.problem.tasks[i] for i in others]
        alone = sum(max(start - t.arrival, 0) + t.output for t in tasks)
        volumes = sorted(
            t.prompt * t.output + t.output * (t.output + 1) // 2 for t in tasks
        )
        area = done = 0
        for volume in volumes:
            done += volume
            area += done
        packed = -(-area // self.problem.memory) + sum(
            start - t.arrival for t in tasks
        )
        return max(alone, packed)

    def fits(
        self, placed: list[tuple[int, Task]], start: int, task: Task
    ) -> bool:
        """Whether the task fits in, at every completion that it meets.

        Nothing placed starts later, so usage only grows between completions.
        """
        together = [*placed, (start, task)]
        for p, t in together:
            end = p + t.output
            if not start < end <= start + task.output:
                continue
            usage = sum(
                u.prompt + end - q
                for q, u in together
                if q < end <= q + u.output
            )
            if usage > self.problem.memory:
                return False
        return True
