"""kvopt at work on the ledger's instances: for scans and searches only."""

from __future__ import annotations

from typing import Any

from proofs_check.evidence import NotCheckedError
from proofs_check.tools.instance import Instance

__all__ = ["as_kvopt", "latency", "simulated"]


def as_kvopt(instance: Instance, intervals: Any = None) -> Any:
    """Return the ``kvopt.Instance``.

    Parameters
    ----------
    instance
        The instance as tuples.
    intervals
        ``(lower, upper)`` of each output, for policies that are told them.
    """
    try:
        import numpy as np

        from kvopt.model import Instance as KvoptInstance
        from kvopt.model import Predictions
    except ImportError as error:
        raise NotCheckedError(f"kvopt cannot be imported: {error}") from None
    predictions = None
    if intervals is not None:
        lower, upper = np.array(intervals, dtype=np.int64).T
        predictions = Predictions(lower=lower, upper=upper)
    columns = np.array(instance.requests, dtype=np.int64).T
    return KvoptInstance(
        memory=instance.memory,
        arrival=columns[0],
        prompt=columns[1],
        output=columns[2],
        predictions=predictions,
    )


def simulated(
    instance: Instance, policy: str, intervals: Any = None, seed: int = 0
) -> Any:
    """Return kvopt's simulation of a policy, by the reference engine."""
    from kvopt.simulation import simulate

    return simulate(
        as_kvopt(instance, intervals), policy, engine="reference", seed=seed
    )


def latency(instance: Instance, policy: str, intervals: Any = None) -> int:
    """Return the total latency of a policy."""
    return int(simulated(instance, policy, intervals).objective)
