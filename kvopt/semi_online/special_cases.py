"""Cases in which shortest-first is optimal, each with its optimal value.

All requests are present at 0. In general shortest-first is *not* optimal:
P1 claimed it in v2 and dropped it later; ``s=1, M=6, o=(2,2,3,3)`` costs
MC-SF 16 and the optimum 15.
"""

from __future__ import annotations

from typing import NamedTuple

from kvopt.exact.feasibility import fault
from kvopt.model import Instance

__all__ = ["SpecialCase", "special_case"]


class SpecialCase(NamedTuple):
    """The theorem that applies, and the optimal total latency it gives."""

    theorem: str
    optimum: int


def special_case(instance: Instance) -> SpecialCase | None:
    """Return the case that ``instance`` falls under, or None.

    Parameters
    ----------
    instance
        Requests that are all present at 0.

    Notes
    -----
    *Everything fits at once.* If starting everything at 0 is feasible, every
    latency is ``o_i``, and none can be smaller. MC-SF starts everything at 0
    then: every prefix of its queue needs less memory than the whole.

    *All outputs are 1 and all prompts are equal.* Each request occupies one
    round and ``s + 1`` units, so at most ``k = floor(M / (s+1))`` run in a
    round, and the ``j``-th to complete does so in round ``ceil(j / k)`` or
    later. MC-SF starts ``k`` in each round and attains this. With
    ``n = q*k + r``, ``r < k``, the sum is ``k*q*(q+1)/2 + r*(q+1)``.
    """
    n = len(instance)
    if not fault(instance, [0] * n):
        total = int(instance.output.sum())
        return SpecialCase("everything fits at once", total)
    s = int(instance.prompt[0])
    if (instance.output == 1).all() and (instance.prompt == s).all():
        k = instance.memory // (s + 1)
        q, r = divmod(n, k)
        return SpecialCase(
            "all outputs are 1 and all prompts are equal",
            k * q * (q + 1) // 2 + r * (q + 1),
        )
    return None
