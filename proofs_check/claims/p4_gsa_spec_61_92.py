"""P4: GSA-Spec keeps GSA's bound."""

from fractions import Fraction

from proofs_check.tools.scans import scan_claim

CLAIM = scan_claim(
    "P4-gsa-spec-61.92",
    "gsa-spec",
    Fraction(6192, 100),
    "equal prompts",
    ((6, 3), (8, 4)),
    statement=(
        "GSA-Spec, which fills free memory with speculative starts, "
        "keeps the bound of 61.92."
    ),
    source=("P4, arXiv 2601.22996, GSA-Spec"),
    model=("all at 0, equal prompts, unknown lengths, restarts"),
    reading=("[inferred] the latest speculative run is killed first"),
)
