"""Which thresholds of the relaxation are worth their states."""

from __future__ import annotations

from kvopt.exact.bounds.groups import Groups
from kvopt.exact.bounds.unlinked_states import count_states, most_parts

__all__ = ["bytes_needed", "levels"]

MAX_STATES = 2_000_000
# Measured: with this many states an evaluation takes some hundredths of a
# second, and multipliers settle soon.
FIRST_STATES = 15_000
# States of one level over those of the one before, at least.
GROWTH = 1.8
# Measured: seconds for one state and round; and evaluations that a level
# needs before it is of use.
SECONDS_A_STATE = 8e-9
EVALUATIONS = 60


def bytes_needed(groups: Groups, rounds: int, threshold: int) -> int:
    """Return about what a relaxation and two guides take, in bytes."""
    states = count_states(groups.memory, threshold, MAX_STATES)
    parts = most_parts(groups.memory, threshold)
    return states * (20 * (rounds + 1) + 100 + 40 * parts)


def levels(
    groups: Groups, rounds: int, memory: int, seconds: float | None
) -> list[int]:
    """Return thresholds, coarsest first; none if none fits.

    Parameters
    ----------
    groups
        The requests.
    rounds
        Horizon ``T``.
    memory
        Bytes that the relaxation and its guides may take.
    seconds
        Time for the whole search; levels are left out for which half of it
        would be too short. None for no limit.
    """
    lowest = int(groups.prompt.min())
    highest = max(int(groups.prompt.max()), groups.memory // 4)
    highest = min(highest, groups.memory - 1)
    counts: dict[int, int] = {}
    for threshold in range(lowest, highest + 1):
        count = count_states(groups.memory, threshold, MAX_STATES)
        if count >= MAX_STATES:
            continue
        if bytes_needed(groups, rounds, threshold) > memory:
            continue
        work = EVALUATIONS * SECONDS_A_STATE * count * rounds
        short = seconds is not None and work > seconds / 2
        if counts or not short or threshold == highest:
            counts[threshold] = count
    if not counts:
        return []
    finest = min(counts)
    small = [h for h, count in counts.items() if count <= FIRST_STATES]
    chosen = [min(small, default=max(counts))]
    for threshold in range(chosen[0] - 1, finest - 1, -1):
        enough = counts[threshold] >= GROWTH * counts[chosen[-1]]
        if enough or threshold == finest:
            chosen.append(threshold)
    return chosen
