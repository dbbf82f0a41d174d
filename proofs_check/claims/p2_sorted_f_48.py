"""P2: Sorted-F is within 48 of the optimum."""

from fractions import Fraction

from proofs_check.tools.scans import scan_claim

CLAIM = scan_claim(
    "P2-sorted-f-48",
    "sorted-f",
    Fraction(48, 1),
    "any prompts",
    ((4, 3), (5, 4)),
    statement=("Sorted-F costs at most 48 times the optimum."),
    source=("P2, arXiv 2508.06133 v1, main theorem"),
    model=("all at 0, any prompts, known lengths"),
    reading=(
        "[inferred] batches are feasible when their peaks fit; ties "
        "as in readings 2.4; the theorem's conditions are not known, "
        "none are assumed"
    ),
)
