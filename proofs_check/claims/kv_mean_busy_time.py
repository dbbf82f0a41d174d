"""Ours: the mean-busy-time bound, and that it is at least the area's."""

from fractions import Fraction

from proofs_check.checker.bounds import area, mean_busy_time
from proofs_check.checker.rules import Request
from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.tiny import any_prompts, best


def check(memory: int = 5, n: int = 3) -> Finding:
    """Compare both bounds with each other and with the optimum."""
    instances = any_prompts(memory, n)
    valid = above = True
    largest = Fraction(0)
    better = 0
    for instance in instances:
        requests = [Request(*r) for r in instance.requests]
        bound = mean_busy_time(instance.memory, requests)
        weaker = area(instance.memory, requests)
        valid &= bound <= best(instance)
        above &= bound >= weaker
        better += bound > weaker
        largest = max(largest, bound / best(instance))
    return proved(
        f"All {len(instances)} instances with M <= {memory}, n <= {n}: never "
        f"above the optimum, up to {float(largest):.4f} of it, never below "
        f"the area bound, and above it on {better}.",
        {"a lower bound": valid, "at least the area bound": above},
        numbers={"better": better, "largest": str(largest)},
        tried=len(instances),
        largest_ratio=largest,
        bound=Fraction(1),
    )


def longer() -> Finding:
    """Try a larger range."""
    return check(6, 3)


CLAIM = Claim(
    id="KV-mean-busy-time",
    statement=(
        "The mean-busy-time bound is a lower bound on the total latency; "
        "with all requests at 0 it is at least the area bound."
    ),
    source="ours; docs/theory/mean-busy-time.md",
    model="any instance; all at 0 for the comparison",
    reading="none: the statement is ours",
    kind=Kind.LEMMA,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
    witnesses=("small_15_instance.json", "small_15_mean_busy_time.json"),
    proof=(
        "docs/theory/competitive-ratios.md"
        "#the-mean-busy-time-is-at-least-the-area"
    ),
    depends_on=("P6-prop-3.1",),
)
