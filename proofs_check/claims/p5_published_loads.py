"""P5: the published memory loads lie on one curve, and cross C at 74.1."""

from fractions import Fraction

from proofs_check.evidence import Finding, scanned
from proofs_check.ledger import Claim, Kind, Strength

#: Queries a second, and the published M* in units.
PUBLISHED = {50: 34_377, 60: 55_758, 70: 100_327, 80: 250_509}
CAPACITY = 137_000  # "about 1.37e5"


def check() -> Finding:
    """Fit the two parameters to two loads and predict the others."""
    x, y = Fraction(1, 50), Fraction(1, 60)
    u, v = Fraction(1, PUBLISHED[50]), Fraction(1, PUBLISHED[60])
    slope = (u - v) / (x - y)  # 1/A
    offset = slope * x - u  # B/A

    def memory(rate: int) -> Fraction:
        return 1 / (slope / rate - offset)

    errors = {
        rate: abs(memory(rate) / PUBLISHED[rate] - 1) for rate in (70, 80)
    }
    crossing = slope / (offset + Fraction(1, CAPACITY))
    limit = slope / offset
    wrong = [
        f"{rate}: off by {float(error):.5f}"
        for rate, error in errors.items()
        if error > Fraction(1, 1000)
    ]
    if abs(crossing - Fraction(741, 10)) > Fraction(1, 10):
        wrong.append(f"crossing at {float(crossing):.2f}")
    return scanned(
        "1/M* is a line in 1/lam; through the values at 50 and 60 it gives "
        f"{float(memory(70)):,.0f} at 70 and {float(memory(80)):,.0f} at 80 "
        f"(published 100,327 and 250,509), meets C = {CAPACITY:,} at "
        f"{float(crossing):.2f} queries a second (published 74.1), and ends "
        f"at {float(limit):.1f}.",
        3,
        wrong,
        numbers={"crossing": f"{float(crossing):.4f}"},
        largest_ratio=1 + max(errors.values()),
        bound=Fraction(1001, 1000),
    )


CLAIM = Claim(
    id="P5-published-loads",
    statement=(
        "The equilibrium memory of the lmsys-chat-1m workload is 34,377, "
        "55,758, 100,327 and 250,509 units at 50, 60, 70 and 80 queries a "
        "second, and reaches the capacity at 74.1."
    ),
    source="P5, arXiv 2504.11320, experiments on lmsys-chat-1m",
    model="the fluid formula for one mixture, scaled",
    reading="the capacity is read as 1.37e5 units",
    kind=Kind.EXPERIMENT,
    strength=Strength.SYMBOLIC,
    check=check,
    proof="docs/theory/fluid.md#one-law-for-the-published-loads",
    depends_on=("P5-equilibrium",),
)
