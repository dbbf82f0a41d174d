"""P6: Response is within 236/3 on its own class."""

from fractions import Fraction

from proofs_check.tools.scans import scan_claim

CLAIM = scan_claim(
    "P6-response-78.67",
    "response",
    Fraction(236, 3),
    "response-heavy requests",
    ((6, 3), (8, 3)),
    statement=(
        "Response, which does not know lengths, costs at most 236/3 "
        "times the optimum if all requests are small and response-"
        "heavy."
    ),
    source=("P6, arXiv 2607.09248, theorem on Response"),
    model=("all at 0; s <= M/4 and o > s for all; restarts"),
    reading=(
        "[inferred] who takes part in a phase and the common prompt, "
        "readings of kvopt/policies/response.py"
    ),
)
