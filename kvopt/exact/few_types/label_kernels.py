"""The compiled parts of :mod:`kvopt.exact.few_types.labels`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kvopt.model.compiled import entry, helper, inner, kernel

__all__ = [
    "ACTION",
    "FIELDS",
    "PARENT",
    "VECTOR",
    "Kinds",
    "Packing",
    "StepLimits",
    "advance",
    "least_waiting",
]

# Columns of a label; then its usages, packed for comparison.
COST, BOUND, AREA, VECTOR, PARENT, ACTION = range(6)
FIELDS = 6
# Stands for no bound.
FAR = 2**62


class Kinds(NamedTuple):
    """Memory, and the types of requests.

    Parameters
    ----------
    memory
        Capacity.
    prompt, output, volume, counts
        Of each type; ``counts`` is its number of requests.
    strides
        What each count is worth in the number of a vector.
    """

    memory: int
    prompt: NDArray
    output: NDArray
    volume: NDArray
    counts: NDArray
    strides: NDArray


class Packing(NamedTuple):
    """How usages are packed into words.

    Parameters
    ----------
    bits, high
        Bits of a usage, and the highest bit of each in a word.
    most
        How many of the cheapest a label is compared with.
    """

    bits: int
    high: np.int64
    most: int


class StepLimits(NamedTuple):
    """What a step may keep.

    Parameters
    ----------
    waiting
        Requests that wait in each label.
    best
        Labels whose bound reaches it are left out.
    width
        Most labels.
    """

    waiting: int
    best: int
    width: int


@helper
def _floor_sum(n, m, a, b):
    """Return the sum of ``(a*i + b) // m`` over ``i < n``, in O(log m)."""
    total = 0
    while True:
        total += (n - 1) * n // 2 * (a // m) + n * (b // m)
        a %= m
        b %= m
        top = a * n + b
        if top < m:
            return total
        n = top // m
        b = top % m
        m, a = a, m


@kernel
def least_waiting(memory, output, volume, left, used):
    """Bound the waiting of ``left[k]`` requests of each type from below.

    The first ``i`` requests to complete need the ``i`` least volumes, beside
    what those that run hold, so the ``i``-th completion is not before the
    first round by which there was as much room. Types are in order of
    volume.

    Parameters
    ----------
    memory
        ``M``, in units of KV memory.
    output, volume
        Rounds, and units times rounds, of each type, shape ``(K,)``.
    left
        How many requests of each type wait, shape ``(K,)``.
    used
        Units that running requests hold in the rounds from now on,
        shape ``(rounds,)``; nothing is held later.
    """
    total = 0
    rounds = used.shape[0]
    held = 0
    for t in range(rounds):
        held += used[t]
    room = 0
    clock = 0
    need = 0
    for k in range(output.shape[0]):
        more = left[k]
        total -= more * output[k]
        while more > 0 and clock < rounds:
            while room < need + volume[k] and clock < rounds:
                room += memory - used[clock]
                clock += 1
            if room < need + volume[k]:
                break
            need += volume[k]
            total += clock
            more -= 1
        if more > 0:
            # From here on the i-th ends in ceil((need + i*volume + held)/M).
            first = need + volume[k] + held + memory - 1
            total += _floor_sum(more, memory, volume[k], first)
            need += more * volume[k]
    return max(total, 0)


@helper
def _fits(used, wait, drain, memory, prompt, output):
    """Whether a request fits that starts after ``wait`` rounds."""
    for t in range(min(output, drain - wait) - 1, -1, -1):
        if used[wait + t] + prompt + t + 1 > memory:
            return False
    return True


