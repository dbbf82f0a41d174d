"""Which thresholds of the relaxation are worth their states."""

from __future__ import annotations

from collections.abc import Callable

from kvopt.exact.relaxation.groups import Groups
from kvopt.exact.relaxation.states import NONE, count_states

__all__ = ["ladder"]


def ladder(
    groups: Groups,
    highest: int,
    limit: int,
    few: int,
    growth: float,
    first: Callable[[int], bool],
    finer: Callable[[int], bool],
) -> list[int]:
    """Return thresholds, coarsest first; none if none fits.

    Parameters
    ----------
    groups
        The requests.
    highest
        Coarsest threshold, in units of memory, where no prompt is larger.
    limit
        Thresholds with as many states, or more, are left out.
    few
        States that the first threshold has at most, if any is so coarse.
    growth
        States of one threshold over those of the one before, at least; but
        the finest of all is always taken.
    first, finer
        Whether a threshold may be the first, or one of the others.
    """
    highest = max(int(groups.prompt.max()), highest)
    highest = min(highest, groups.memory - 1)
    # Below there are too many states to be counted.
    lowest = max(int(groups.prompt.min()), groups.memory - NONE + 1)
    counts = {
        threshold: count
        for threshold in range(lowest, highest + 1)
        if (count := count_states(groups.memory, threshold, limit)) < limit
    }
    able = [threshold for threshold in counts if first(threshold)]
    if not able:
        return []
    small = [threshold for threshold in able if counts[threshold] <= few]
    chosen = [min(small, default=max(able))]
    left = [h for h in counts if h < chosen[0] and finer(h)]
    for threshold in sorted(left, reverse=True):
        enough = counts[threshold] >= growth * counts[chosen[-1]]
        if enough or threshold == min(left):
            chosen.append(threshold)
    return chosen
