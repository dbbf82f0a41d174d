"""Which thresholds of the relaxation are worth their states."""

from __future__ import annotations

from kvopt.exact.relaxation.groups import Groups
from kvopt.exact.relaxation.ladder import ladder
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
    """Return about what states and prices of a relaxation take, in bytes.

    With its tables if ``tables``, else without what is left of its states.
    """
    states = count_states(groups.memory, threshold, MAX_STATES)
    parts = most_parts(groups.memory, threshold)
    prices = 40 * (rounds + 1) * (int(groups.prompt.max()) + 1)
    if tables:
        return prices + states * (20 * (rounds + 1) + 100 + 40 * parts)
    kinds = len({*groups.peak.tolist()}) + len({*groups.prompt.tolist()})
    return prices + states * (60 + 10 * parts + 4 * kinds)


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
    return ladder(
        groups,
        MAX_STATES,
        FIRST_STATES,
        GROWTH,
        lambda h: bytes_needed(groups, rounds, h, True) <= memory,
        lambda h: bytes_needed(groups, rounds, h, False) <= memory // 2,
    )
