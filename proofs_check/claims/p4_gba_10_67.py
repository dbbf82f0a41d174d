"""P4: GBA is within 10.67 of the optimum."""

from fractions import Fraction

from proofs_check.tools.scans import scan_claim

CLAIM = scan_claim(
    "P4-gba-10.67",
    "gba",
    Fraction(32, 3),
    "equal prompts",
    ((6, 3), (8, 4)),
    statement=(
        "GBA, which knows lengths, costs at most 10.67 times the optimum."
    ),
    source=("P4, arXiv 2601.22996, bound of GBA"),
    model=("all at 0, equal prompts, known lengths"),
    reading=(
        "[inferred] classes grow by 1.5, the minimiser of a^3/(a-1); "
        "SPS as in readings 4.2; 10.67 is read as 32/3"
    ),
)
