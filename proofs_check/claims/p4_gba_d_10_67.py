"""P4: GBA-D is within GBA's bound."""

from fractions import Fraction

from proofs_check.tools.scans import scan_claim

CLAIM = scan_claim(
    "P4-gba-d-10.67",
    "gba-d",
    Fraction(32, 3),
    "equal prompts",
    ((6, 3), (8, 4)),
    statement=(
        "GBA-D, which pulls requests forward, keeps GBA's bound of 10.67."
    ),
    source=("P4, arXiv 2601.22996, GBA-D"),
    model=("all at 0, equal prompts, known lengths"),
    reading=(
        "[inferred] the next request is pulled forward when every "
        "later slot still fits"
    ),
)
