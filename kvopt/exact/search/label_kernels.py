"""The compiled step of the label search: one round, a block of labels.

A label's key is exact: the number of its multiset of usages, the prompts of
its items (two words of ``bits`` bits an item, in the order of the state's
parts, prompts ascending among equal usages), and the set of completed
requests (two words).
"""

from __future__ import annotations

import numpy as np

from kvopt.exact.relaxation.kernels import FAR
from kvopt.model.compiled import entry, inner

__all__ = ["FULL", "advance", "clear"]

# Returned by ``advance`` when the output is full.
FULL = -1


@inner
def _mix(state, p0, p1, b0, b1):
    h = np.uint64(state) * np.uint64(0x9E3779B97F4A7C15)
    h ^= p0 * np.uint64(0xC2B2AE3D27D4EB4F)
    h ^= b0 * np.uint64(0x165667B19E3779F9)
    h ^= h >> np.uint64(31)
    h ^= p1 * np.uint64(0xD6E8FEB86659FD93)
    h ^= b1 * np.uint64(0xA0761D6478BD642F)
    h ^= h >> np.uint64(29)
    h *= np.uint64(0xBF58476D1CE4E5B9)
    return h ^ (h >> np.uint64(32))


@inner
def _prompt(p0, p1, q, bits, per):
    """Return the prompt number of item ``q``."""
    mask = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    if q < per:
        return np.int64((p0 >> np.uint64(bits * q)) & mask)
    return np.int64((p1 >> np.uint64(bits * (q - per))) & mask)


@inner
def _widened(word, q, bits, value):
    """Return ``word`` with ``value`` put in before its item ``q``."""
    low = (np.uint64(1) << np.uint64(bits * q)) - np.uint64(1)
    high = (word & ~low) << np.uint64(bits)
    return (word & low) | (value << np.uint64(bits * q)) | high


@entry
def clear(table, count, state, p0, p1, b0, b1):
    """Empty the hash table of the ``count`` labels that are in it."""
    mask = table.shape[0] - 1
    if count * 4 > table.shape[0]:
        table[:] = -1
        return
    # All first to a mark that probing passes, then to empty.
    for erase in range(2):
        for i in range(count):
            h = _mix(state[i], p0[i], p1[i], b0[i], b1[i])
            at = np.int64(h & np.uint64(mask))
            if erase:
                while table[at] == -2:
                    table[at] = -1
                    at = (at + 1) & mask
            else:
                while table[at] != i:
                    at = (at + 1) & mask
                table[at] = -2


