"""Run a composed policy with the compiled event loop."""

from __future__ import annotations

from functools import cache

import numpy as np

from kvopt.model import InputError, Instance, Schedule
from kvopt.model.instance import IntArray
from kvopt.policies.choices import Order, Planned, Proxy, Waiting
from kvopt.policies.composed import LAST, ComposedPolicy
from kvopt.policies.mc_sf import MCSF
from kvopt.simulation.clocks import (
    LATEST,
    UNIT_ROUNDS,
    AffineClock,
    Clock,
    clock_spec,
)
from kvopt.simulation.fast import kernel
from kvopt.simulation.fast.plan import plan
from kvopt.simulation.faults import livelock, patience, stuck
from kvopt.simulation.outcome import Outcome, measured_outcome
from kvopt.simulation.reference import Progress
from kvopt.simulation.told import told

__all__ = ["run", "warm_up"]

# Steps between two looks at the clock and the keyboard: about 50 ms.
STEPS = 200_000


def run(
    instance: Instance,
    policy: ComposedPolicy,
    seed: int = 0,
    progress: Progress | None = None,
    clock: Clock = UNIT_ROUNDS,
) -> Outcome:
    """Run a composed policy on ``instance`` and return every run it made.

    Takes O((n + b) (log n + k)) for n requests, b starts that had to wait
    and k active requests, and O(n + k) memory; the number of rounds does not
    matter. Skipping over misfits costs O(log n) a candidate where the order
    is by lengths that do not change, else O(queue) a step.

    Raises
    ------
    InputError
        When the instance lacks the predictions that the policy needs, or
        times get too long for the clock.
    PolicyError
        When the policy is stuck or in a livelock.
    """
    n = len(instance)
    choices = plan(policy, instance.memory)
    columns = told(instance, policy)
    believed = columns.get(choices.column, np.ones(n, np.int64))
    belief = policy.composition.belief
    if isinstance(belief, Proxy):
        short = believed * believed <= belief.longest
        believed = np.where(short, *belief.ends)
    believed = np.minimum(believed, instance.memory - instance.prompt)
    rng = np.random.default_rng(seed)
    order = policy.composition.order
    key = _keys(instance, order, believed, rng)
    known = np.ones(n, np.int64)
    start = np.zeros(n, np.int64)
    sequence = np.zeros(n, np.int64)
    waiting, keys = np.zeros(n, np.int64), np.zeros(n, np.int64)
    misfit = np.zeros(n if choices.skip else 1, np.int64)
    place, at_place, tree = _places(key, choices.skip)
    mark = np.zeros(n, np.int64)
    end, who = np.zeros(64, np.int64), np.zeros(64, np.int64)
    lost = np.zeros((64, kernel.LOST_COLUMNS), np.int64)
    due = clock.due(instance)
    measures, rates = clock.measures, (1, 0, 0, 0, 0)
    if isinstance(clock, AffineClock):
        rates = (clock.d0, clock.d1, clock.d2, clock.prefill, clock.free)
    size = n if measures else 0
    seen, begin, first, finish = (np.zeros(size, np.int64) for _ in range(4))
    state = np.zeros(kernel.STATE_SIZE, np.int64)
    state[kernel.TIME] = due[0]
    if not measures:
        state[kernel.ROUND] = state[kernel.QUIET_SINCE] = due[0]
    state[kernel.STARTED_AT] = -1
    state[kernel.NEXT_DONE] = kernel.NEVER
    state[kernel.MARK_SIZE] = -1
    state[kernel.PLANNED_AT] = -kernel.NEVER
    while True:
        ended = kernel.advance(
            STEPS,
            instance.memory,
            choices.limit,
            choices.order,
            choices.admission,
            choices.skip,
            choices.overflow,
            choices.beta,
            choices.continuous,
            choices.learns,
            choices.extra,
            choices.watch,
            patience(instance.memory),
            choices.every,
            rng,
            instance.prompt,
            instance.output,
            believed,
            known,
            key,
            start,
            sequence,
            end,
            who,
            waiting,
            keys,
            misfit,
            place,
            at_place,
            tree,
            mark,
            lost,
            state,
            measures,
            rates,
            LATEST,
            due,
            seen,
            begin,
            first,
            finish,
        )
        if progress is not None:
            progress(int(state[kernel.COMPLETED]))
        if ended == kernel.DONE:
            break
        if ended == kernel.REPLAN:
            queued = waiting[: state[kernel.WAITING]]
            _replan(instance, order, believed, known, queued, key)
            keys[: queued.size] = key[queued]
        if ended == kernel.FULL:
            end = np.concatenate([end, np.zeros_like(end)])
            who = np.concatenate([who, np.zeros_like(who)])
            more = max(len(lost), len(end))
            added = np.zeros((more, kernel.LOST_COLUMNS), np.int64)
            lost = np.concatenate([lost, added])
        now = int(state[kernel.ROUND])
        if ended == kernel.STUCK:
            queued = waiting[: state[kernel.WAITING]]
            if choices.skip == kernel.SKIP_BY_PROMPT:
                leaves = tree[tree.size // 2 :][:n]
                queued = at_place[leaves < kernel.NEVER]
            raise stuck(policy, now, np.sort(queued).tolist())
        if ended == kernel.LIVELOCK:
            quiet = int(state[kernel.QUIET_SINCE])
            running = np.sort(who[: state[kernel.ACTIVE]]).tolist()
            raise livelock(policy, now, quiet, running)
        if ended == kernel.TOO_LATE:
            raise InputError(
                f"times exceed 53 days in round {now}",
                field="clock",
                value=clock_spec(clock),
            )
    cancelled = lost[: state[kernel.LOST]].T
    runs = (
        np.concatenate([np.arange(n), cancelled[0]]),
        np.concatenate([start, cancelled[1]]),
        np.concatenate([start + instance.output, cancelled[2]]),
        np.arange(n + cancelled.shape[1]) < n,
    )
    if not measures:
        return Outcome(Schedule.from_arrays(*runs))
    ticks = (
        np.concatenate([begin, cancelled[3]]),
        np.concatenate([first, cancelled[4]]),
        np.concatenate([finish, cancelled[5]]),
    )
    return measured_outcome(runs, ticks, seen, due)


def _places(key: IntArray, skip: int) -> tuple[IntArray, IntArray, IntArray]:
    """Return place of each request, request at each place, and a tree."""
    if skip != kernel.SKIP_BY_PROMPT:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing, nothing
    n = key.size
    at_place = np.argsort(key, kind="stable")
    place = np.empty(n, np.int64)
    place[at_place] = np.arange(n)
    leaves = 1 << (n - 1).bit_length()
    return place, at_place, np.full(2 * leaves, kernel.NEVER)


@cache
def warm_up() -> None:
    """Compile the kernel, or load it from the cache; once a process."""
    run(Instance.of(2, [(0, 0, 1)]), MCSF())


def _keys(
    instance: Instance,
    order: Order | Planned,
    length: IntArray,
    rng: np.random.Generator,
) -> IntArray:
    """Return the sort keys of the queue."""
    n = len(instance)
    match order:
        case Order.LENGTH:
            return length.copy()
        case Order.VOLUME:
            return instance.prompt * length + length * (length + 1) // 2
        case Order.PEAK:
            return instance.prompt + length
        case Order.RANDOM:
            keys = np.empty(n, np.int64)
            keys[np.argsort(rng.random(n), kind="stable")] = np.arange(n)
            return keys
        case Order.ARRIVAL:
            return np.arange(n)
    return np.full(n, LAST)


def _replan(
    instance: Instance,
    order: Order | Planned,
    length: IntArray,
    known: IntArray,
    queued: IntArray,
    key: IntArray,
) -> None:
    """Plan the queue anew, in place; a sorted list is a heap, too."""
    assert isinstance(order, Planned)
    now = np.sort(queued)
    rows = zip(
        now.tolist(),
        instance.prompt[now].tolist(),
        np.maximum(length[now], known[now]).tolist(),
        strict=True,
    )
    queued[:] = order.plan([Waiting(*row) for row in rows], instance.memory)
    key[queued] = np.arange(queued.size)
