"""P3: 1.5 for two lengths, proved for A_l in the fluid limit."""

from fractions import Fraction

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import at_zero
from proofs_check.tools.kv import latency


def ratio(k: Fraction, a: int) -> Fraction:
    """Return A_l over shortest first in the limit, k long for one short."""
    base = Fraction(1, 2) + k + k * k * a * a / 2
    return 1 + (k / 2 + k * k) / base


def simulated(pairs: int) -> Fraction:
    """Return A_l over shortest first on short and long ones by turns.

    Lengths 2 and 4, M = 8; the order by turns stands for a random one.
    """
    instance = at_zero(8, [(0, 2), (0, 4)] * pairs)
    told = [(2, 4)] * (2 * pairs)
    paid = latency(instance, "a-l", told)
    return Fraction(paid, latency(instance, "h-sf"))


def check() -> Finding:
    """Evaluate the ratio on a grid of shares and of quotients."""
    shares = [Fraction(x, 50) for x in range(1, 2000)]
    worst = max(ratio(k, a) for k in shares for a in range(2, 10))
    small = max(ratio(k, 1) for k in shares)
    limit = ratio(Fraction(1), 2)
    near = [simulated(pairs) for pairs in (8, 32, 128)]
    gaps = [abs(found - limit) for found in near]
    shown = ", ".join(f"{float(found):.4f}" for found in near)
    return proved(
        f"{len(shares)} shares k up to 40, a = u/l from 2 to 9: at most "
        f"{float(worst):.4f}; at a = 1 it would be {float(small):.4f}. A_l "
        f"itself on 8, 32 and 128 pairs of lengths 2 and 4, M = 8: {shown}, "
        f"in the limit {float(limit):.4f}.",
        {
            "within 3/2": worst <= Fraction(3, 2),
            "needed": small > 2,
            "the policy tends to the formula": gaps[2] < gaps[0] / 8,
        },
        numbers={"worst": str(worst), "simulated": shown},
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
    model=(
        "all at 0, no prompts, l divides u and u divides M, numbers of both "
        "lengths multiples of M/l, random order"
    ),
    reading="[inferred] that 1.5 is about A_l where alpha <= 1/2",
    kind=Kind.CONSTANT,
    strength=Strength.SYMBOLIC,
    check=check,
    proof=("docs/theory/competitive-ratios.md#two-lengths-in-the-fluid-limit"),
)
