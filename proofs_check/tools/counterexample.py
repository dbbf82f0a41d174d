"""A policy's schedule and a cheaper one, as a witness."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from proofs_check.tools.instance import Instance, cost

__all__ = ["witness"]


def witness(
    instance: Instance,
    starts: Sequence[int],
    better: Sequence[int],
    algorithm: str,
    *,
    optimal: bool = False,
) -> dict[str, Any]:
    """Return the ``kvopt-witness/1`` document.

    Parameters
    ----------
    instance
        The instance.
    starts, better
        Start rounds of the algorithm and of a schedule that costs no more.
    algorithm
        The algorithm's name.
    optimal
        Whether the cheaper schedule is optimal.
    """
    document = {
        "format": "kvopt-instance/1",
        "memory": instance.memory,
        "requests": [r._asdict() for r in instance.requests],
    }
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    name = "sha256:" + hashlib.sha256(text.encode()).hexdigest()

    def schedule(rounds: Sequence[int]) -> dict[str, Any]:
        pairs = zip(instance.requests, rounds, strict=True)
        runs = [
            {
                "request": i,
                "start": p,
                "stop": p + r.output,
                "completed": True,
            }
            for i, (r, p) in enumerate(pairs)
        ]
        return {"format": "kvopt-schedule/1", "instance": name, "runs": runs}

    return {
        "format": "kvopt-witness/1",
        "claim": f"{algorithm} costs more than another schedule.",
        "instance": document,
        "algorithm_schedule": schedule(starts),
        "reference_schedule": schedule(better),
        "algorithm_cost": cost(instance, starts),
        "reference_cost": cost(instance, better),
        "reference_optimal": optimal,
        "certificate": "enumeration" if optimal else "",
        "algorithm": algorithm,
    }
