"""Ours: the state-space relaxation bounds the optimum from below."""

from fractions import Fraction
from random import Random
from typing import Any

from proofs_check.checker.bounds import lagrangian
from proofs_check.checker.rules import Request
from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import Instance
from proofs_check.tools.instance import Request as Plain
from proofs_check.tools.tiny import best


def drawn(rng: Random) -> Instance:
    """Draw a tiny instance, arrivals included."""
    memory = rng.randint(2, 7)
    requests = []
    for _ in range(rng.randint(1, 4)):
        output = rng.randint(1, memory)
        prompt = rng.randint(0, memory - output)
        requests.append(Plain(rng.randint(0, 3), prompt, output))
    return Instance(memory, tuple(sorted(requests)))


def check(count: int = 250) -> Finding:
    """Evaluate random multipliers and prices, and compare with the optimum."""
    rng = Random(0)
    holds = True
    largest = Fraction(0)
    for _ in range(count):
        instance = drawn(rng)
        requests = [Request(*r) for r in instance.requests]
        horizon = 4 + sum(r.output for r in requests)
        data: dict[str, Any] = {
            "scale": 2,
            "threshold": rng.randint(0, 2),
            "horizon": horizon,
            "width": rng.randint(1, 3),
            "multipliers": [
                rng.randint(0, 2 * min(horizon + 1 - r.arrival, 12))
                for r in requests
            ],
        }
        data["prices"] = [
            [b, e, rng.randint(-3, 3)]
            for b in range(horizon // data["width"] + 1)
            for e in range(data["threshold"], instance.memory)
            if rng.random() < 0.3
        ]
        bound = lagrangian(instance.memory, requests, data)
        holds &= bound <= best(instance)
        largest = max(largest, bound / best(instance))
    return proved(
        f"{count} random instances with M <= 7, n <= 4, arrivals to 3, with "
        "random multipliers, thresholds, widths and prices: never above the "
        f"optimum, up to {float(largest):.4f} of it. The bound of 143 on the "
        "packaged instance small-15, whose optimum is 147, is verified.",
        {"never above the optimum": holds},
        numbers={"largest": str(largest)},
        tried=count,
        largest_ratio=largest,
        bound=Fraction(1),
    )


def longer() -> Finding:
    """Draw more."""
    return check(4000)


CLAIM = Claim(
    id="KV-relaxation",
    statement=(
        "The value of the Lagrangian state-space relaxation in reversed time "
        "is a lower bound on the total latency of every schedule, of "
        "whatever makespan, if no multiplier exceeds its horizon condition."
    ),
    source="ours; docs/theory/relaxation.md",
    model="any instance",
    reading="none: the statement is ours",
    kind=Kind.THEOREM,
    strength=Strength.CERTIFICATE,
    check=check,
    longer=longer,
    proof="docs/theory/relaxation.md#theorem",
    witnesses=("small_15_instance.json", "small_15_lagrangian.json"),
    seed=0,
)
