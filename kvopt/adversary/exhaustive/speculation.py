"""Compiled: GSA-Spec on all listings of tiny instances, all requests at 0."""

from __future__ import annotations

import numpy as np

from kvopt.adversary.exhaustive.kernels import next_listing
from kvopt.model.compiled import entry, inner

__all__ = ["REQUEST", "SLICES", "speculation"]

# What a request is doing.
_WAITS, _RUNS, _DONE = range(3)
# ``seen``: the most rounds in one go; ``granted``: whether its run is the
# baseline's; ``rank``: its place in the order of start.
REQUEST = np.dtype(
    [
        (name, np.int64)
        for name in (
            *("prompt", "output", "doing", "start"),
            *("seen", "granted", "rank", "queued"),
        )
    ]
)
# The phase of :class:`kvopt.policies.gsa.Slices`, and the current round.
# ``queued`` of the ``i``-th request is the ``i``-th place of its queue.
SLICES = np.dtype(
    [
        (name, np.int64)
        for name in (
            *("now", "phase", "length", "prompt", "starts", "gap"),
            *("begun", "taken", "head", "tail", "ranks"),
        )
    ]
)


@inner
def _slot(slices, ahead):
    """Return the round of a slot, ``ahead`` of the next one."""
    return slices.begun + (slices.taken + ahead) // slices.starts * slices.gap


@inner
def _begin(requests, slices, lengths, pipes, memory):
    """Begin the next phase with all that are unfinished."""
    longest, shortest = 0, memory
    slices.head = 0
    slices.tail = 0
    for i in range(requests.size):
        if requests[i].doing != _DONE:
            longest = max(longest, requests[i].prompt)
            shortest = min(shortest, requests[i].prompt)
            requests[slices.tail].queued = i
            slices.tail += 1
    slices.length = min(lengths[slices.phase], memory - shortest)
    slices.phase += 1
    slices.prompt = longest
    slices.starts = pipes[0, longest, slices.length]
    slices.gap = pipes[1, longest, slices.length]
    slices.begun = slices.now
    slices.taken = 0


@inner
def _held(requests, slices, first, new, slots):
    """Return what the baseline's slices hold in the round ``new``.

    With a run from ``first`` on, and in each of the next slots one, of the
    longest prompt.
    """
    length, held = slices.length, 0
    if first < new <= first + length:
        held += slices.prompt + new - first
    for request in requests:
        if request.granted and request.start < new <= request.start + length:
            held += request.prompt + new - request.start
    for ahead in range(slots):
        start = _slot(slices, ahead)
        if start < new <= start + length:
            held += slices.prompt + new - start
    return held


@inner
def _fits(requests, slices, first, memory):
    """Whether a run from ``first`` on leaves room for all slots."""
    last = first + slices.length
    slots = 0
    while slots < slices.tail - slices.head and _slot(slices, slots) < last:
        slots += 1
    if _held(requests, slices, first, last, slots) > memory:
        return False
    for request in requests:
        end = request.start + slices.length
        if (
            request.granted
            and end <= last
            and _held(requests, slices, first, end, slots) > memory
        ):
            return False
    for ahead in range(slots):
        end = _slot(slices, ahead) + slices.length
        if end <= last and _held(requests, slices, first, end, slots) > memory:
            return False
    return True


@inner
def _start(request, slices):
    """Start a request, the last in the order of start."""
    request.doing = _RUNS
    request.start = slices.now
    request.rank = slices.ranks
    slices.ranks += 1


@inner
def _serve(requests, slices, keep, lengths, pipes, memory):
    """Begin phases, and give out the slots of this round."""
    while True:
        while slices.head < slices.tail:
            request = requests[requests[slices.head].queued]
            if request.doing != _DONE and request.seen < slices.length:
                break
            slices.head += 1
        if slices.head < slices.tail:
            if _slot(slices, 0) > slices.now:
                return
            request = requests[requests[slices.head].queued]
            slices.head += 1
            slices.taken += 1
            if not (
                keep
                and request.doing == _RUNS
                and _fits(requests, slices, request.start, memory)
            ):
                _start(request, slices)
            request.granted = 1
            continue
        left = 0
        for request in requests:
            if request.granted:
                return
            if request.doing != _DONE:
                left += 1
        if left == 0:
            return
        _begin(requests, slices, lengths, pipes, memory)


@inner
def _speculate(requests, now, memory):
    """Kill speculative runs until all fits; start what waits; return room."""
    free = memory
    for request in requests:
        if request.doing == _RUNS:
            free -= request.prompt + now + 1 - request.start
    while free < 0:
        last = -1
        for i in range(requests.size):
            if (
                requests[i].doing == _RUNS
                and not requests[i].granted
                and (last < 0 or requests[i].rank > requests[last].rank)
            ):
                last = i
        killed = requests[last]
        killed.doing = _WAITS
        free += killed.prompt + now + 1 - killed.start
    return free


@inner
def _completions(requests, slices, keep, lengths, pipes, memory):
    """Return the sum of completions of GSA-Spec on one listing."""
    total = done = 0
    while True:
        now = slices.now
        for request in requests:
            if request.doing != _RUNS:
                continue
            age = now - request.start
            if age == request.output:
                request.doing = _DONE
                request.granted = 0
                done += 1
                total += now
                continue
            request.seen = max(request.seen, age)
            if request.granted and age >= slices.length:
                request.granted = 0
                if not keep:
                    request.doing = _WAITS
        if done == requests.size:
            return total
        _serve(requests, slices, keep, lengths, pipes, memory)
        free = _speculate(requests, now, memory)
        for request in requests:
            if request.doing != _WAITS:
                continue
            free -= request.prompt + 1
            if free < 0:
                break
            _start(request, slices)
        slices.now += 1


@entry
def speculation(keep, lengths, pipes, kinds, rows, memory, requests, phase):
    """Return GSA-Spec's largest sum of completions of each multiset.

    Parameters
    ----------
    keep
        Whether runs are kept, see
        :class:`kvopt.policies.gsa_spec.GSASpec`.
    lengths
        Slices of the phases, where no prompt caps them; the last is ``M``.
    pipes
        ``starts`` and ``gap`` of the pipeline for each longest prompt and
        slice, shape ``(2, M, M + 1)``.
    kinds
        Arrival, which is 0, prompt and output of each type, shape
        ``(3, types)``.
    rows
        Places in ``kinds``, shape ``(multisets, n)``.
    memory
        Capacity ``M``.
    requests, phase
        Scratch of the dtypes ``REQUEST`` and ``SLICES``, shapes ``(n,)`` and
        ``(1,)``.

    Notes
    -----
    A slice that is capped is that of the last phase, since whoever is left
    fits into it. So the slices before are the same for all instances.
    """
    most = np.zeros(rows.shape[0], np.int64)
    slices = phase[0]
    for m in range(rows.shape[0]):
        current = rows[m].copy()
        more = True
        while more:
            for i, k in enumerate(current):
                request = requests[i]
                request.prompt = kinds[1, k]
                request.output = kinds[2, k]
                request.doing = _WAITS
                request.seen = 0
                request.granted = 0
            slices.now = 0
            slices.phase = 0
            slices.head = 0
            slices.tail = 0
            slices.ranks = 0
            total = _completions(
                requests, slices, keep, lengths, pipes, memory
            )
            most[m] = max(most[m], total)
            more = next_listing(current)
    return most
