"""The machine bound: only so many requests can run in one round."""

from __future__ import annotations

from kvopt.model import Instance
from kvopt.model.sums import exact_sum

__all__ = ["machine_bound", "most_at_once"]


def most_at_once(instance: Instance) -> int:
    """Return ``k``: the ``k`` smallest ``s_i + 1`` fit into ``M``."""
    room = instance.memory
    count = 0
    for prompt in sorted(instance.prompt.tolist()):
        room -= prompt + 1
        if room < 0:
            break
        count += 1
    return count


def machine_bound(instance: Instance) -> int:
    """Return the machine bound on ``TEL``, in rounds.

    Notes
    -----
    A request holds ``s_i + 1`` or more in each of its rounds, so at most
    ``k`` of them run in a round, see :func:`most_at_once`: every schedule is
    one of ``k`` identical machines. Without release dates, shortest first
    has the least ``sum(C_i)`` there (Conway, Maxwell and Miller 1967), and
    ``TEL = sum(C_i) - sum(a_i)``. ``O(n log n)``.
    """
    k = most_at_once(instance)
    ends: list[int] = []
    for j, output in enumerate(sorted(instance.output.tolist())):
        ends.append(output + (ends[j - k] if j >= k else 0))
    return sum(ends) - exact_sum(instance.arrival)
