"""Run a composed policy with the compiled event loop."""

from __future__ import annotations

from functools import cache
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from kvopt.model import InputError, Instance, PolicyError
from kvopt.model.instance import IntArray
from kvopt.model.serving import PLAIN, ServingRules
from kvopt.model.sums import exact_sum
from kvopt.policies.choices import Order, Planned, Proxy, Waiting, sort_key
from kvopt.policies.composed import LAST, ComposedPolicy
from kvopt.policies.mc_sf import MCSF
from kvopt.simulation.clocks import UNIT_ROUNDS, Clock, clock_spec
from kvopt.simulation.fast import state as slots
from kvopt.simulation.fast.kernel import advance
from kvopt.simulation.fast.plan import column_of, rules_of
from kvopt.simulation.fast.profile import NEVER
from kvopt.simulation.fast.state import Rules
from kvopt.simulation.faults import livelock, stuck
from kvopt.simulation.outcome import (
    SimulationOutcome,
    counted_outcome,
    measured_outcome,
)
from kvopt.simulation.pulse import Progress
from kvopt.simulation.told import told

__all__ = ["run", "total_latency", "warm_up"]

# Steps between two looks at the clock and the keyboard: about 50 ms.
STEPS = 200_000


def run(
    instance: Instance,
    policy: ComposedPolicy,
    seed: int = 0,
    progress: Progress | None = None,
    clock: Clock = UNIT_ROUNDS,
    serving: ServingRules = PLAIN,
) -> SimulationOutcome:
    """Run a composed policy on ``instance`` and return every run it made.

    Takes O((n + b) (log n + k)) for n requests, b starts that had to wait
    and k active requests, and O(n + k) memory; the number of rounds does not
    matter. Skipping over misfits costs O(log n) a candidate where the order
    is by lengths that do not change, else O(queue) a step.

    Parameters
    ----------
    instance, policy, seed, progress, clock, serving
        As for :func:`kvopt.simulate`; the policy is a composition.

    Raises
    ------
    InputError
        When the instance lacks the predictions that the policy needs, or
        times get too long for the clock.
    PolicyError
        When the policy is stuck or in a livelock.
    """
    played = _played(instance, policy, seed, progress, clock, serving)
    return _outcome(instance, *played, serving)


def total_latency(
    instance: Instance, policy: ComposedPolicy, seed: int = 0
) -> int:
    """Return the total latency of a composed policy's schedule, in rounds.

    For whoever runs thousands of instances and needs no schedule: half of the
    time of a tiny one is to write it down.

    Parameters
    ----------
    instance, policy, seed
        As for :func:`run`.

    Raises
    ------
    InputError, PolicyError
        As :func:`run`.
    """
    rounds = UNIT_ROUNDS
    _, requests, _ = _played(instance, policy, seed, None, rounds, PLAIN)
    return exact_sum(requests["start"] + instance.output - instance.arrival)


def _played(
    instance: Instance,
    policy: ComposedPolicy,
    seed: int,
    progress: Progress | None,
    clock: Clock,
    serving: ServingRules,
) -> tuple[Rules, NDArray[np.void], NDArray[np.int64]]:
    """Play to the end; return rules, requests and cancelled runs."""
    rules = rules_of(policy, instance.memory, clock, serving, STEPS)
    rng = np.random.default_rng(seed)
    order = policy.composition.order
    requests = _requests(instance, policy, clock, serving, rng)
    queue, tree = _queue(requests["key"], rules)
    active = np.zeros(64, slots.ACTIVE)
    lost = np.zeros((64, slots.LOST_COLUMNS), np.int64)
    state = _state(int(requests["due"][0]), rules.measures)
    while True:
        ended = advance(rules, requests, active, queue, tree, lost, state, rng)
        if progress is not None:
            progress(int(state["completed"]))
        match ended:
            case slots.DONE:
                break
            case slots.PAUSE:
                pass
            case slots.REPLAN:
                queued = _queued(queue, state)
                capacity = serving.capacity(instance.memory)
                _replan(order, capacity, requests, queued)
                queue[slots.KEYS, : queued.size] = requests["key"][queued]
            case slots.FULL:
                active = np.concatenate([active, np.zeros_like(active)])
                more = max(len(lost), len(active))
                added = np.zeros((more, slots.LOST_COLUMNS), np.int64)
                lost = np.concatenate([lost, added])
            case _:
                raise _fault(ended, policy, clock, active, queue, tree, state)
    return rules, requests, lost[: state["lost"]]


def _requests(
    instance: Instance,
    policy: ComposedPolicy,
    clock: Clock,
    serving: ServingRules,
    rng: np.random.Generator,
) -> NDArray[np.void]:
    """Return what is known of the requests before the first round."""
    n = len(instance)
    columns = told(instance, policy)
    believed = columns.get(column_of(policy), np.ones(n, np.int64))
    belief = policy.composition.belief
    if isinstance(belief, Proxy):
        short = believed * believed <= belief.longest
        believed = np.where(short, *belief.ends)
    capacity = serving.capacity(instance.memory)
    believed = np.minimum(believed, capacity - instance.prompt)
    requests = np.zeros(n, slots.REQUEST)
    requests["prompt"] = instance.prompt
    requests["output"] = instance.output
    requests["due"] = clock.due(instance)
    requests["told"] = believed
    requests["known"] = 1
    order = policy.composition.order
    requests["key"] = _keys(instance, order, believed, rng)
    return requests


