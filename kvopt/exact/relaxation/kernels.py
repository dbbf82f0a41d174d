"""The compiled inner loops of :mod:`kvopt.exact.relaxation.tables`.

Costs are scaled ``int32``; ``FAR`` stands for "no path". A path that starts
from ``FAR`` only lowers a minimum, which keeps a lower bound valid. No sum
wraps around: see ``RelaxationTables.evaluate``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kvopt.model.compiled import entry, kernel

__all__ = [
    "FAR",
    "LOWEST",
    "GroupSizes",
    "Rounds",
    "Transitions",
    "add_costs",
    "backward",
    "cheapest",
    "forward",
    "through",
    "trace",
]

FAR = np.int32(1 << 29)
# A state this cheap means that int32 is too narrow: the loops give up.
LOWEST = -(1 << 29)


class GroupSizes(NamedTuple):
    """Groups of requests, one value each.

    Parameters
    ----------
    earliest
        First round in which they can complete.
    arrival
        Round of arrival.
    prompt, length
        What the relaxation takes the prompt for, and rounds as an item.
    """

    earliest: NDArray
    arrival: NDArray
    prompt: NDArray
    length: NDArray


class Transitions(NamedTuple):
    """Where additions, ends and falls lead.

    Parameters
    ----------
    part
        Part that each kind of addition adds.
    add_from, add_to, add_at
        Additions: those of kind ``k`` are ``add_at[k] .. add_at[k + 1] - 1``.
    end_prompt
        Prompt as which each kind of end does.
    end_from, end_to, end_at
        Ends, likewise.
    down
        State one round earlier; the number of states where there is none.
    """

    part: NDArray
    add_from: NDArray
    add_to: NDArray
    add_at: NDArray
    end_prompt: NDArray
    end_from: NDArray
    end_to: NDArray
    end_at: NDArray
    down: NDArray


class Rounds(NamedTuple):
    """Costs by round.

    Parameters
    ----------
    add, group
        Of an addition of each part: least cost, and the group that has it.
    end
        Of an end as each prompt.
    gain
        Least cost of an end in this round or an earlier one.
    """

    add: NDArray
    group: NDArray
    end: NDArray
    gain: NDArray


@kernel
def add_costs(scale, requests, lam, nu, bucket, allowed, cost):
    """Cost of completing a request of group ``g`` in round ``t``.

    Parameters
    ----------
    scale
        What a round of latency costs.
    requests
        The groups, :class:`GroupSizes`.
    lam
        Multiplier of each group, shape ``(groups,)``.
    nu
        Price of each bucket of rounds and each prompt, shape
        ``(buckets, prompts)``.
    bucket
        Bucket of each round, shape ``(T + 1,)``.
    allowed
        Whether a group may complete in a round, shape ``(groups, T +
        1)``.
    cost
        Filled, ``FAR`` where it may not; shape ``(groups, T + 1)``.
    """
    for g in range(cost.shape[0]):
        arrival, length = requests.arrival[g], requests.length[g]
        prompt = requests.prompt[g]
        for t in range(1, cost.shape[1]):
            if t < requests.earliest[g] or not allowed[g, t]:
                cost[g, t] = FAR
            else:
                cost[g, t] = (
                    scale * (t - arrival)
                    - lam[g]
                    + nu[bucket[t - length], prompt]
                )


@kernel
def cheapest(rounds, part, cost, least, group):
    """Cheapest group of each part in each round, and its cost.

    Parameters
    ----------
    rounds
        ``T``, the last round.
    part
        What each group adds as an item, -1 for one that is not seen;
        shape ``(groups,)``.
    cost
        What :func:`add_costs` writes.
    least, group
        Filled: least cost of each part in each round, ``FAR`` for
        none, and its group, -1 for none; shape ``(T + 1, parts)``.
    """
    least[:] = FAR
    group[:] = -1
    for g in range(part.shape[0]):
        j = part[g]
        if j < 0:
            continue
        for t in range(1, rounds + 1):
            if cost[g, t] < least[t, j]:
                least[t, j] = cost[g, t]
                group[t, j] = g


@entry
def forward(transitions, rounds, prune, table):
    """Least cost from the last round down to 0; ``LOWEST`` on overflow.

    Parameters
    ----------
    transitions, rounds
        The moves, and their costs in each round.
    prune
        Whether completions are left out that no end can pay for (see
        ``RelaxationTables``).
    table
        Filled: ``table[t, v]`` is the least cost of a path to state
        ``v`` of round ``t`` after any completions of that round; shape
        ``(T + 1, states)``.
    """
    far = FAR
    part, end_prompt = transitions.part, transitions.end_prompt
    add_from, add_to = transitions.add_from, transitions.add_to
    end_from, end_to = transitions.end_from, transitions.end_to
    add_at, end_at = transitions.add_at, transitions.end_at
    add, end, gain = rounds.add, rounds.end, rounds.gain
    down = transitions.down
    states = table.shape[1]
    at = np.full(states + 1, far, np.int32)
    at[0] = 0
    ended = np.zeros(states, np.int32)
    for t in range(table.shape[0] - 1, 0, -1):
        here = table[t]
        for v in range(states):
            here[v] = at[v]
        for k in range(part.shape[0]):
            w = add[t, part[k]]
            if w == far or (prune and w + gain[t] >= 0):
                continue
            for e in range(add_at[k], add_at[k + 1]):
                y = here[add_from[e]] + w
                z = here[add_to[e]]
                here[add_to[e]] = min(y, z)
        low = far
        for v in range(states):
            ended[v] = here[v]
        for k in range(end_prompt.shape[0]):
            w = end[t, end_prompt[k]]
            for e in range(end_at[k], end_at[k + 1]):
                y = ended[end_from[e]] + w
                z = ended[end_to[e]]
                ended[end_to[e]] = min(y, z)
        for v in range(states + 1):
            at[v] = far
        for v in range(states):
            at[down[v]] = ended[v]
            low = min(low, ended[v])
        at[states] = far
        if low < LOWEST:
            return np.int32(LOWEST)
    return at[0]


@entry
def backward(transitions, rounds, closed, open_):
    """Fill the costs to go; return that of the whole path, or ``LOWEST``.

    Parameters
    ----------
    transitions, rounds
        The moves, and their costs in each round.
    closed
        Filled: ``closed[t, v]`` is the least cost from state ``v`` of
        round ``t``, whose completions are all made, to the end; shape
        ``(T + 1, states)``.
    open_
        Filled: the same when more completions in round ``t`` may
        follow.
    """
    far = FAR
    part, end_prompt = transitions.part, transitions.end_prompt
    add_from, add_to = transitions.add_from, transitions.add_to
    end_from, end_to = transitions.end_from, transitions.end_to
    add_at, end_at = transitions.add_at, transitions.end_at
    add, end, down = rounds.add, rounds.end, transitions.down
    states = closed.shape[1]
    later = np.full(states + 1, far, np.int32)
    later[0] = 0
    here = np.zeros(states, np.int32)
    for v in range(states):
        open_[0, v] = later[v]
        closed[0, v] = later[v]
    for t in range(1, closed.shape[0]):
        for v in range(states):
            here[v] = later[down[v]]
        for k in range(end_prompt.shape[0] - 1, -1, -1):
            w = end[t, end_prompt[k]]
            for e in range(end_at[k + 1] - 1, end_at[k] - 1, -1):
                y = here[end_to[e]] + w
                z = here[end_from[e]]
                here[end_from[e]] = min(y, z)
        for v in range(states):
            closed[t, v] = min(here[v], far)
        for k in range(part.shape[0] - 1, -1, -1):
            w = add[t, part[k]]
            if w == far:
                continue
            for e in range(add_at[k + 1] - 1, add_at[k] - 1, -1):
                y = here[add_to[e]] + w
                z = here[add_from[e]]
                here[add_from[e]] = min(y, z)
        low = far
        for v in range(states):
            y = min(here[v], far)
            later[v] = y
            open_[t, v] = y
            low = min(low, y)
        later[states] = far
        if low < LOWEST:
            return np.int32(LOWEST)
    return later[0]


@kernel
def through(transitions, table, open_, least):
    """Least cost of a path that adds a part in a round, for each of them.

    The cost of the addition itself is left out.

    Parameters
    ----------
    transitions
        The moves.
    table, open_
        What :func:`forward`, without pruning, and :func:`backward`
        write.
    least
        Filled: ``least[t, k]`` is the cost of the best path that adds
        part ``k`` in round ``t``; shape ``(T + 1, kinds)``.
    """
    add_from, add_to = transitions.add_from, transitions.add_to
    add_at = transitions.add_at
    for t in range(1, table.shape[0]):
        for k in range(transitions.part.shape[0]):
            best = np.int64(2) * FAR
            for e in range(add_at[k], add_at[k + 1]):
                y = np.int64(table[t, add_from[e]]) + open_[t, add_to[e]]
                best = min(best, y)
            least[t, k] = best


@entry
def trace(transitions, rounds, table, up, above, most, events):
    """Write the events of one best path; return how many, -1 for none.

    Parameters
    ----------
    transitions, rounds
        The moves, and their costs in each round.
    table
        What :func:`forward` writes with pruning.
    up
        The state that moves down to each state, or -1; shape
        ``(states,)``.
    above
        ``above[v, k]``: the state with end part ``k`` more, or -1;
        shape ``(states, kinds of ends)``.
    most
        Items that a state has at most.
    events
        Filled: ``(0, group, t)`` for a completion and ``(1, prompt,
        t)`` for an end, by rising round; three columns.
    """
    count = 0
    state = 0
    part, end_prompt = transitions.part, transitions.end_prompt
    add_from, add_to = transitions.add_from, transitions.add_to
    add_at, gain = transitions.add_at, rounds.gain
    add, group, end = rounds.add, rounds.group, rounds.end
    kinds = end_prompt.shape[0]
    chain = np.zeros(most + 2, np.int64)
    following = np.zeros(most + 2, np.int64)
    paid = np.zeros(most + 2, np.int64)
    chosen = np.zeros(most + 2, np.int64)
    value = np.int64(events[0, 0])
    for t in range(1, table.shape[0]):
        here = table[t]
        depth = 0
        chain[0] = up[state]
        if chain[0] < 0:
            return -1
        following[0] = 0
        paid[0] = 0
        while here[chain[depth]] + paid[depth] != value:
            # The next state by one more end, depth first.
            while depth >= 0:
                k = following[depth]
                if k >= kinds:
                    depth -= 1
                    continue
                following[depth] = k + 1
                if above[chain[depth], k] >= 0:
                    break
            if depth < 0:
                return -1
            chain[depth + 1] = above[chain[depth], k]
            following[depth + 1] = k
            paid[depth + 1] = paid[depth] + end[t, end_prompt[k]]
            chosen[depth + 1] = k
            depth += 1
        for q in range(1, depth + 1):
            events[count, 0] = 1
            events[count, 1] = end_prompt[chosen[q]]
            events[count, 2] = t
            count += 1
        state = chain[depth]
        found = True
        while found:
            found = False
            for k in range(part.shape[0]):
                w = add[t, part[k]]
                if w == FAR or w + gain[t] >= 0:
                    continue
                low = add_at[k]
                high = add_at[k + 1]
                while low < high:
                    middle = (low + high) // 2
                    if add_to[middle] < state:
                        low = middle + 1
                    else:
                        high = middle
                if low < add_at[k + 1] and add_to[low] == state:
                    before = add_from[low]
                    if here[before] + w == here[state]:
                        events[count, 0] = 0
                        events[count, 1] = group[t, part[k]]
                        events[count, 2] = t
                        count += 1
                        state = before
                        found = True
                        break
        value = np.int64(here[state])
    return count
