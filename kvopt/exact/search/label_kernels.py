"""The compiled step of the label search: one round, a block of labels.

A label's key is exact: the number of its multiset of usages, the prompts of
its items (two words of ``bits`` bits an item, in the order of the state's
parts, prompts ascending among equal usages), and the set of completed
requests (two words).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kvopt.exact.relaxation.kernels import FAR
from kvopt.model.compiled import helper, kernel

__all__ = [
    "BRANCH",
    "FULL",
    "LABEL",
    "PROMPT",
    "REQUEST",
    "LabelSpace",
    "LabelStep",
    "advance",
    "clear",
]

# Returned by ``advance`` when there is no room for more labels.
FULL = -1

# Places of the hash table: nothing was ever here; pass on, while clearing.
EMPTY, PASSED = -1, -2

LABEL = np.dtype(
    [
        ("state", np.int32),
        # The label of the round after that it was made from.
        ("parent", np.int32),
        # Cost so far, without the constant.
        ("cost", np.int64),
        # Prompts of its items, and completed requests: two words each.
        ("prompts", np.uint64),
        ("prompts_more", np.uint64),
        ("done", np.uint64),
        ("done_more", np.uint64),
    ]
)

# A label on the way through a round: some completions of the round are made.
BRANCH = np.dtype(
    [
        *[(name, LABEL[name]) for name in LABEL.names or ()],
        # The request from which on more may complete.
        ("following", np.int64),
    ]
)

# One record a request.
REQUEST = np.dtype(
    [
        # Cost of completing it in this round, ``FAR`` if that is forbidden.
        ("cost", np.int64),
        # Column of ``LabelSpace.added``.
        ("kind", np.int64),
        # Number of its prompt, and usage at completion.
        ("prompt", np.int64),
        ("peak", np.int64),
        # Its bit in the two words of completed requests.
        ("own", np.uint64),
        ("own_more", np.uint64),
        # Bit of the request that must be completed first, if any.
        ("before", np.uint64),
        ("before_more", np.uint64),
    ]
)

# One record a prompt number.
PROMPT = np.dtype(
    [
        # The prompt, and what the relaxation takes it for.
        ("units", np.int64),
        ("effective", np.int64),
        # Price of the end of an item in this round.
        ("end", np.int64),
    ]
)


class LabelSpace(NamedTuple):
    """The states of labels; see :class:`kvopt.exact.relaxation.states.States`.

    Parameters
    ----------
    bits, per
        Bits of a prompt number, and how many of them a word has.
    items, size, usage, weight, keys, order
        As there.
    added
        State after each kind of addition; -1 for none.
    project
        State of the relaxation for each state.
    """

    bits: int
    per: int
    items: NDArray
    size: NDArray
    usage: NDArray
    weight: NDArray
    keys: NDArray
    order: NDArray
    added: NDArray
    project: NDArray


class LabelStep(NamedTuple):
    """What is extended, and what the relaxation says of this round.

    Parameters
    ----------
    first, last
        The labels ``first .. last-1`` are extended.
    filled
        Labels that were made already.
    limit
        Greatest cost, without the constant, of what is kept.
    due, due_more
        Requests that must be completed by now: two words.
    closed, further
        Costs to go of the round, without and with more completions.
    later
        Costs to go of the round before, with more completions.
    """

    first: int
    last: int
    filled: int
    limit: int
    due: np.uint64
    due_more: np.uint64
    closed: NDArray
    further: NDArray
    later: NDArray


@helper
def _hash(state, prompts, prompts_more, done, done_more):
    h = np.uint64(state) * np.uint64(0x9E3779B97F4A7C15)
    h ^= prompts * np.uint64(0xC2B2AE3D27D4EB4F)
    h ^= done * np.uint64(0x165667B19E3779F9)
    h ^= h >> np.uint64(31)
    h ^= prompts_more * np.uint64(0xD6E8FEB86659FD93)
    h ^= done_more * np.uint64(0xA0761D6478BD642F)
    h ^= h >> np.uint64(29)
    h *= np.uint64(0xBF58476D1CE4E5B9)
    return h ^ (h >> np.uint64(32))


@helper
def _prompt(prompts, prompts_more, q, bits, per):
    """Return the prompt number of item ``q``."""
    mask = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    if q < per:
        return np.int64((prompts >> np.uint64(bits * q)) & mask)
    return np.int64((prompts_more >> np.uint64(bits * (q - per))) & mask)


@helper
def _widened(word, q, bits, value):
    """Return ``word`` with ``value`` put in before its item ``q``."""
    low = (np.uint64(1) << np.uint64(bits * q)) - np.uint64(1)
    high = (word & ~low) << np.uint64(bits)
    return (word & low) | (value << np.uint64(bits * q)) | high


@kernel
def clear(table, labels):
    """Empty the hash table of the labels that are in it."""
    mask = table.shape[0] - 1
    if labels.shape[0] * 4 > table.shape[0]:
        table[:] = EMPTY
        return
    # All first to a mark that probing passes, then to empty.
    for erase in range(2):
        for i in range(labels.shape[0]):
            label = labels[i]
            h = _hash(
                label.state,
                label.prompts,
                label.prompts_more,
                label.done,
                label.done_more,
            )
            at = np.int64(h & np.uint64(mask))
            if erase:
                while table[at] == PASSED:
                    table[at] = EMPTY
                    at = (at + 1) & mask
            else:
                while table[at] != i:
                    at = (at + 1) & mask
                table[at] = PASSED


@kernel
def advance(step, space, requests, prompts, labels, made, table, branches):
    """Extend labels over one round; return how many were made, or ``FULL``.

    Every set of completions of the round is tried, requests ascending; a
    branch is cut when its cost and the cost to go exceed the limit.

    Parameters
    ----------
    step, space, requests, prompts
        See above.
    labels
        Labels of the round after.
    made, table
        Room for those that are made, and the hash table over them.
    branches
        Room for as many branches as requests, and one more.
    """
    count = step.filled
    for parent in range(step.first, step.last):
        begin(branches[0], labels[parent])
        depth = 0
        entered = True
        while depth >= 0:
            if entered:
                count = leave(
                    step,
                    space,
                    prompts,
                    branches[depth],
                    parent,
                    made,
                    table,
                    count,
                )
                if count == FULL:
                    return FULL
            entered = complete_next(step, space, requests, branches, depth)
            depth += 1 if entered else -1
    return count


@helper
def begin(branch, label):
    """Begin with a label of the round after."""
    branch.state = label.state
    branch.cost = label.cost
    branch.prompts = label.prompts
    branch.prompts_more = label.prompts_more
    branch.done = label.done
    branch.done_more = label.done_more
    branch.following = 0


@helper
def leave(step, space, prompts, branch, parent, made, table, count):
    """Complete no more in this round; return how many labels there are.

    Or ``FULL``. A label of the same key is kept if it costs no more.

    Parameters
    ----------
    step, space, prompts
        As for :func:`advance`.
    branch
        What is left, one :data:`BRANCH`.
    parent
        Number of the label that it was begun with.
    made, table
        As for :func:`advance`.
    count
        Labels that were made already.
    """
    done, done_more = branch.done, branch.done_more
    if done & step.due != step.due:
        return count
    if done_more & step.due_more != step.due_more:
        return count
    if branch.cost + step.closed[space.project[branch.state]] > step.limit:
        return count
    key, low, high, cost = aged(space, prompts, branch)
    state = find(space, key)
    if cost + step.later[space.project[state]] > step.limit:
        return count
    mask = table.shape[0] - 1
    h = _hash(state, low, high, done, done_more)
    at = np.int64(h & np.uint64(mask))
    while table[at] >= 0:
        label = made[table[at]]
        if (
            label.state == state
            and label.done == done
            and label.done_more == done_more
            and label.prompts == low
            and label.prompts_more == high
        ):
            if cost < label.cost:
                label.cost = cost
                label.parent = parent
            return count
        at = (at + 1) & mask
    if count >= made.shape[0]:
        return FULL
    table[at] = count
    label = made[count]
    label.state = state
    label.parent = parent
    label.cost = cost
    label.prompts = low
    label.prompts_more = high
    label.done = done
    label.done_more = done_more
    return count + 1


@helper
def aged(space, prompts, branch):
    """Return a branch one round earlier: key of its state, prompts, cost.

    Every item has one unit less; those that are down to their prompts end.

    Parameters
    ----------
    space, prompts
        As for :func:`advance`.
    branch
        A branch whose completions of the round are made.
    """
    cost = branch.cost
    key = np.int64(0)
    low = high = np.uint64(0)
    kept = 0
    for q in range(space.size[branch.state]):
        number = _prompt(
            branch.prompts, branch.prompts_more, q, space.bits, space.per
        )
        prompt = prompts[number]
        j = space.items[branch.state, q]
        usage = space.usage[j]
        if usage == prompt.effective + 1:
            cost += prompt.end
        if usage > prompt.units + 1:
            key += space.weight[j - 1]
            word = np.uint64(number)
            if kept < space.per:
                low |= word << np.uint64(space.bits * kept)
            else:
                high |= word << np.uint64(space.bits * (kept - space.per))
            kept += 1
    return key, low, high, cost


@helper
def find(space, key):
    """Return the state whose weights sum to ``key``."""
    low, high = 0, space.keys.shape[0]
    while low < high:
        middle = (low + high) // 2
        if space.keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    return space.order[low]


@helper
def complete_next(step, space, requests, branches, depth):
    """Complete the next request that can be, in a branch of the branch.

    Returns whether there is one.

    Parameters
    ----------
    step, space, requests, branches
        As for :func:`advance`.
    depth
        Which branch goes on; the one below is written.
    """
    branch = branches[depth]
    for i in range(branch.following, requests.shape[0]):
        request = requests[i]
        if request.cost >= FAR:
            continue
        if (branch.done & request.own) | (branch.done_more & request.own_more):
            continue
        if branch.done & request.before != request.before:
            continue
        if branch.done_more & request.before_more != request.before_more:
            continue
        state = space.added[branch.state, request.kind]
        if state < 0:
            continue
        cost = branch.cost + request.cost
        if cost + step.further[space.project[state]] > step.limit:
            continue
        branch.following = i + 1
        extend(space, branch, request, branches[depth + 1])
        branches[depth + 1].state = state
        branches[depth + 1].cost = cost
        branches[depth + 1].following = i + 1
        return True
    return False


@helper
def extend(space, branch, request, new):
    """Write the words of ``branch`` with one more completion into ``new``.

    Parameters
    ----------
    space
        As for :func:`advance`.
    branch
        The branch that goes on.
    request
        What is completed, one :data:`REQUEST`.
    new
        The branch that is written; its state, cost and ``following``
        are left to the caller.
    """
    bits, per = space.bits, space.per
    low, high = branch.prompts, branch.prompts_more
    q = 0
    while q < space.size[branch.state]:
        usage = space.usage[space.items[branch.state, q]]
        if usage > request.peak or (
            usage == request.peak
            and _prompt(low, high, q, bits, per) >= request.prompt
        ):
            break
        q += 1
    value = np.uint64(request.prompt)
    if q < per:
        carry = np.uint64(_prompt(low, high, per - 1, bits, per))
        fit = (np.uint64(1) << np.uint64(bits * per)) - np.uint64(1)
        new.prompts = _widened(low, q, bits, value) & fit
        new.prompts_more = high << np.uint64(bits) | carry
    else:
        new.prompts = low
        new.prompts_more = _widened(high, q - per, bits, value)
    new.done = branch.done | request.own
    new.done_more = branch.done_more | request.own_more
