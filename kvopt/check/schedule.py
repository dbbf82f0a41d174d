"""The independent checker of schedules: plain integers, every violation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kvopt.check.documents import (
    Problem,
    Task,
    TimedRun,
    read_instance,
    read_schedule,
)
from kvopt.check.verdict import Verdict, Violation

__all__ = ["check_runs", "check_schedule"]


def check_schedule(instance_document: Any, schedule_document: Any) -> Verdict:
    """Check a ``kvopt-schedule/1`` against its ``kvopt-instance/1``.

    Returns
    -------
    Verdict
        With every violation, not only the first.

    Raises
    ------
    InputError
        When a document is malformed, or the schedule is for another
        instance.

    Notes
    -----
    ``O(r log r)`` for ``r`` runs, whatever the makespan.
    """
    problem = read_instance(instance_document)
    return check_runs(problem, read_schedule(schedule_document, problem))


def check_runs(problem: Problem, runs: Sequence[TimedRun]) -> Verdict:
    """Check the runs of a schedule; see :func:`check_schedule`."""
    violations: list[Violation] = []
    of_request: dict[int, list[TimedRun]] = {}
    real: list[TimedRun] = []
    for run in runs:
        if run.request >= len(problem.tasks):
            words = f"is of no request: there are {len(problem.tasks)}"
            violations.append(
                _fault("unknown-request", run, run.start, run.request, words)
            )
            continue
        of_request.setdefault(run.request, []).append(run)
        if run.stop > run.start:
            real.append(run)
    for number, task in enumerate(problem.tasks):
        own = of_request.get(number, [])
        if len(own) > 1:
            own.sort(key=lambda r: (r.start, r.stop))
            violations += _of_order(own)
        violations += _of_lengths(number, task, own)
    # Whatever was found so far, but a cancelled run's fault, means that some
    # completion is missing, ambiguous or impossible.
    harmless = {"cancelled-length", "overlap", "after-completion"}
    latency = None
    if all(v.kind in harmless for v in violations):
        ends = sum(run.stop for run in runs if run.completed)
        latency = ends - sum(task.arrival for task in problem.tasks)
    peak, too_much = _sweep(problem, real)
    violations += too_much
    violations.sort(key=lambda v: (v.round is not None, v.round or 0))
    return Verdict(
        requests=len(problem.tasks),
        memory=problem.memory,
        violations=tuple(violations),
        total_latency=latency,
        makespan=max((run.stop for run in real), default=0),
        peak_memory=peak,
    )


def _fault(
    kind: str, run: TimedRun, round_: int, amount: int, words: str
) -> Violation:
    """Return a violation of one run, whose message names the run."""
    who = f"request {run.request}: run from {run.start} to {run.stop}"
    return Violation(kind, run.request, round_, amount, f"{who} {words}")


def _of_lengths(
    number: int, task: Task, own: Iterable[TimedRun]
) -> Iterator[Violation]:
    """Yield what is wrong with each run, and with their number."""
    done = 0
    for run in own:
        length = run.stop - run.start
        early = task.arrival - run.start
        if early > 0:
            words = f"starts {early} before its arrival at {task.arrival}"
            yield _fault("early-start", run, run.start, early, words)
        if run.completed:
            done += 1
            excess = length - task.output
            if excess:
                words = f"completed in {length} rounds, not {task.output}"
                yield _fault("wrong-length", run, run.start, excess, words)
            if done > 1:
                words = f"is completed run number {done}"
                yield _fault("completed-again", run, run.start, done, words)
        elif not 1 <= length < task.output:
            words = (
                f"cancelled after {length} rounds, not after "
                f"1 .. {task.output - 1}"
            )
            yield _fault("cancelled-length", run, run.start, length, words)
    if not done:
        words = f"request {number}: has no completed run"
        yield Violation("not-completed", number, None, 0, words)


def _of_order(own: Sequence[TimedRun]) -> Iterator[Violation]:
    """Yield overlaps, and cancelled runs after a completion.

    ``own`` holds the runs of one request, sorted by start.
    """
    completion = min((r.stop for r in own if r.completed), default=None)
    busy_until = 0
    for run in own:
        shared = min(run.stop, busy_until) - run.start
        if shared > 0:
            first = run.start + 1
            words = f"shares {shared} rounds from {first} with another of it"
            yield _fault("overlap", run, first, shared, words)
        busy_until = max(busy_until, run.stop)
        if run.completed or completion is None or run.start < completion:
            continue
        late = run.start - completion
        words = f"starts {late} rounds after its completion at {completion}"
        yield _fault("after-completion", run, run.start, late, words)


def _sweep(
    problem: Problem, runs: Iterable[TimedRun]
) -> tuple[int, list[Violation]]:
    """Re-add the memory of every round, from event to event.

    Between two events the same runs are active, and in round ``t`` they hold
    ``constant + active * t`` units: the prompts less the starts, plus one
    unit a run and round. That only grows, so its last round is its worst,
    and the first round above the limit is a division away.

    Returns
    -------
    int
        Largest usage, in units.
    list of Violation
        One a maximal interval of rounds above the limit.
    """
    limit = problem.memory
    events: list[tuple[int, int, int]] = []  # round, runs more, constant more
    for run in runs:
        held = problem.tasks[run.request].prompt - run.start
        events.append((run.start + 1, 1, held))
        events.append((run.stop + 1, -1, -held))
    events.sort()
    peak = active = constant = 0
    intervals: list[list[int]] = []  # first, last, worst round, usage there
    for k, (first, more, held) in enumerate(events):
        active += more
        constant += held
        last = events[k + 1][0] - 1 if k + 1 < len(events) else first - 1
        if last < first:
            continue
        usage = constant + active * last
        peak = max(peak, usage)
        if usage <= limit:
            continue
        first = max(first, (limit - constant) // active + 1)
        if intervals and intervals[-1][1] == first - 1:
            intervals[-1][1] = last
            if usage > intervals[-1][3]:
                intervals[-1][2:] = [last, usage]
        else:
            intervals.append([first, last, last, usage])
    return peak, [_above(limit, *interval) for interval in intervals]


def _above(
    limit: int, first: int, last: int, worst: int, usage: int
) -> Violation:
    over = usage - limit
    rounds = f"round {first}" if first == last else f"rounds {first} to {last}"
    message = (
        f"{rounds}: memory over {limit}, worst in round {worst} "
        f"with {usage} units, {over} too many"
    )
    return Violation("memory", None, worst, over, message, (first, last))