def _queue(
    key: IntArray, rules: Rules
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return an empty queue for requests with these sort keys, and a tree."""
    n = key.size
    last = {
        slots.BREAK: slots.KEYS,
        slots.SKIP: slots.MISFIT,
        slots.SKIP_BY_PROMPT: slots.AT_PLACE,
    }[rules.skip]
    queue = np.zeros(((slots.END if rules.budget else last) + 1, n), np.int64)
    if rules.skip != slots.SKIP_BY_PROMPT:
        return queue, np.zeros(0, np.int64)
    queue[slots.AT_PLACE] = np.argsort(key, kind="stable")
    queue[slots.PLACE, queue[slots.AT_PLACE]] = np.arange(n)
    leaves = 1 << (n - 1).bit_length()
    return queue, np.full(2 * leaves, NEVER)


def _queued(queue: NDArray[np.int64], state: np.void) -> NDArray[np.int64]:
    """Return the waiting requests of a queue that is no tree: a view."""
    head = int(state["head"])
    return queue[slots.WAITING, head : head + int(state["waiting"])]


def _state(due: int, measures: bool) -> np.void:
    """Return the state before the first request arrives at ``due``."""
    (state,) = np.zeros(1, slots.STATE_RECORD)
    state["time"] = due
    if not measures:
        state["round"] = state["quiet_since"] = due
    state["started_at"] = -1
    state["next_done"] = NEVER
    state["mark_size"] = -1
    state["planned_at"] = -NEVER
    return state


def _fault(
    ended: int,
    policy: ComposedPolicy,
    clock: Clock,
    active: NDArray[np.void],
    queue: NDArray[np.int64],
    tree: NDArray[np.int64],
    state: np.void,
) -> InputError | PolicyError:
    """Return the error for a run that cannot go on."""
    now = int(state["round"])
    match ended:
        case slots.STUCK:
            queued = _queued(queue, state)
            if tree.size:
                leaves = tree[tree.size // 2 :][: queue.shape[1]]
                queued = queue[slots.AT_PLACE, leaves < NEVER]
            return stuck(policy, now, queued.tolist())
        case slots.LIVELOCK:
            quiet = int(state["quiet_since"])
            running = active["who"][: state["active"]].tolist()
            return livelock(policy, now, quiet, running)
        case slots.TOO_LATE:
            return InputError(
                f"times exceed 53 days in round {now}",
                field="clock",
                value=clock_spec(clock),
            )
        case _:
            raise AssertionError(f"the kernel ended with {ended}")


def _outcome(
    instance: Instance,
    rules: Rules,
    requests: NDArray[np.void],
    lost: NDArray[np.int64],
    serving: ServingRules,
) -> SimulationOutcome:
    """Return every run, and its times if the clock measures seconds."""
    n, cancelled = len(instance), lost.T
    stop = requests["start"] + requests["output"]
    runs = (
        np.concatenate([np.arange(n), cancelled[0]]),
        np.concatenate([requests["started"], cancelled[1]]),
        np.concatenate([stop, cancelled[2]]),
        np.arange(n + cancelled.shape[1]) < n,
    )
    made = np.concatenate([requests["output"], cancelled[6]])
    if not rules.measures:
        return counted_outcome(runs, made, serving)
    ticks = (
        np.concatenate([requests["begin"], cancelled[3]]),
        np.concatenate([requests["first"], cancelled[4]]),
        np.concatenate([requests["finish"], cancelled[5]]),
    )
    return measured_outcome(
        runs, made, serving, ticks, requests["seen"], requests["due"]
    )


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
        case Planned():
            return np.full(n, LAST)
        case Order():
            places = np.zeros(n, np.int64)
            if order is Order.RANDOM:
                drawn = np.argsort(rng.random(n), kind="stable")
                places[drawn] = np.arange(n)
            numbers = np.arange(n)
            keys = sort_key(
                order.code, numbers, instance.prompt, length, places
            )
            return np.array(keys, np.int64)
        case _:
            assert_never(order)


def _replan(
    order: Order | Planned,
    capacity: int,
    requests: NDArray[np.void],
    queued: NDArray[np.int64],
) -> None:
    """Plan the queue anew, in place; a sorted list is a heap, too.

    Parameters
    ----------
    order
        The planned order.
    capacity
        Units of memory that can be handed out.
    requests
        Records ``REQUEST`` of :mod:`.state`; their keys change.
    queued
        The waiting requests, which are put in order.
    """
    assert isinstance(order, Planned)
    now = np.sort(queued)
    rows = zip(
        now.tolist(),
        requests["prompt"][now].tolist(),
        np.maximum(requests["told"][now], requests["known"][now]).tolist(),
        strict=True,
    )
    queued[:] = order.plan([Waiting(*row) for row in rows], capacity)
    requests["key"][queued] = np.arange(queued.size)
