"""P4: GSA-Spec never costs more than GSA."""

from proofs_check.evidence import Finding
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.scans import never_dearer


def check(memory: int = 6, n: int = 3) -> Finding:
    """Compare the two policies on every instance of a range."""
    return never_dearer("gsa-spec", "gsa", memory, n)


def longer() -> Finding:
    """Try a larger range."""
    return check(7, 4)


CLAIM = Claim(
    id="P4-gsa-spec-not-later",
    statement=(
        "GSA-Spec costs no more than GSA on any instance, so that the bounds "
        "of GSA hold for it."
    ),
    source="P4, arXiv 2601.22996, GSA-Spec",
    model="all at 0, equal prompts",
    reading="[inferred] rules of readings 4.3 and 4.4",
    kind=Kind.LEMMA,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
)