@inner
def _pack(used, bits, label):
    per = 64 // bits
    label[FIELDS:] = 0
    for t in range(used.shape[0]):
        label[FIELDS + t // per] |= np.int64(used[t]) << (t % per * bits)


@inner
def _undominated(labels, most, high):
    """Return labels of one vector that no other dominates, cheapest first.

    Of two, one dominates the other when it costs no more and holds no more
    in any round: the subtraction of packed usages borrows from no ``high``
    bit. Each is compared with the ``most`` cheapest only.
    """
    scale = labels[:, AREA].max() + 1
    order = np.argsort(
        labels[:, COST] * scale + labels[:, AREA], kind="mergesort"
    )
    kept = np.empty(order.shape[0], np.int64)
    count = 0
    for y in order:
        beaten = False
        for z in range(min(count, most)):
            x = kept[z]
            beaten = (
                labels[x, COST] <= labels[y, COST]
                and labels[x, AREA] <= labels[y, AREA]
            )
            for w in range(FIELDS, labels.shape[1]):
                less = (labels[y, w] | high) - labels[x, w]
                if less & high != high:
                    beaten = False
                    break
            if beaten:
                break
        if not beaten:
            kept[count] = y
            count += 1
    return kept[:count]


@entry
def advance(kinds, packing, step, labels, used):
    """Start one request more from every label.

    Parameters
    ----------
    kinds, packing, step
        See above.
    labels, used
        Labels and usages by round, sorted by vector.

    Returns
    -------
    tuple
        The next labels and usages, at most ``step.width``; the least bound
        of those dropped for that reason; and, from the last request on, the
        least waiting with its label and action.
    """
    lost = FAR
    end = np.array([step.best, -1, -1])
    found = np.empty((256, labels.shape[1]), np.int64)
    taken = np.empty((256, used.shape[1]), np.int32)
    kept = np.empty((256, labels.shape[1]), np.int64)
    held = np.empty((256, used.shape[1]), np.int32)
    left = np.empty(kinds.prompt.shape[0], np.int64)
    vectors = labels[:, VECTOR].copy()
    total = 0
    for target in _targets(kinds, vectors):
        for k in range(left.shape[0]):
            stride, most = kinds.strides[k], kinds.counts[k]
            left[k] = target // stride % (most + 1)
        count = 0
        for k in range(left.shape[0]):
            if left[k] == kinds.counts[k]:
                continue
            vector = target + kinds.strides[k]
            begin = np.searchsorted(vectors, vector)
            stop = np.searchsorted(vectors, vector, "right")
            for x in range(begin, stop):
                room = count + used.shape[1] + 1
                if room > found.shape[0]:
                    found, taken = _larger(found, room), _larger(taken, room)
                parent = labels[x], used[x], x
                count = _start(
                    kinds, step, left, parent, k, end, (found, taken), count
                )
        for y in range(count):
            found[y, VECTOR] = target
            _pack(taken[y], packing.bits, found[y])
        if count == 0:
            continue
        chosen = _undominated(found[:count], packing.most, packing.high)
        if chosen.shape[0] > step.width:
            ranked = np.argsort(found[chosen, BOUND], kind="mergesort")
            lost = min(lost, found[chosen[ranked[step.width]], BOUND])
            chosen = chosen[ranked[: step.width]]
        room = total + chosen.shape[0]
        if room > kept.shape[0]:
            kept, held = _larger(kept, room), _larger(held, room)
        for y in chosen:
            kept[total] = found[y]
            held[total] = taken[y]
            total += 1
    if total > step.width:
        ranked = np.argsort(kept[:total, BOUND], kind="mergesort")
        lost = min(lost, kept[ranked[step.width], BOUND])
        chosen = np.sort(ranked[: step.width])
        return kept[chosen], held[chosen], lost, end
    return kept[:total].copy(), held[:total].copy(), lost, end


@inner
def _targets(kinds, vectors):
    """Return the vectors with one request less than one of ``vectors``."""
    targets = np.empty(vectors.shape[0] * kinds.counts.shape[0], np.int64)
    number = 0
    for x in range(vectors.shape[0]):
        if x > 0 and vectors[x] == vectors[x - 1]:
            continue
        for k in range(kinds.counts.shape[0]):
            if vectors[x] // kinds.strides[k] % (kinds.counts[k] + 1) > 0:
                targets[number] = vectors[x] - kinds.strides[k]
                number += 1
    return np.unique(targets[:number])


@inner
def _larger(rows, room):
    """Return ``rows`` in an array of at least ``room`` rows."""
    size = rows.shape[0]
    while size < room:
        size *= 2
    larger = np.empty((size, rows.shape[1]), rows.dtype)
    larger[: rows.shape[0]] = rows
    return larger


@helper
def _start(kinds, step, left, parent, k, end, made, count):
    """Start a request of type ``k`` after every wait; return the count.

    ``parent`` is a label, its usages and its number, ``made`` labels and
    usages, ``count`` of them so far. The last request is started at the
    least cost: ``end`` gets it.
    """
    label, used, number = parent
    found, taken = made
    rounds = used.shape[0]
    memory, prompt, output = kinds.memory, kinds.prompt[k], kinds.output[k]
    drain = rounds
    while drain > 0 and used[drain - 1] == 0:
        drain -= 1
    for wait in range(drain + 1):
        cost = label[COST] + wait * step.waiting
        if cost >= end[0]:
            break
        if not _fits(used, wait, drain, memory, prompt, output):
            continue
        action = k * (rounds + 1) + wait
        if step.waiting == 1:
            end[0], end[1], end[2] = cost, number, action
            continue
        area = np.int64(0)
        for t in range(rounds):
            unit = np.int64(0)
            if t + wait < rounds:
                unit += used[t + wait]
            if t < output:
                unit += prompt + t + 1
            taken[count, t] = unit
            area += unit
        bound = cost + least_waiting(
            memory, kinds.output, kinds.volume, left, taken[count]
        )
        if bound >= end[0]:
            continue
        new = found[count]
        new[COST], new[BOUND], new[AREA] = cost, bound, area
        new[PARENT], new[ACTION] = number, action
        count += 1
    return count
