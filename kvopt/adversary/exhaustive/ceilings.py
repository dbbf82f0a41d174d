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

__all__ = ["in_two_passes", "planned"]


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


def in_two_passes(outputs: IntArray) -> IntArray:
    """Return what A_l costs at most, shape ``(multisets,)``.

    Parameters
    ----------
    outputs
        Of the requests, shape ``(multisets, n)``; their interval begins at
        the least of each row, ``l``.

    Notes
    -----
    The head of the queue starts at the latest when nothing runs, and nobody
    overtakes it. So by induction the ``j``-th of the first pass is over at
    ``j * l``, and each one of the second within its own output after those
    before it in that pass and the whole first one. At worst those of length
    ``l`` are the last of the first pass, and the others come longest first.
    """
    outputs = np.sort(outputs, axis=1)
    n = outputs.shape[1]
    least = outputs[:, :1]
    place = np.arange(1, n + 1)
    dropped = outputs > least
    # The k-th shortest of the dropped, from 1, is waited for by k of them.
    served = n * least + outputs * np.cumsum(dropped, axis=1)
    # Those of length l are first among the sorted, and last in the pass.
    passed = (n + 1 - place) * least
    total: IntArray = np.where(dropped, served, passed).sum(axis=1)
    return total
