"""Compiled: A_l on all listings of tiny instances, all requests at 0."""

from __future__ import annotations

import numpy as np

from kvopt.adversary.exhaustive.kernels import next_listing
from kvopt.model.compiled import entry, inner

__all__ = ["two_passes"]

# What a request is doing.
_WAITS, _RUNS, _DONE = range(3)


@inner
def _fits(doing, prompt, start, end, last, memory):
    """Whether those that run fit at each believed end up to ``last``."""
    for j in range(doing.size):
        if doing[j] != _RUNS or end[j] > last:
            continue
        held = 0
        for i in range(doing.size):
            if doing[i] == _RUNS and end[i] >= end[j]:
                held += prompt[i] + end[j] - start[i]
        if held > memory:
            return False
    return True


@inner
def _completions(prompt, output, memory):
    """Return the sum of completions of A_l on one listing."""
    n = prompt.size
    most = output.max()
    doing = np.full(n, _WAITS)
    passed = np.zeros(n, np.int64)
    length = np.full(n, output.min())
    start = np.zeros(n, np.int64)
    end = np.zeros(n, np.int64)
    now = total = done = 0
    while done < n:
        for i in range(n):
            if doing[i] != _RUNS:
                continue
            if start[i] + output[i] == now:
                doing[i] = _DONE
                done += 1
                total += now
            elif end[i] == now:
                doing[i] = _WAITS
                passed[i] = 1
                length[i] = min(most, memory - prompt[i])
        last = 0
        while True:
            head = -1
            for i in range(n):
                if doing[i] == _WAITS and (
                    head < 0
                    or passed[i] < passed[head]
                    or (passed[i] == passed[head] and length[i] < length[head])
                ):
                    head = i
            if head < 0:
                break
            doing[head] = _RUNS
            start[head] = now
            end[head] = now + length[head]
            last = max(last, end[head])
            if not _fits(doing, prompt, start, end, last, memory):
                doing[head] = _WAITS
                break
        now += 1
    return total


@entry
def two_passes(kinds, rows, memory):
    """Return A_l's largest sum of completions of each multiset.

    Parameters
    ----------
    kinds
        Arrival, which is 0, prompt and output of each type, shape
        ``(3, types)``.
    rows
        Places in ``kinds``, shape ``(multisets, n)``.
    memory
        Capacity ``M``.

    Notes
    -----
    All are told the interval from the least to the largest output, cut at
    what memory leaves beside their prompt.
    """
    most = np.zeros(rows.shape[0], np.int64)
    for m in range(rows.shape[0]):
        current = rows[m].copy()
        more = True
        while more:
            total = _completions(kinds[1][current], kinds[2][current], memory)
            most[m] = max(most[m], total)
            more = next_listing(current)
    return most
