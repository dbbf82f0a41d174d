"""P4: GBA-D never costs more than GBA."""

from proofs_check.evidence import Finding
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.scans import never_dearer


def check(memory: int = 6, n: int = 3) -> Finding:
    """Compare the two policies on every instance of a range."""
    return never_dearer("gba-d", "gba", memory, n)


def longer() -> Finding:
    """Try a larger range."""
    return check(7, 4)


CLAIM = Claim(
    id="P4-gba-d-not-later",
    statement=(
        "GBA-D costs no more than GBA on any instance, so that the bounds of "
        "GBA hold for it."
    ),
    source="P4, arXiv 2601.22996, GBA-D",
    model="all at 0, equal prompts",
    reading="[inferred] rules of readings 4.3 and 4.4",
    kind=Kind.LEMMA,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
)
