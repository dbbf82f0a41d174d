"""P6: Rect is within 36 on its own classes."""

from fractions import Fraction

from proofs_check.tools.scans import scan_claim

CLAIM = scan_claim(
    "P6-rect-36",
    "rect",
    Fraction(36, 1),
    "large or prompt-heavy requests",
    ((5, 3), (7, 3)),
    statement=(
        "Rect, which does not know lengths, costs at most 36 times "
        "the optimum if all requests are large, or all small and "
        "prompt-heavy."
    ),
    source=("P6, arXiv 2607.09248, theorem on Rect"),
    model=("all at 0; s > M/4 for all, or o <= s <= M/4 for all; restarts"),
    reading=(
        "[inferred] the width of requests that outgrow twice their "
        "prompt, readings of kvopt/policies/rect.py"
    ),
)
