"""The trivial bound: no request is done before it has run."""

from __future__ import annotations

from collections.abc import Iterable

from kvopt.model import Request

__all__ = ["trivial_bound"]


def trivial_bound(requests: Iterable[Request]) -> int:
    """Return ``sum(o_i)``, a lower bound on ``TEL``, in rounds. ``O(n)``.

    ``c_i = p_i + o_i`` and ``p_i >= a_i``, so ``c_i - a_i >= o_i``.
    """
    return sum(request.output for request in requests)
