"""P3: the constant 1.5 for two lengths fails where prompts dominate."""

from fractions import Fraction

from proofs_check.claims.p3_a_min_log import a_min, dominated
from proofs_check.evidence import Finding, refuted
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import cost
from proofs_check.tools.policies import mc_sf


def check() -> Finding:
    """Take the instances of the claim P3-a-min-log: they have two lengths."""
    instance = dominated(9, 6)
    ratio = Fraction(
        cost(instance, a_min(instance)), cost(instance, mc_sf(instance))
    )
    return refuted(
        "s = 18, M = 27, six requests of length 9 before 18 of length 1: "
        f"A_min costs {float(ratio):.3f} times shortest first.",
        {"more than 1.5": ratio > Fraction(3, 2)},
        numbers={"ratio": str(ratio)},
        largest_ratio=ratio,
        bound=Fraction(3, 2),
    )


CLAIM = Claim(
    id="P3-two-point-prompts",
    statement=(
        "On two lengths A_min costs at most 1.5 times shortest first with "
        "hindsight, whatever the common prompt."
    ),
    source="P3, arXiv 2508.14544, constant 1.5 remembered from the paper",
    model="all at 0, equal prompts, two lengths",
    reading=(
        "[inferred] that 1.5 is about A_min at every prompt; with "
        "negligible prompts see P3-two-point-1.5"
    ),
    kind=Kind.CONSTANT,
    strength=Strength.CERTIFICATE,
    check=check,
    witnesses=("a_min_9.json",),
    proof="docs/theory/lower-bounds.md#a_min-with-large-prompts",
)
