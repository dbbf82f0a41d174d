"""Checks of runs under every set of rules: the papers' and a server's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kvopt.check.documents import Problem, Task, TimedRun
from kvopt.check.verdict import Violation

__all__ = ["above", "fault", "known_runs", "latency_of"]


def known_runs(
    problem: Problem, runs: Sequence[TimedRun]
) -> tuple[list[TimedRun], list[Violation]]:
    """Return the runs that take rounds, and what is wrong with any of them.

    Parameters
    ----------
    problem
        The instance.
    runs
        The runs, in any order.

    Returns
    -------
    list of TimedRun
        The runs of known requests that last at least a round.
    list of Violation
        Runs of no request, before an arrival, at the same time as another of
        the same request, or after its completion; requests that do not
        complete just once.
    """
    violations: list[Violation] = []
    of_request: dict[int, list[TimedRun]] = {}
    real: list[TimedRun] = []
    for run in runs:
        if run.request >= len(problem.tasks):
            words = f"is of no request: there are {len(problem.tasks)}"
            violations.append(
                fault("unknown-request", run, run.start, run.request, words)
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
        violations += _of_number(number, task, own)
    return real, violations


def latency_of(
    problem: Problem,
    runs: Iterable[TimedRun],
    violations: Iterable[Violation],
) -> int | None:
    """Return the total latency in rounds, unless a completion is in doubt.

    Parameters
    ----------
    problem
        The instance.
    runs
        Its runs.
    violations
        All that were found.
    """
    # Whatever was found so far, but a cancelled run's fault, means that some
    # completion is missing, ambiguous or impossible.
    harmless = {"cancelled-length", "overlap", "after-completion", "memory"}
    if any(v.kind not in harmless for v in violations):
        return None
    ends = sum(run.stop for run in runs if run.completed)
    return ends - sum(task.arrival for task in problem.tasks)


def fault(
    kind: str, run: TimedRun, round_: int, amount: int, words: str
) -> Violation:
    """Return a violation of one run, whose message names the run.

    Parameters
    ----------
    kind, amount
        As for :class:`kvopt.check.verdict.Violation`.
    run
        The run.
    round_
        The round at fault.
    words
        What is wrong, for people.
    """
    who = f"request {run.request}: run from {run.start} to {run.stop}"
    return Violation(kind, run.request, round_, amount, f"{who} {words}")


def _of_number(
    number: int, task: Task, own: Iterable[TimedRun]
) -> Iterator[Violation]:
    """Yield runs before the arrival, and completions but one."""
    done = 0
    for run in own:
        early = task.arrival - run.start
        if early > 0:
            words = f"starts {early} before its arrival at {task.arrival}"
            yield fault("early-start", run, run.start, early, words)
        done += run.completed
        if run.completed and done > 1:
            words = f"is completed run number {done}"
            yield fault("completed-again", run, run.start, done, words)
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
            yield fault("overlap", run, first, shared, words)
        busy_until = max(busy_until, run.stop)
        if run.completed or completion is None or run.start < completion:
            continue
        late = run.start - completion
        words = f"starts {late} rounds after its completion at {completion}"
        yield fault("after-completion", run, run.start, late, words)


def above(
    limit: int, first: int, last: int, worst: int, usage: int
) -> Violation:
    """Return the violation of an interval of rounds above the limit.

    Parameters
    ----------
    limit
        ``M``, in units.
    first, last, worst
        Rounds: the interval, and the one with the most in use.
    usage
        Units in use in the worst.
    """
    over = usage - limit
    rounds = f"round {first}" if first == last else f"rounds {first} to {last}"
    message = (
        f"{rounds}: memory over {limit}, worst in round {worst} "
        f"with {usage} units, {over} too many"
    )
    return Violation("memory", None, worst, over, message, (first, last))
