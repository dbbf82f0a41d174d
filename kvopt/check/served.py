"""The checker of schedules under the rules of a server: a replay.

Memory in whole blocks, prompts in chunks, tokens that restarts keep: what a
run holds and how long it takes depends on the others then, so all of them are
followed from event to event, in plain integers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from kvopt.check.documents import (
    SIZE_LIMIT,
    Problem,
    TimedRun,
    keys_are,
    whole,
)
from kvopt.check.runs import above, fault, known_runs, latency_of
from kvopt.check.verdict import Verdict, Violation
from kvopt.model.errors import InputError

__all__ = ["Serving", "check_served", "read_serving"]


class Serving(NamedTuple):
    """Rules of a server; the defaults are the papers'.

    Parameters
    ----------
    block
        Units of a block: memory is handed out in whole ones.
    budget
        Tokens that an iteration computes at most, one for each request past
        its prompt first; None when a prompt takes one iteration.
    keeps
        Whether a cancelled run's tokens become a part of the prompt.
    """

    block: int = 1
    budget: int | None = None
    keeps: bool = False


def read_serving(row: Any) -> Serving:
    """Read the ``serving`` of a ``kvopt-schedule/1`` document.

    Raises
    ------
    InputError
        For a field that is missing, unknown or out of range.
    """
    keys_are(row, "serving", required=("block", "budget", "restart"))
    block = whole(row["block"], "serving.block", 1, SIZE_LIMIT)
    budget = row["budget"]
    if budget is not None:
        budget = whole(budget, "serving.budget", 1, SIZE_LIMIT)
    if row["restart"] not in ("discard", "recompute"):
        raise InputError(
            "must be discard or recompute",
            field="serving.restart",
            value=row["restart"],
        )
    return Serving(block, budget, row["restart"] == "recompute")


def check_served(
    problem: Problem, runs: Sequence[TimedRun], serving: Serving
) -> Verdict:
    """Check the runs of a schedule under the rules of a server.

    Parameters
    ----------
    problem
        The instance.
    runs
        The runs, in any order.
    serving
        The rules.

    Returns
    -------
    Verdict
        With every violation, not only the first.

    Notes
    -----
    ``O(r k)`` for ``r`` runs, of which at most ``k`` are active at once,
    whatever the makespan.
    """
    real, violations = known_runs(problem, runs)
    replay = _Replay(problem, serving)
    violations += replay.all(real)
    violations.sort(key=lambda v: (v.round is not None, v.round or 0))
    return Verdict(
        requests=len(problem.tasks),
        memory=problem.memory,
        violations=tuple(violations),
        total_latency=latency_of(problem, runs, violations),
        makespan=max((run.stop for run in real), default=0),
        peak_memory=replay.peak,
    )


class _Active:
    """A run that is going on."""

    def __init__(self, run: TimedRun, prompt: int, tokens: int) -> None:
        self.run = run
        self.prompt = prompt
        self.tokens = tokens  # that it has to make
        self.made = 0
        self.left: int | None = prompt  # of the prompt; None once it is done


class _Replay:
    """All runs, from event to event."""

    def __init__(self, problem: Problem, serving: Serving) -> None:
        self.problem = problem
        self.serving = serving
        self.kept: dict[int, int] = {}
        self.active: list[_Active] = []  # by start, then request
        self.time = 0  # the last round that is over
        self.peak = 0
        self.intervals: list[list[int]] = []

    def all(self, runs: Sequence[TimedRun]) -> list[Violation]:
        """Follow all runs; return what is wrong with memory and lengths."""
        found: list[Violation] = []
        pending = sorted(runs, key=lambda r: (-r.start, -r.request))
        while pending or self.active:
            if not self.active:
                self.time = pending[-1].start
            while pending and pending[-1].start == self.time:
                self.begin(pending.pop())
            follows = pending[-1].start if pending else None
            began, growing = self.time, self.pass_rounds(follows)
            self.add_memory(began, growing)
            found += self.end_runs()
        limit = self.problem.memory
        return found + [above(limit, *rest) for rest in self.intervals]

    def begin(self, run: TimedRun) -> None:
        """Make a run active."""
        task, kept = self.problem.tasks[run.request], 0
        if self.serving.keeps:
            kept = self.kept.get(run.request, 0)
        self.active.append(
            _Active(run, task.prompt + kept, task.output - kept)
        )

    def pass_rounds(self, follows: int | None) -> list[_Active]:
        """Go on as long as nothing changes; return what makes tokens."""
        time, budget = self.time, self.serving.budget
        growing = [a for a in self.active if a.left is None]
        until = min([a.run.stop for a in self.active])
        if growing:
            left = min([a.tokens - a.made for a in growing])
            until = min(until, time + left)
        if follows is not None:
            until = min(until, follows)
        room = None if budget is None else max(0, budget - len(growing))
        turn = [(a, a.left) for a in self.active if a.left is not None]
        if turn and (room is None or turn[0][1] <= room):
            until = time + 1
        elif turn and room:
            until = min(until, time + (turn[0][1] - 1) // room)
        for a in growing:
            a.made += until - time
        for a, tokens in turn:
            if room is None or tokens <= room:
                room = None if room is None else room - tokens
                a.left, a.made = None, 1
                continue
            a.left = tokens - room * (until - time)
            break
        self.time = until
        return growing

    def add_memory(self, began: int, growing: list[_Active]) -> None:
        """Add up the memory of the rounds that have passed."""
        block, limit = self.serving.block, self.problem.memory
        # Before its first token a run holds the room for it.
        last = sum(
            [-(-(a.prompt + (a.made or 1)) // block) for a in self.active]
        )
        last *= block
        self.peak = max(self.peak, last)
        if last <= limit:
            return

        def usage(round_: int) -> int:
            back = self.time - round_
            less = sum(
                -(-(a.prompt + a.made) // block)
                + (a.prompt + a.made - back) // -block
                for a in growing
            )
            return last - block * less

        low, high = began + 1, self.time
        while low < high:
            middle = (low + high) // 2
            if usage(middle) > limit:
                high = middle
            else:
                low = middle + 1
        if self.intervals and self.intervals[-1][1] == low - 1:
            self.intervals[-1][1] = self.time
            if last > self.intervals[-1][3]:
                self.intervals[-1][2:] = [self.time, last]
        else:
            self.intervals.append([low, self.time, self.time, last])

    def end_runs(self) -> Iterator[Violation]:
        """Yield what is wrong with the runs that end now; they leave."""
        now, going = self.time, []
        for a in self.active:
            run, left = a.run, a.tokens - a.made
            if run.stop > now and left > 0:
                going.append(a)
                continue
            made = f"having made {a.made} of {a.tokens} tokens"
            if run.completed and (left or run.stop > now):
                words = f"completed {made} by round {now}"
                amount = run.stop - now or -left
                yield fault("wrong-length", run, run.start, amount, words)
            if not run.completed and left <= 0:
                words = f"cancelled {made} by round {now}"
                amount = run.stop - run.start
                yield fault("cancelled-length", run, run.start, amount, words)
            if not run.completed:
                kept = self.kept.get(run.request, 0)
                self.kept[run.request] = kept + a.made
        self.active = going
