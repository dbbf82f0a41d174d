"""Which thresholds of the relaxation are worth their states."""

from __future__ import annotations

from kvopt.exact.relaxation.groups import Groups
from kvopt.exact.relaxation.states import count_states, most_parts

__all__ = ["bytes_needed", "levels"]

MAX_STATES = 2_000_000
# Measured: with this many states an evaluation in tables takes some
# milliseconds; finer thresholds are faster on what is left of their states.
FIRST_STATES = 5_000
# States of one level over those of the one before, at least.
GROWTH = 1.8


def bytes_needed(
    groups: Groups, rounds: int, threshold: int, tables: bool
) -> int:
    """Return about what the states of a relaxation take, in bytes.

    With its tables if ``tables``, else without what is left of its states.
    """
    states = count_states(groups.memory, threshold, MAX_STATES)
    parts = most_parts(groups.memory, threshold)
    if tables:
        return states * (20 * (rounds + 1) + 100 + 40 * parts)
    kinds = len({*groups.peak.tolist()}) + len({*groups.prompt.tolist()})
    return states * (60 + 10 * parts + 4 * kinds)


def levels(groups: Groups, rounds: int, memory: int) -> list[int]:
    """Return thresholds, coarsest first; none if none fits.

    The first is for tables.

    Parameters
    ----------
    groups
        The requests.
    rounds
        Horizon ``T``.
    memory
        Bytes that a relaxation and its guides may take.
    """
    lowest = int(groups.prompt.min())
    highest = max(int(groups.prompt.max()), groups.memory // 4)
    highest = min(highest, groups.memory - 1)
    counts = {
        threshold: count
        for threshold in range(lowest, highest + 1)
        if (count := count_states(groups.memory, threshold, MAX_STATES))
        < MAX_STATES
    }
    first = [
        threshold
        for threshold in counts
        if bytes_needed(groups, rounds, threshold, True) <= memory
    ]
    if not first:
        return []
    small = [h for h in first if counts[h] <= FIRST_STATES]
    chosen = [min(small, default=max(first))]
    finer = [
        threshold
        for threshold in counts
        if threshold < chosen[0]
        and bytes_needed(groups, rounds, threshold, False) <= memory // 2
    ]
    for threshold in sorted(finer, reverse=True):
        enough = counts[threshold] >= GROWTH * counts[chosen[-1]]
        if enough or threshold == min(finer):
            chosen.append(threshold)
    return chosen
