"""How far apart two requests complete."""

from __future__ import annotations

from kvopt.model import Request

__all__ = ["completion_gap"]


def completion_gap(first: Request, second: Request, memory: int) -> int:
    """Return the least ``c_second - c_first``, in rounds, if not negative.

    Parameters
    ----------
    first
        The request that completes no later.
    second
        The other one.
    memory
        ``M``, in units of KV memory.

    Notes
    -----
    ``c_j >= c_i`` implies ``c_j - c_i >= min(o_j, P_i + P_j - M)``: if ``j``
    is active in round ``c_i``, the two hold ``P_i + P_j - (c_j - c_i)``
    there (``docs/theory/level-k.md``).
    """
    together = first.prompt + first.output + second.prompt + second.output
    return max(0, min(second.output, together - memory))
