"""An exact oracle for tiny instances, in plain Python."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import NamedTuple

from kvopt.exact.control.session import Session
from kvopt.exact.task import SolverTask
from kvopt.model import InputError, Instance

__all__ = ["MAX_REQUESTS", "run", "warm_up"]

MAX_REQUESTS = 10
MAX_STATES = 400_000


class PartialSchedule(NamedTuple):
    """What matters for the future when round ``round + 1`` is about to run.

    ``waiting`` are the requests not started yet (arrived or not), ``running``
    the started ones with the rounds that they have run, both by number.
    """

    round: int
    waiting: tuple[int, ...]
    running: tuple[tuple[int, int], ...]


def warm_up() -> None:
    """Do nothing: it is plain Python."""


def run(task: SolverTask, session: Session) -> str:
    """Find an optimal schedule by A* over rounds.

    In each round any set of arrived requests may be started that fits, with
    what runs, in every later round; starting none is always a choice. So
    every schedule is a path: waiting although there is room is explored too
    (serial schedule generation, which starts each request as early as it
    fits, misses optima). A state costs one for each request that is present
    and unfinished in the round; what remains is bounded from below by the
    requests' own remaining rounds, which is consistent. The horizon and
    symmetry reductions of ``task`` are not used: this is the oracle that
    they are tested against.

    Raises
    ------
    InputError
        When there are more than 10 requests or too many states.
    """
    instance = task.instance
    n = len(instance)
    if n > MAX_REQUESTS:
        raise InputError(
            f"brute-force is for at most {MAX_REQUESTS} requests",
            field="requests",
            value=f"{n} requests",
        )
    output = instance.output.tolist()
    arrival = instance.arrival.tolist()
    origin = PartialSchedule(arrival[0], tuple(range(n)), ())
    least = sum(output)
    # (estimate of the total, tie-break, state); estimates never fall.
    queue: list[tuple[int, int, PartialSchedule]] = [(least, 0, origin)]
    best = {_key(origin, arrival): least}
    came: dict[PartialSchedule, PartialSchedule] = {}
    pushed = 0
    while True:
        estimate, _, state = heapq.heappop(queue)
        if best[_key(state, arrival)] < estimate:
            continue
        session.checkpoint()
        session.proved(estimate)
        if not state.waiting:
            session.found(_starts(state, came, n), estimate)
            return "brute-force ended"
        for following, delay in _steps(state, instance):
            total = estimate + delay
            key = _key(following, arrival)
            if total >= best.get(key, total + 1):
                continue
            best[key] = total
            came[following] = state
            pushed += 1
            heapq.heappush(queue, (total, pushed, following))
        if pushed > MAX_STATES:
            raise InputError(
                f"too hard for brute-force: more than {MAX_STATES} states",
                field="requests",
                value=f"{n} requests",
            )


def _key(state: PartialSchedule, arrival: list[int]) -> PartialSchedule:
    """Drop the clock once everything has arrived: it matters no more."""
    return state._replace(round=min(state.round, arrival[-1]))


def _steps(
    state: PartialSchedule, instance: Instance
) -> Iterator[tuple[PartialSchedule, int]]:
    """Yield the states one round later, and the waiting that it costs.

    The cost counts the requests that are present and neither run nor are
    over: the others' rounds are in the estimate from the start.
    """
    arrival, prompt, output = (
        column.tolist()
        for column in (instance.arrival, instance.prompt, instance.output)
    )
    present = [i for i in state.waiting if arrival[i] <= state.round]
    if not present and not state.running:
        # Nothing can happen before the next arrival.
        yield state._replace(round=arrival[state.waiting[0]]), 0
        return

    def fits(running: list[tuple[int, int]]) -> bool:
        for i, age in running:
            ahead = output[i] - age
            usage = sum(
                prompt[j] + done + ahead
                for j, done in running
                if output[j] - done >= ahead
            )
            if usage > instance.memory:
                return False
        return True

    def choices(
        since: int, running: list[tuple[int, int]]
    ) -> Iterator[list[tuple[int, int]]]:
        yield running
        for k in range(since, len(present)):
            more = [*running, (present[k], 0)]
            if fits(more):  # else no larger set fits either
                yield from choices(k + 1, more)

    last = arrival[-1]
    for running in choices(0, list(state.running)):
        if not running and state.round >= last:
            continue  # everyone is here: an idle round is only a delay
        started = {i for i, age in running if age == 0}
        after = tuple(
            sorted((i, a + 1) for i, a in running if a + 1 < output[i])
        )
        waiting = tuple(i for i in state.waiting if i not in started)
        delay = len(present) - len(started)
        yield PartialSchedule(state.round + 1, waiting, after), delay


def _starts(
    state: PartialSchedule,
    came: dict[PartialSchedule, PartialSchedule],
    n: int,
) -> list[int]:
    """Follow the path back and return when each request was started."""
    starts = [0] * n
    while state in came:
        before = came[state]
        for i in set(before.waiting) - set(state.waiting):
            starts[i] = before.round
        state = before
    return starts
