"""What a policy costs at most on a multiset, whatever the listing.

All requests are there at 0. Costs are sums of completions, in rounds, one
for each row of ``rows``: places of its requests in ``types``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kvopt.model import Request
from kvopt.model.instance import IntArray
from kvopt.policies.base import Hint, Job
from kvopt.policies.pipeline import Plan, PlannedPolicy

__all__ = ["planned"]


def planned(
    policy: PlannedPolicy,
    memory: int,
    types: Sequence[Request],
    rows: IntArray,
) -> IntArray:
    """Return what SPS, GBA or GSA costs at most, shape ``(len(rows),)``.

    Parameters
    ----------
    policy
        Its slots, and who is left after a phase, do not depend on the order
        of listing; it only says who has which slot, in each class.
    memory
        Capacity ``M``, in units.
    types, rows
        See the module.

    Notes
    -----
    Listed by output, the longest of a phase has its last slot, so that no
    other listing drains it later. Those that complete in a phase are counted
    as if they had its last slots. For SPS and GBA, where all complete, that
    is what this listing costs.
    """
    most = [
        _planned(
            policy.planner(memory),
            sorted((types[k] for k in row), key=lambda kind: kind.output),
        )
        for row in rows.tolist()
    ]
    return np.array(most, np.int64)


def _planned(plan: Plan, requests: Sequence[Request]) -> int:
    """See :func:`planned`; the requests of one row, by output."""
    left = [
        Job(i, 0, request.prompt, Hint(output=request.output))
        for i, request in enumerate(requests)
    ]
    output = [request.output for request in requests]
    total = now = 0
    while left:
        phase = plan(left, now)
        done = {
            run.request for run in phase if run.most >= output[run.request]
        }
        last = phase[len(phase) - len(done) :]
        total += sum(run.start for run in last)
        total += sum(output[i] for i in done)
        now = max(
            run.start + min(run.most, output[run.request]) for run in phase
        )
        left = [job for job in left if job.request not in done]
    return total
