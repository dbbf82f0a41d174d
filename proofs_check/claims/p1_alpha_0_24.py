"""P1: the least alpha with which alpha-greedy ends, low demand."""

from proofs_check.evidence import Finding
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.thresholds import threshold_against


def check() -> Finding:
    """Take the least and the largest threshold over ten samples."""
    return threshold_against("low", 0.24)


CLAIM = Claim(
    id="P1-alpha-0.24",
    statement=(
        "The smallest alpha with which alpha-protection greedy comes to an "
        "end under low demand is 0.24."
    ),
    source="P1, arXiv 2502.07115 v4/v5, section 5",
    model="10,000 LMSYS conversations, M = 16492, Poisson arrivals",
    reading=(
        "[inferred] rules of readings 1.8; the paper's sample is not public, "
        "its words have other means than ours"
    ),
    kind=Kind.EXPERIMENT,
    strength=Strength.STATISTICAL,
    check=check,
    seed=0,
)
