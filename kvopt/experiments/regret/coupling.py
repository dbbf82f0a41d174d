"""Compensated coupling, computed: which decisions cost a policy its regret.

Let ``V_t`` be the least total latency that is still possible after what a
schedule did before round ``t``, all arrivals known. ``V`` never falls, begins
with the hindsight optimum and ends with the schedule's own cost, so that

    regret = sum over rounds t of ``V_{t+1} - V_t``

exactly. A term is the *compensation* that the decision of its round would
need (Vera and Banerjee, Management Science 67, 2021, compare a policy with
the optimum in this way); where it is positive the policy and the optimum
disagree. A proof of constant regret has to show that the probabilities of
disagreement are summable over the rounds; here they are counted.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from kvopt.analysis.bootstrap import Interval
from kvopt.exact.few_types.configurations import worker
from kvopt.exact.few_types.online import (
    WIDTH,
    OnlineState,
    arrivals_by_round,
    from_state,
)
from kvopt.exact.few_types.types import Types, types_of
from kvopt.model import InputError, Instance, KvoptError, Schedule
from kvopt.model.instance import IntArray

__all__ = [
    "Coupling",
    "Disagreement",
    "Step",
    "Window",
    "by_round",
    "couple",
    "disagreements",
    "wilson",
]


@dataclass(frozen=True)
class Step:
    """The decision of a round.

    Parameters
    ----------
    round
        Its round ``t``.
    state
        Who waits, those that arrive in this round included, and what runs.
    started
        How many of each type the decision started.
    compensation
        ``V_{t+1} - V_t``, in rounds: what the optimum lost by it.
    """

    round: int
    state: OnlineState
    started: tuple[int, ...]
    compensation: int


@dataclass(frozen=True)
class Coupling:
    """The regret of a schedule, decision by decision.

    Parameters
    ----------
    types
        What the counts by type mean.
    optimum, cost
        Total latency of the hindsight optimum and of the schedule.
    steps
        One a round, from the first arrival to the last completion.
    """

    types: Types
    optimum: int
    cost: int
    steps: tuple[Step, ...]

    @property
    def regret(self) -> int:
        """``cost - optimum``, and the sum of all compensations."""
        return self.cost - self.optimum

    @property
    def disagreements(self) -> tuple[Step, ...]:
        """The decisions that lost something."""
        return tuple(step for step in self.steps if step.compensation)


def couple(
    instance: Instance,
    schedule: Schedule,
    types: Types | None = None,
    width: int = WIDTH,
) -> Coupling:
    """Split the regret of a feasible schedule over its decisions.

    Takes a dynamic program of :mod:`kvopt.exact.few_types.online` a round:
    seconds for some hundred rounds of a small worker.

    Parameters
    ----------
    instance, schedule
        What was served, and how; no run may be cancelled.
    types
        Types of the requests, and perhaps of others; None for those of the
        instance.
    width
        Largest number of states of a round.

    Raises
    ------
    InputError
        When a request is of none of the types, or a run was cancelled: what
        runs may then not fit until it is complete.
    KvoptError
        When the width is too small to prove an optimum on the way.
    """
    known, kind = types_of(instance)
    if types is not None:
        kind = _numbers(known, types)[kind]
        known = types
    arrivals = arrivals_by_round(instance, known, kind)
    states, started = _history(instance, schedule, known, kind)
    table = worker(known)
    begin = int(instance.arrival[0])
    paid = 0
    values = []
    for t, state in enumerate(states):
        best = from_state(table, state, arrivals[t:], width)
        if not best.proved:
            raise KvoptError(
                f"the optimum from round {begin + t} on needs more than "
                f"{width} states of a round"
            )
        values.append(paid + best.high)
        here = arrivals[t] if t < len(arrivals) else 0
        waiting = np.array(state.waiting) + here
        paid += int(waiting.sum()) + len(state.running)
        states[t] = OnlineState(tuple(waiting.tolist()), state.running)
    values.append(paid)
    steps = tuple(
        Step(
            begin + t,
            state,
            tuple(started[t].tolist()),
            values[t + 1] - values[t],
        )
        for t, state in enumerate(states)
    )
    return Coupling(known, values[0], paid, steps)


def _numbers(own: Types, wanted: Types) -> IntArray:
    """Return the number in ``wanted`` of each type of ``own``."""
    for size in own.sizes:
        if size not in wanted.sizes or own.memory != wanted.memory:
            raise InputError(
                f"is not among the types of a worker of {wanted.memory}",
                field="prompt + output",
                value=f"{size[0]}+{size[1]}, memory {own.memory}",
            )
    return np.array([wanted.sizes.index(size) for size in own.sizes])


def _history(
    instance: Instance, schedule: Schedule, types: Types, kind: IntArray
) -> tuple[list[OnlineState], IntArray]:
    """Return the state before each decision, and what it started.

    A state is that before the arrivals of its round.
    """
    begin, end = int(instance.arrival[0]), schedule.makespan
    rounds, K = end - begin, len(types.sizes)
    started = np.zeros((rounds, K), np.int64)
    running: list[list[tuple[int, int]]] = [[] for _ in range(rounds)]
    for run in schedule.runs:
        if not run.completed:
            raise InputError(
                "was cancelled: a coupling needs a schedule without that",
                field="runs.request",
                value=run.request,
            )
        k = int(kind[run.request])
        first, stop = run.start - begin, run.stop - begin
        started[first, k] += 1
        for t in range(first + 1, stop):
            running[t].append((k, t - first))
    arrived = np.zeros((rounds, K), np.int64)
    np.add.at(arrived, (instance.arrival - begin, kind), 1)
    after = np.cumsum(arrived - started, axis=0)
    waiting = np.vstack([np.zeros((1, K), np.int64), after[:-1]])
    states = [
        OnlineState(tuple(waiting[t].tolist()), tuple(sorted(running[t])))
        for t in range(rounds)
    ]
    return states, started


@dataclass(frozen=True)
class Disagreement:
    """How often a policy disagrees with the optimum in a state.

    Parameters
    ----------
    state
        The state.
    visits, times
        Number of decisions in it, and of those that lost something.
    lost
        Sum of their compensations, in rounds.
    """

    state: OnlineState
    visits: int
    times: int
    lost: int

    @property
    def probability(self) -> float:
        """Share of the visits that lost something."""
        return self.times / self.visits

    @property
    def interval(self) -> Interval:
        """95 % interval of the probability, as for independent visits."""
        return wilson(self.times, self.visits)


def wilson(times: int, visits: int) -> Interval:
    """Return Wilson's 95 % interval of a probability.

    Wilson, J. Amer. Statist. Assoc. 22, 1927; it does not shrink to a point
    when ``times`` is 0 or ``visits``.
    """
    if not 0 <= times <= visits or not visits:
        raise InputError(
            "must be at least 0 and at most the visits, which are positive",
            field="times",
            value=f"{times} of {visits}",
        )
    z = 1.959963984540054
    p, n = times / visits, visits
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    half /= 1 + z * z / n
    # Exact ends, without the rounding of the formula.
    low = centre - half if times else 0.0
    high = centre + half if times < visits else 1.0
    return Interval(low, high)


def disagreements(couplings: Iterable[Coupling]) -> list[Disagreement]:
    """Count by state, over couplings with the same types; most lost first.

    Only states in which there is something to decide: somebody waits.
    """
    counts: dict[OnlineState, list[int]] = defaultdict(lambda: [0, 0, 0])
    for coupling in couplings:
        for step in coupling.steps:
            if any(step.state.waiting):
                entry = counts[step.state]
                entry[0] += 1
                entry[1] += step.compensation > 0
                entry[2] += step.compensation
    found = [Disagreement(state, *entry) for state, entry in counts.items()]
    return sorted(
        found, key=lambda d: (-d.lost, -d.times, -d.visits, str(d.state))
    )


class Window(NamedTuple):
    """Decisions that lost something in rounds ``first .. last``, of all runs.

    ``frequency`` is their mean number a round and run, ``lost`` the mean
    compensation a round and run, in rounds.
    """

    first: int
    last: int
    frequency: float
    lost: float


def by_round(
    couplings: Sequence[Coupling], horizon: int, windows: int
) -> list[Window]:
    """Count disagreements over time, in ``windows`` equal parts.

    If their probabilities were summable over the rounds, the frequency would
    fall to 0.

    Parameters
    ----------
    couplings
        One a run.
    horizon
        ``T``, in rounds.
    windows
        Number of parts.

    Raises
    ------
    InputError
        When there is no coupling, or a window would be empty.
    """
    if not couplings:
        raise InputError("needs a coupling", field="couplings", value=[])
    if not 1 <= windows <= horizon:
        raise InputError(
            f"must be at least 1 and at most the horizon of {horizon}",
            field="windows",
            value=windows,
        )
    edges = [horizon * w // windows for w in range(windows + 1)]
    found = []
    for first, end in pairwise(edges):
        inside = [
            step.compensation
            for coupling in couplings
            for step in coupling.disagreements
            if first <= step.round < end
        ]
        rounds = (end - first) * len(couplings)
        found.append(
            Window(first, end - 1, len(inside) / rounds, sum(inside) / rounds)
        )
    return found
