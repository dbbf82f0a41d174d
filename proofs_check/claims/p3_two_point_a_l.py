"""P3: 1.5 for two lengths, proved for A_l in the fluid limit."""

from fractions import Fraction

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength


def ratio(k: Fraction, a: int) -> Fraction:
    """Return A_l over shortest first in the limit, k long for one short."""
    base = Fraction(1, 2) + k + k * k * a * a / 2
    return 1 + (k / 2 + k * k) / base


def check() -> Finding:
    """Evaluate the ratio on a grid of shares and of quotients."""
    shares = [Fraction(x, 50) for x in range(1, 2000)]
    worst = max(ratio(k, a) for k in shares for a in range(2, 10))
    small = max(ratio(k, 1) for k in shares)
    return proved(
        f"{len(shares)} shares k up to 40, a = u/l from 2 to 9: at most "
        f"{float(worst):.4f}; at a = 1 it would be {float(small):.4f}.",
        {"within 3/2": worst <= Fraction(3, 2), "needed": small > 2},
        numbers={"worst": str(worst)},
        tried=len(shares) * 8,
        largest_ratio=worst,
        bound=Fraction(3, 2),
    )


CLAIM = Claim(
    id="P3-two-point-a-l",
    statement=(
        "On two lengths l and u, a multiple of l, in random order and "
        "without prompts A_l costs at most 1.5 times shortest first in the "
        "limit of many requests."
    ),
    source="P3, arXiv 2508.14544, constant 1.5 remembered from the paper",
    model="all at 0, no prompts, u divides M, requests in random order",
    reading="[inferred] that 1.5 is about A_l where alpha <= 1/2",
    kind=Kind.CONSTANT,
    strength=Strength.SYMBOLIC,
    check=check,
    proof=("docs/theory/competitive-ratios.md#two-lengths-in-the-fluid-limit"),
)
