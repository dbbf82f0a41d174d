"""P4: greedy starts are within 4 for identical requests."""

from fractions import Fraction

from proofs_check.tools.scans import scan_claim

CLAIM = scan_claim(
    "P4-mc-sf-4",
    "mc-sf",
    Fraction(4, 1),
    "identical requests",
    ((10, 6), (16, 9)),
    statement=(
        "On identical requests MC-SF costs at most 4 times the "
        "optimum, the bound that P4 recalls."
    ),
    source=("P4, arXiv 2601.22996, bound recalled for equal lengths"),
    model=("all at 0, identical requests"),
    reading=(
        "[inferred] that the earlier bound of 4 is about MC-SF; 2 is "
        "proved in KV-identical-2"
    ),
)
