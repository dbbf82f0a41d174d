"""The compiled parts of :mod:`kvopt.exact.few_types.labels`."""

from __future__ import annotations

import numpy as np

from kvopt.model.compiled import entry, inner

__all__ = [
    "ACTION",
    "FIELDS",
    "PARENT",
    "VECTOR",
    "advance",
    "least_waiting",
]

# Columns of a label; then its usages, packed for comparison.
COST, BOUND, AREA, VECTOR, PARENT, ACTION = range(6)
FIELDS = 6


@inner
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


@entry
def least_waiting(memory, output, volume, left, used):
    """Bound the waiting of ``left[k]`` requests of each type from below.

    The first ``i`` requests to complete need the ``i`` least volumes, beside
    what those that run hold, so the ``i``-th completion is not before the
    first round by which there was as much room. Types are in order of
    volume.
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


@inner
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
def advance(
    memory, prompt, output, volume, strides, counts, bits, high, most,
    labels, used, waiting, best, width,
):  # fmt: skip
    """Start one request more from every label.

    ``labels`` and ``used`` are sorted by vector; ``waiting`` requests wait in
    each. Labels whose bound reaches ``best`` are left out. Returns the next
    labels and usages, at most ``width`` and a number that goes with them,
    then the least bound of those dropped for that reason; and, from the last
    request on, the least waiting with its label and action.
    """
    kinds = prompt.shape[0]
    rounds = used.shape[1]
    far = 2**62
    lost = far
    end = np.array([best, -1, -1])
    found = np.empty((256, labels.shape[1]), np.int64)
    taken = np.empty((256, rounds), np.int32)
    kept = np.empty((256, labels.shape[1]), np.int64)
    held = np.empty((256, rounds), np.int32)
    left = np.empty(kinds, np.int64)
    vectors = labels[:, VECTOR].copy()
    targets = np.empty(vectors.shape[0] * kinds, np.int64)
    number = 0
    for x in range(vectors.shape[0]):
        if x == 0 or vectors[x] != vectors[x - 1]:
            for k in range(kinds):
                if vectors[x] // strides[k] % (counts[k] + 1) > 0:
                    targets[number] = vectors[x] - strides[k]
                    number += 1
    total = 0
    for target in np.unique(targets[:number]):
        for k in range(kinds):
            left[k] = target // strides[k] % (counts[k] + 1)
        count = 0
        for k in range(kinds):
            if left[k] == counts[k]:
                continue
            begin = np.searchsorted(vectors, target + strides[k])
            stop = np.searchsorted(vectors, target + strides[k], "right")
            for x in range(begin, stop):
                drain = rounds
                while drain > 0 and used[x, drain - 1] == 0:
                    drain -= 1
                for wait in range(drain + 1):
                    cost = labels[x, COST] + wait * waiting
                    if cost >= end[0]:
                        break
                    if not _fits(
                        used[x], wait, drain, memory, prompt[k], output[k]
                    ):
                        continue
                    action = k * (rounds + 1) + wait
                    if waiting == 1:
                        end[0], end[1], end[2] = cost, x, action
                        continue
                    if count == found.shape[0]:
                        found = np.concatenate((found, np.empty_like(found)))
                        taken = np.concatenate((taken, np.empty_like(taken)))
                    area = 0
                    for t in range(rounds):
                        unit = used[x, t + wait] if t + wait < rounds else 0
                        if t < output[k]:
                            unit += prompt[k] + t + 1
                        taken[count, t] = unit
                        area += unit
                    bound = cost + least_waiting(
                        memory, output, volume, left, taken[count]
                    )
                    if bound >= end[0]:
                        continue
                    label = found[count]
                    label[COST], label[BOUND], label[AREA] = cost, bound, area
                    label[VECTOR], label[PARENT] = target, x
                    label[ACTION] = action
                    _pack(taken[count], bits, label)
                    count += 1
        if count == 0:
            continue
        chosen = _undominated(found[:count], most, high)
        if chosen.shape[0] > width:
            ranked = np.argsort(found[chosen, BOUND], kind="mergesort")
            lost = min(lost, found[chosen[ranked[width]], BOUND])
            chosen = chosen[ranked[:width]]
        while total + chosen.shape[0] > kept.shape[0]:
            kept = np.concatenate((kept, np.empty_like(kept)))
            held = np.concatenate((held, np.empty_like(held)))
        for y in chosen:
            kept[total] = found[y]
            held[total] = taken[y]
            total += 1
    if total > width:
        ranked = np.argsort(kept[:total, BOUND], kind="mergesort")
        lost = min(lost, kept[ranked[width], BOUND])
        chosen = np.sort(ranked[:width])
        return kept[chosen], held[chosen], lost, end
    return kept[:total].copy(), held[:total].copy(), lost, end
