"""P4: GSA is within 61.92 of the optimum."""

from fractions import Fraction

from proofs_check.tools.scans import scan_claim

CLAIM = scan_claim(
    "P4-gsa-61.92",
    "gsa",
    Fraction(6192, 100),
    "equal prompts",
    ((6, 3), (8, 4)),
    statement=(
        "GSA, which does not know lengths, costs at most 61.92 times "
        "the optimum."
    ),
    source=("P4, arXiv 2601.22996, bound of GSA"),
    model=("all at 0, equal prompts, unknown lengths, restarts"),
    reading=(
        "[inferred] slices 1, 2, 4, ..; the parameters behind 61.92 "
        "were not found"
    ),
)
