"""The hindsight optimum for few types: a dynamic program over rounds.

Requests of one type are interchangeable, so that a schedule is a path through
the states (waiting requests by type, what runs and for how long), one round a
step; a step costs the number of requests that are present and unfinished, and
the costs of a path add up to the total latency. All arrivals are known. The
number of a worker's configurations does not depend on the number of requests;
of a round's states only those are kept that no other dominates.

**Dominance.** State ``A`` dominates ``B`` of the same round when it has cost
no more, its configuration holds in every later round at most as much memory
and as many unfinished requests as that of ``B``, and each request waiting in
``A`` can be paired with one waiting in ``B`` that has at least its prompt and
its output. Then ``A`` can follow any continuation of ``B``: it starts a
request when ``B`` starts its partner, and nothing for partners that are not
there. It holds no more memory in any round, and has no more requests
unfinished, so it ends at no higher cost.

**Estimate.** Cost so far plus the rounds that all unfinished requests, those
yet to arrive included, need themselves. It never exceeds the cost of a
completion. With more states in a round than ``width``, those of the largest
estimates are left out, and the least of them bounds what was missed: the
result is then an interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kvopt.exact.few_types.configurations import (
    Configuration,
    Worker,
    worker,
)
from kvopt.exact.few_types.online_kernels import Configurations, search
from kvopt.exact.few_types.types import Types, types_of
from kvopt.model import Instance, Schedule
from kvopt.model.instance import IntArray

__all__ = [
    "Hindsight",
    "OnlineState",
    "arrivals_by_round",
    "from_state",
    "hindsight",
    "warm_up",
]

WIDTH = 4_000


@dataclass(frozen=True)
class OnlineState:
    """What matters for the future when a decision is due.

    Parameters
    ----------
    waiting
        Waiting requests by type.
    running
        Running requests as ``(type, rounds run)``, sorted.
    """

    waiting: tuple[int, ...]
    running: Configuration = ()


@dataclass(frozen=True, eq=False)
class Hindsight:
    """The optimum, or an interval around it.

    Parameters
    ----------
    low, high
        The least total latency lies between them; ``high`` is attained by
        ``starts``.
    starts
        What to start in each round, by type, shape ``(rounds, K)``.
    states
        Largest number of states of a round.
    """

    low: int
    high: int
    starts: IntArray
    states: int

    @property
    def proved(self) -> bool:
        """Whether the optimum is known."""
        return self.low == self.high


def from_state(
    worker: Worker, state: OnlineState, arrivals: IntArray, width: int = WIDTH
) -> Hindsight:
    """Return the least cost of completing everything from ``state``.

    Parameters
    ----------
    worker
        From :func:`kvopt.exact.few_types.configurations.worker`.
    state
        The state before the arrivals of the first round.
    arrivals
        Arrivals by round and type, shape ``(T, K)``; none come later.
    width
        Largest number of states kept of a round.
    """
    better_first, better = worker.better
    best, low, nodes, node, most = search(
        np.array(state.waiting, np.int64),
        worker.number[state.running],
        np.ascontiguousarray(arrivals, np.int64),
        Configurations(
            np.array([o for _, o in worker.types.sizes], np.int64),
            worker.first,
            worker.starts,
            worker.following,
            worker.running,
            worker.left,
            better_first,
            better,
            worker.upper_sets,
        ),
        width,
    )
    path = []
    while node > 0:
        parent, row = nodes[node]
        path.append(worker.starts[row])
        node = parent
    starts = np.array(path[::-1], np.int64).reshape(-1, arrivals.shape[1])
    return Hindsight(int(low), int(best), starts, int(most))


def hindsight(
    instance: Instance, width: int = WIDTH
) -> tuple[Hindsight, Schedule]:
    """Return the optimum of ``instance``, all arrivals known, and a schedule.

    Raises
    ------
    InputError
        When the types are too many for the dynamic program.
    """
    types, kind = types_of(instance)
    found = from_state(
        worker(types),
        OnlineState((0,) * len(types.sizes)),
        arrivals_by_round(instance, types, kind),
        width,
    )
    return found, Schedule.from_starts(
        instance, _starts(instance, kind, found.starts)
    )


def arrivals_by_round(
    instance: Instance, types: Types, kind: IntArray
) -> IntArray:
    """Return the arrivals by round, from the first one on, and type.

    Parameters
    ----------
    instance
        The instance.
    types
        The types of its requests.
    kind
        Type of each request, shape ``(n,)``.
    """
    origin = int(instance.arrival[0])
    last = int(instance.arrival[-1])
    counts = np.zeros((last - origin + 1, len(types.sizes)), np.int64)
    np.add.at(counts, (instance.arrival - origin, kind), 1)
    return counts


def _starts(
    instance: Instance, kind: IntArray, chosen: IntArray
) -> Sequence[int]:
    """Start rounds by request: within a type in order of arrival."""
    origin = int(instance.arrival[0])
    starts = np.empty(len(instance), np.int64)
    for k in range(chosen.shape[1]):
        rounds = np.repeat(np.arange(len(chosen)), chosen[:, k])
        starts[np.flatnonzero(kind == k)] = origin + rounds
    return starts.tolist()


def warm_up() -> None:
    """Have numba compile all that :func:`hindsight` calls."""
    hindsight(Instance.of(3, [(0, 0, 2), (1, 1, 1)]))
