"""Refuting optimality: a policy's schedule and a cheaper one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from proofs_check.ledger import Claim, Finding, Truth
from proofs_check.tools.instance import Instance, at_zero, cost, overload
from proofs_check.tools.optimum import optimum
from proofs_check.tools.policies import mc_sf

__all__ = ["semi_online_claim", "witness"]


def semi_online_claim(
    prompt: int,
    memory: int,
    outputs: Sequence[int],
    better: Sequence[int],
) -> Claim:
    """Return P1 v2's claim of exact optimality, applied to one instance.

    Parameters
    ----------
    prompt, memory, outputs
        The instance: equal prompts, all requests present at 0.
    better
        Start rounds of a schedule that is optimal there.
    """
    instance = at_zero(memory, [(prompt, o) for o in outputs])
    lengths = ",".join(map(str, outputs))
    return Claim(
        statement=(
            "With all requests present at 0, equal prompts and known "
            "lengths, shortest-first is exactly optimal: on "
            f"s={prompt}, M={memory}, o=({lengths})."
        ),
        source=(
            "P1, arXiv 2502.07115 v2, abstract: semi-online exact optimality "
            "(not in v4, v5)"
        ),
        reading=(
            "[inferred] the semi-online algorithm is MC-SF with true "
            "lengths; v2's pseudo-code was not found"
        ),
        recorded=Truth.FAILS,
        check=lambda: _compare(instance, better),
    )


def _compare(instance: Instance, better: Sequence[int]) -> Finding:
    starts = mc_sf(instance)
    excess = max(overload(instance, starts), overload(instance, better))
    found, reference = cost(instance, starts), cost(instance, better)
    best = optimum(instance)
    document = witness(instance, starts, better, reference == best)
    if excess or reference < best:
        raise AssertionError(f"infeasible, or below the optimum: {document}")
    return Finding(
        Truth.FAILS if best < found else Truth.HOLDS,
        f"MC-SF {found} with starts {_listed(starts)}; optimum {best} by "
        f"exhaustive search; starts {_listed(better)} cost {reference}.",
        document,
    )


def _listed(starts: Sequence[int]) -> str:
    return ",".join(map(str, starts))


def witness(
    instance: Instance,
    starts: Sequence[int],
    better: Sequence[int],
    optimal: bool,
) -> dict[str, Any]:
    """Return the ``kvopt-witness/1`` document."""
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
        "claim": "MC-SF is not optimal with all requests present at 0.",
        "instance": document,
        "algorithm_schedule": schedule(starts),
        "reference_schedule": schedule(better),
        "algorithm_cost": cost(instance, starts),
        "reference_cost": cost(instance, better),
        "reference_optimal": optimal,
        "certificate": "proofs_check: shortest path over all states",
        "algorithm": "mc-sf",
    }
