"""Does a list of start rounds make a schedule? Checked by a sweep."""

from __future__ import annotations

from collections.abc import Sequence

from kvopt.model import Instance

__all__ = ["fault"]


def fault(instance: Instance, starts: Sequence[int]) -> str:
    """Return what is wrong with ``starts``; "" if it is feasible.

    Parameters
    ----------
    instance
        The instance.
    starts
        Start round of each request, shape ``(n,)``.

    Notes
    -----
    Between completions usage only grows, so it is tested at completions
    only. There it is ``sum(s_i - p_i) + t * count`` over the active requests,
    kept up to date in a sweep: ``O(n log n)`` whatever the horizon.
    """
    if len(starts) != len(instance):
        return f"{len(starts)} starts for {len(instance)} requests"
    # Requests that start at t use no memory before t + 1: test t first.
    events = []
    for i, (request, start) in enumerate(zip(instance, starts, strict=True)):
        if start < request.arrival:
            return f"request {i} starts at {start}, before its arrival"
        offset = request.prompt - start
        events.append((start, 1, offset))
        events.append((start + request.output, 0, offset))
    events.sort()
    offsets = active = 0
    tested = -1
    for round_, begins, offset in events:
        if begins:
            offsets += offset
            active += 1
            continue
        if round_ != tested:
            tested = round_
            usage = offsets + active * round_
            if usage > instance.memory:
                return (
                    f"round {round_} needs {usage} of {instance.memory} units"
                )
        offsets -= offset
        active -= 1
    return ""