@entry
def advance(
    t, limit, first, last, count,
    in_state, in_p0, in_p1, in_b0, in_b1, in_cost,
    out_state, out_p0, out_p1, out_b0, out_b1, out_cost, out_parent, table,
    cost, kind, before, rank, peak, prompts, effective, project,
    items, size, usage, weight, keys, order, added, bits, per,
    closed, open_, open_before, must0, must1, end,
):  # fmt: skip
    """Extend the labels ``first .. last-1`` over round ``t``.

    Every set of completions of round ``t`` is tried, requests ascending; a
    branch is cut when its cost and the cost to go exceed ``limit``. Returns
    the number of labels in the output, or ``FULL``.

    Parameters
    ----------
    limit
        Greatest cost, without the constant, of what is kept.
    count
        Labels in the output already.
    cost, kind, before, rank, peak
        Of each request: cost in each round, column of ``added``, the request
        that must be completed first or -1, number of its prompt, usage at
        completion.
    prompts, effective
        Of each prompt number: the prompt, and what the relaxation takes it
        for.
    closed, open_, open_before
        Costs to go of round ``t`` without and with more completions, and of
        round ``t - 1`` with.
    project
        State of the relaxation for each state of the labels.
    must0, must1
        Requests that must be completed by now.
    """
    n = cost.shape[0]
    one = np.uint64(1)
    zero = np.uint64(0)
    far = np.int64(FAR)
    room = out_state.shape[0]
    mask = table.shape[0] - 1
    v_ = np.zeros(n + 1, np.int64)
    p0_ = np.zeros(n + 1, np.uint64)
    p1_ = np.zeros(n + 1, np.uint64)
    b0_ = np.zeros(n + 1, np.uint64)
    b1_ = np.zeros(n + 1, np.uint64)
    c_ = np.zeros(n + 1, np.int64)
    next_ = np.zeros(n + 1, np.int64)
    for label in range(first, last):
        depth = 0
        v_[0] = in_state[label]
        p0_[0] = in_p0[label]
        p1_[0] = in_p1[label]
        b0_[0] = in_b0[label]
        b1_[0] = in_b1[label]
        c_[0] = in_cost[label]
        next_[0] = 0
        entered = True
        while depth >= 0:
            v = v_[depth]
            p0 = p0_[depth]
            p1 = p1_[depth]
            b0 = b0_[depth]
            b1 = b1_[depth]
            if entered:
                # No more completions in this round: go down to the next.
                entered = False
                c = c_[depth]
                done = (b0 & must0) == must0 and (b1 & must1) == must1
                if done and c + closed[project[v]] <= limit:
                    key = np.int64(0)
                    q0 = zero
                    q1 = zero
                    kept = 0
                    for q in range(size[v]):
                        r = _prompt(p0, p1, q, bits, per)
                        j = items[v, q]
                        u = usage[j]
                        if u == effective[r] + 1:
                            c += end[effective[r]]
                        if u > prompts[r] + 1:
                            key += weight[j - 1]
                            if kept < per:
                                q0 |= np.uint64(r) << np.uint64(bits * kept)
                            else:
                                q1 |= np.uint64(r) << np.uint64(
                                    bits * (kept - per)
                                )
                            kept += 1
                    low = 0
                    high = keys.shape[0]
                    while low < high:
                        middle = (low + high) // 2
                        if keys[middle] < key:
                            low = middle + 1
                        else:
                            high = middle
                    w = order[low]
                    if c + open_before[project[w]] <= limit:
                        h = _mix(w, q0, q1, b0, b1)
                        at = np.int64(h & np.uint64(mask))
                        while True:
                            x = table[at]
                            if x < 0:
                                if count >= room:
                                    return FULL
                                table[at] = count
                                out_state[count] = w
                                out_p0[count] = q0
                                out_p1[count] = q1
                                out_b0[count] = b0
                                out_b1[count] = b1
                                out_cost[count] = c
                                out_parent[count] = label
                                count += 1
                                break
                            if (
                                out_state[x] == w
                                and out_b0[x] == b0
                                and out_b1[x] == b1
                                and out_p0[x] == q0
                                and out_p1[x] == q1
                            ):
                                if c < out_cost[x]:
                                    out_cost[x] = c
                                    out_parent[x] = label
                                break
                            at = (at + 1) & mask
            i = next_[depth]
            if i >= n:
                depth -= 1
                continue
            next_[depth] = i + 1
            if cost[i, t] >= far:
                continue
            if i < 64:
                if (b0 >> np.uint64(i)) & one:
                    continue
            elif (b1 >> np.uint64(i - 64)) & one:
                continue
            k = before[i]
            if k >= 0:
                if k < 64:
                    if not (b0 >> np.uint64(k)) & one:
                        continue
                elif not (b1 >> np.uint64(k - 64)) & one:
                    continue
            u = added[v, kind[i]]
            if u < 0:
                continue
            c = c_[depth] + cost[i, t]
            if c + open_[project[u]] > limit:
                continue
            place = 0
            while place < size[v]:
                x = usage[items[v, place]]
                if x < peak[i] or (
                    x == peak[i]
                    and _prompt(p0, p1, place, bits, per) < rank[i]
                ):
                    place += 1
                else:
                    break
            value = np.uint64(rank[i])
            if place < per:
                carry = _prompt(p0, p1, per - 1, bits, per)
                fit = (one << np.uint64(bits * per)) - one
                p0 = _widened(p0, place, bits, value) & fit
                p1 = (p1 << np.uint64(bits)) | np.uint64(carry)
            else:
                p1 = _widened(p1, place - per, bits, value)
            if i < 64:
                b0 |= one << np.uint64(i)
            else:
                b1 |= one << np.uint64(i - 64)
            depth += 1
            v_[depth] = u
            p0_[depth] = p0
            p1_[depth] = p1
            b0_[depth] = b0
            b1_[depth] = b1
            c_[depth] = c
            next_[depth] = i + 1
            entered = True
    return count
