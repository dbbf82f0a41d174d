"""P4: SPS is within 2 for identical requests."""

from fractions import Fraction

from proofs_check.tools.scans import scan_claim

CLAIM = scan_claim(
    "P4-sps-2",
    "sps",
    Fraction(2, 1),
    "identical requests",
    ((10, 6), (16, 9)),
    statement=(
        "SPS, the staggered pipeline, costs at most twice the optimum"
        " on identical requests."
    ),
    source=("P4, arXiv 2601.22996, SPS"),
    model=("all at 0, identical requests"),
    reading=(
        "[inferred] one start every ceil(o/k) rounds for the largest "
        "k that fits, or several a round"
    ),
)
