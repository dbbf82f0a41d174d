"""The checker of a schedule in memory: a quick yes, or every violation.

A million requests are a million objects twice when they pass as documents.
Here they pass as columns of plain integers, and nearly all of the work is
done by functions of the standard library that go over a whole column. What
is not clearly without fault gets no verdict from them; then
:func:`kvopt.check.schedule.check_schedule` reads the documents and names
every violation.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress, pairwise
from operator import ge, not_, sub
from typing import Any, NamedTuple, Protocol

from kvopt.check.documents import (
    ROUND_LIMIT,
    SIZE_LIMIT,
    STOP_LIMIT,
    Problem,
    Task,
    TimedRun,
    read_instance,
)
from kvopt.check.schedule import check_schedule
from kvopt.check.served import check_served, read_serving
from kvopt.check.verdict import Verdict

__all__ = [
    "AnyInstance",
    "AnySchedule",
    "RequestColumns",
    "RunColumns",
    "accepted",
    "check_objects",
    "problem_of",
]

# After every run that there can be.
_NEVER = (STOP_LIMIT + 1, 0)


class RequestColumns(NamedTuple):
    """The requests of an instance, each column of length ``n``."""

    memory: int
    arrival: Sequence[int]
    prompt: Sequence[int]
    output: Sequence[int]


class RunColumns(NamedTuple):
    """The runs of a schedule, each column of length ``r``, by start."""

    request: Sequence[int]
    start: Sequence[int]
    stop: Sequence[int]
    completed: Sequence[bool]


class AnyInstance(Protocol):
    """An instance: what it is called, its columns and its document."""

    @property
    def name(self) -> str: ...

    @property
    def memory(self) -> int: ...

    @property
    def hash(self) -> str: ...

    def columns(self) -> dict[str, list[int]]: ...

    def document(self) -> dict[str, Any]: ...


class AnySchedule(Protocol):
    """A schedule: its columns, its document for an instance, its rules.

    The rules are those of the server; None stands for the papers'.
    """

    def columns(self) -> dict[str, list[Any]]: ...

    def rules(self) -> dict[str, Any] | None: ...

    def document(self, instance: Any) -> dict[str, Any]: ...


def check_objects(instance: AnyInstance, schedule: AnySchedule) -> Verdict:
    """Check a schedule of an instance, both in memory.

    Returns
    -------
    Verdict
        With every violation; see
        :func:`kvopt.check.schedule.check_schedule`.
    """
    columns = RunColumns(**schedule.columns())
    rules = schedule.rules()
    if rules is not None:
        runs = list(map(TimedRun, *columns))
        return check_served(problem_of(instance), runs, read_serving(rules))
    quick = accepted(_requests(instance), columns)
    if quick is not None:
        return quick
    document = schedule.document(instance)
    return check_schedule(instance.document(), document)


def problem_of(instance: AnyInstance) -> Problem:
    """Return an instance in memory as the checker sees one.

    Its hash is taken at its word: no document has to be told from another.
    """
    requests = _requests(instance)
    if not _are_requests(requests):
        return read_instance(instance.document())
    tasks = map(Task, requests.arrival, requests.prompt, requests.output)
    return Problem(instance.memory, tuple(tasks), instance.hash)


def _requests(instance: AnyInstance) -> RequestColumns:
    columns = instance.columns()
    names = RequestColumns._fields[1:]
    return RequestColumns(instance.memory, *(columns[k] for k in names))


def accepted(requests: RequestColumns, runs: RunColumns) -> Verdict | None:
    """Return the verdict on a schedule without fault, else None.

    Parameters
    ----------
    requests
        Memory in units, and the requests in order of arrival.
    runs
        The runs in order of their starts.

    Returns
    -------
    Verdict or None
        That of the full checker when it finds no violation. None when
        something is wrong or not as it should be, be it with the numbers
        themselves.

    Notes
    -----
    ``O(r log r)`` for ``r`` runs, whatever the makespan.
    """
    if not (
        _are_requests(requests)
        and _are_runs(runs, len(requests.arrival))
        and _are_served(requests, runs)
    ):
        return None
    peak = _peak(requests, runs)
    if peak > requests.memory:
        return None
    ends = sum(compress(runs.stop, runs.completed))
    return Verdict(
        requests=len(requests.arrival),
        memory=requests.memory,
        violations=(),
        total_latency=ends - sum(requests.arrival),
        makespan=max(runs.stop),
        peak_memory=peak,
    )


def _are_requests(requests: RequestColumns) -> bool:
    """Tell whether there are any, and all numbers are within limits."""
    memory, arrival, prompt, output = requests
    n = len(arrival)
    return (
        n > 0
        and _within([memory], 1, 1, SIZE_LIMIT)
        and _within(arrival, n, 0, ROUND_LIMIT)
        and _within(prompt, n, 0, SIZE_LIMIT)
        and _within(output, n, 1, SIZE_LIMIT)
    )


def _are_runs(runs: RunColumns, n: int) -> bool:
    """Tell whether there are any, of requests below ``n``, of numbers."""
    r = len(runs.request)
    return (
        r > 0
        and _within(runs.request, r, 0, n - 1)
        and _within(runs.start, r, 0, STOP_LIMIT)
        and _within(runs.stop, r, 0, STOP_LIMIT)
        and len(runs.completed) == r
        and set(map(type, runs.completed)) == {bool}
    )


def _within(column: Sequence[int], size: int, least: int, most: int) -> bool:
    return (
        len(column) == size
        and set(map(type, column)) == {int}
        and min(column) >= least
        and max(column) <= most
    )


def _are_served(requests: RequestColumns, runs: RunColumns) -> bool:
    """Tell whether each request has its runs, and these their rounds."""
    who, start, stop, completed = runs
    length = list(map(sub, stop, start))
    output = list(map(requests.output.__getitem__, who))
    if list(compress(length, completed)) != list(compress(output, completed)):
        return False
    done = sorted(compress(who, completed))
    if done != list(range(len(requests.arrival))):
        return False
    if not all(map(ge, start, map(requests.arrival.__getitem__, who))):
        return False
    cancelled = list(map(not_, completed))
    rounds = compress(zip(length, output, strict=True), cancelled)
    if not all(1 <= ran < whole for ran, whole in rounds):
        return False
    return _one_by_one(runs, set(compress(who, cancelled)))


def _one_by_one(runs: RunColumns, restarted: set[int]) -> bool:
    """Tell whether no run of these begins before the one before has ended.

    As the completed run of a request ends with it, nothing may follow that.
    """
    own: dict[int, list[list[int]]] = {k: [] for k in restarted}
    if restarted:
        for who, *run in zip(*runs, strict=True):
            if who in own:
                own[who].append(run)
    for several in own.values():
        several.sort()
        if not several[-1][2]:
            return False
        if any(later[0] < run[1] for run, later in pairwise(several)):
            return False
    return True


def _peak(requests: RequestColumns, runs: RunColumns) -> int:
    """Return the largest usage of any round, in units.

    Usage grows from round to round until some run ends, so the worst round
    is one in which a run ends. A run of prompt ``s`` from ``p`` on holds
    ``(s - p) + t`` units in round ``t``: those active are counted, and the
    numbers in brackets added.
    """
    prompt = map(requests.prompt.__getitem__, runs.request)
    held = list(map(sub, prompt, runs.start))
    starts = sorted(zip(runs.start, held, strict=True), reverse=True)
    begins, of_next = starts.pop()
    peak = active = constant = 0
    for k in sorted(range(len(held)), key=runs.stop.__getitem__):
        now = runs.stop[k]
        while begins < now:
            active += 1
            constant += of_next
            begins, of_next = starts.pop() if starts else _NEVER
        usage = constant + active * now
        if usage > peak:
            peak = usage
        active -= 1
        constant -= held[k]
    return peak
