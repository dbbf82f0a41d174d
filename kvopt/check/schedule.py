"""The independent checker of schedules: plain integers, every violation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kvopt.check.documents import (
    Problem,
    TimedRun,
    read_instance,
    read_schedule,
)
from kvopt.check.runs import above, fault, known_runs, latency_of
from kvopt.check.served import check_served, read_serving
from kvopt.check.verdict import Verdict, Violation
from kvopt.model.errors import InputError

__all__ = ["check_runs", "check_schedule", "check_schedule_of"]


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
    ``O(r log r)`` for ``r`` runs, whatever the makespan; more under the
    rules of a server, see :func:`kvopt.check.served.check_served`.
    """
    problem = read_instance(instance_document)
    return check_schedule_of(schedule_document, problem)


def check_schedule_of(
    document: Any, problem: Problem, where: str = ""
) -> Verdict:
    """Check a schedule of an instance that was read.

    Parameters
    ----------
    document
        The schedule, as parsed JSON.
    problem
        The instance, as the checker has read it.
    where
        File that errors name.
    """
    runs = read_schedule(document, problem, where, optional=("serving",))
    if "serving" not in document:
        return check_runs(problem, runs)
    try:
        serving = read_serving(document["serving"])
    except InputError as error:
        raise error.at(where) from None
    return check_served(problem, runs, serving)


def check_runs(problem: Problem, runs: Sequence[TimedRun]) -> Verdict:
    """Check the runs of a schedule; see :func:`check_schedule`."""
    real, violations = known_runs(problem, runs)
    violations += _of_lengths(problem, runs)
    peak, too_much = _sweep(problem, real)
    violations += too_much
    violations.sort(key=lambda v: (v.round is not None, v.round or 0))
    return Verdict(
        requests=len(problem.tasks),
        memory=problem.memory,
        violations=tuple(violations),
        total_latency=latency_of(problem, runs, violations),
        makespan=max((run.stop for run in real), default=0),
        peak_memory=peak,
    )


def _of_lengths(
    problem: Problem, runs: Iterable[TimedRun]
) -> Iterator[Violation]:
    """Yield the runs that take other rounds than they may."""
    for run in runs:
        if run.request >= len(problem.tasks):
            continue
        output = problem.tasks[run.request].output
        length = run.stop - run.start
        if run.completed and length != output:
            words = f"completed in {length} rounds, not {output}"
            excess = length - output
            yield fault("wrong-length", run, run.start, excess, words)
        if not run.completed and not 1 <= length < output:
            words = (
                f"cancelled after {length} rounds, not after 1 .. {output - 1}"
            )
            yield fault("cancelled-length", run, run.start, length, words)


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
    return peak, [above(limit, *interval) for interval in intervals]
