"""P3: A_min against shortest first on two lengths."""

from fractions import Fraction

from proofs_check.evidence import Finding
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.intervals import largest_mean_ratio

BOUND = Fraction(3, 2)


def check() -> Finding:
    """Take the largest mean ratio over all parameters tried."""
    return largest_mean_ratio("two-point", BOUND)


CLAIM = Claim(
    id="P3-two-point-1.5",
    statement=(
        "On two lengths A_min costs at most 1.5 times "
        "shortest first with hindsight, where prompts are negligible."
    ),
    source="P3, arXiv 2508.14544, constants remembered from the paper",
    model="all at 0, equal prompts of 0, known lower ends",
    reading="[inferred] the statement and A_min's pseudo-code, readings 3.2",
    kind=Kind.EXPERIMENT,
    strength=Strength.STATISTICAL,
    check=check,
    seed=0,
)
