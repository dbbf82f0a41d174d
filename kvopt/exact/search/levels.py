"""Which thresholds of the relaxation are worth their states."""

from __future__ import annotations

from kvopt.exact.relaxation.groups import Groups
from kvopt.exact.relaxation.ladder import ladder
from kvopt.exact.relaxation.states import count_states, most_parts
from kvopt.model import SearchParams

__all__ = ["bytes_needed", "levels"]


def bytes_needed(
    groups: Groups, rounds: int, threshold: int, most: int, tables: bool
) -> int:
    """Return about what states and prices of a relaxation take, in bytes.

    Parameters
    ----------
    groups
        The requests.
    rounds
        Horizon ``T``.
    threshold
        ``h``: usages up to there are not seen.
    most
        States that are counted at most.
    tables
        Whether with its tables, else without what is left of its states.
    """
    states = count_states(groups.memory, threshold, most)
    parts = most_parts(groups.memory, threshold)
    prices = 40 * (rounds + 1) * (int(groups.prompt.max()) + 1)
    if tables:
        return prices + states * (20 * (rounds + 1) + 100 + 40 * parts)
    kinds = len({*groups.peak.tolist()}) + len({*groups.prompt.tolist()})
    return prices + states * (60 + 10 * parts + 4 * kinds)


def levels(
    groups: Groups, rounds: int, memory: int, params: SearchParams
) -> list[int]:
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
    params
        How many states a threshold may have.
    """
    most = params.most_states
    unseen = int(memory * params.graph_states_memory)
    return ladder(
        groups,
        int(groups.memory * params.highest_threshold),
        most,
        params.first_states,
        params.states_growth,
        lambda h: bytes_needed(groups, rounds, h, most, True) <= memory,
        lambda h: bytes_needed(groups, rounds, h, most, False) <= unseen,
    )
