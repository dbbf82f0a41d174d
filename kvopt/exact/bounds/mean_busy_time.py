"""The mean-busy-time bound: when, on average, memory is occupied."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush, heapreplace

from kvopt.model import Request

__all__ = ["mean_busy_time_bound"]

# Each request's share is rounded down to a multiple of 2**-64 rounds: exact
# sums of fractions with n different denominators have n-fold digits.
_UNIT_BITS = 64


def mean_busy_time_bound(requests: Iterable[Request], memory: int) -> int:
    """Return the mean-busy-time bound on ``TEL``, in rounds, rounded up.

    Parameters
    ----------
    requests
        The requests, in any order.
    memory
        Capacity ``M``.

    Notes
    -----
    With ``vol_i = s_i*o_i + o_i*(o_i+1)/2`` and ``d_i = sum_{k=1..o_i}
    (s_i+k)*(o_i-k) / vol_i``, request ``i`` completes at ``c_i = m_i + 1/2 +
    d_i``, where ``m_i`` is the mean time of the memory that it occupies. On
    a preemptive machine of speed ``M`` with release dates ``a_i`` and works
    ``vol_i``, the least ``sum(m_i)`` is that of smallest total volume first
    (Goemans, Queyranne, Schulz, Skutella, Wang 2002). The proof is in
    ``docs/theory/mean-busy-time.md``. ``O(n log n)``.
    """
    released = sorted(
        (r.arrival * memory, r.prompt, r.output) for r in requests
    )
    total = 0
    waiting: list[tuple[int, int]] = []
    now = 0
    for release, prompt, output in released:
        volume = prompt * output + output * (output + 1) // 2
        after = output * (output - 1) * (3 * prompt + output + 1) // 6
        total += (after << _UNIT_BITS) // volume
        while waiting and now < release:
            now, share = _serve(waiting, now, release)
            total += share // memory
        now = max(now, release)
        heappush(waiting, (volume, volume))
    while waiting:
        now, share = _serve(waiting, now, None)
        total += share // memory
    # The halves of a round, less what TEL does not count.
    total += len(released) << (_UNIT_BITS - 1)
    arrivals = sum(release for release, _, _ in released) // memory
    return -(-total >> _UNIT_BITS) - arrivals


def _serve(
    waiting: list[tuple[int, int]], now: int, until: int | None
) -> tuple[int, int]:
    """Serve the smallest volume until it is done or until ``until``.

    Returns the time afterwards and the piece's share of the mean busy time,
    in units of ``1/M`` rounds, the latter times ``2**64``.
    """
    volume, left = waiting[0]
    work = left if until is None else min(left, until - now)
    if work == left:
        heappop(waiting)
    else:
        heapreplace(waiting, (volume, left - work))
    share = (work * (2 * now + work) << _UNIT_BITS) // (2 * volume)
    return now + work, share
