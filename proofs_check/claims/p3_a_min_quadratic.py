"""P3: the logarithm of A_min, as a quotient of two quadratic forms."""

from fractions import Fraction
from math import log

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength

UPPER = 1024


def histogram(low: int, high: int) -> list[Fraction]:
    """Return the numbers of each length at which the quotient is largest."""
    slopes = {low: Fraction(1, low)}
    slopes |= {k: Fraction(1, 2 * k - 1) for k in range(low + 1, high + 1)}
    slopes[high + 1] = Fraction(0)
    return [slopes[k] - slopes[k + 1] for k in range(low, high + 1)]


def quotient(low: int, shares: list[Fraction]) -> Fraction:
    """Return ``(sum i x_i)^2 / sum_ij min(i,j)^2 x_i x_j``.

    Parameters
    ----------
    low
        ``l``, the length of the first share.
    shares
        ``x_l, x_{l+1}, ..``.
    """
    total = sum(shares, Fraction(0))
    top = sum((k * x for k, x in enumerate(shares, low)), Fraction(0))
    bottom = Fraction(0)
    # min(i,j)^2 is the sum of 2k-1 over k up to both, but for the first.
    left = total
    for k, x in enumerate(shares, low):
        weight = k * k if k == low else 2 * k - 1
        bottom += weight * left * left
        left -= x
    return top * top / bottom


def largest(low: int, high: int) -> Fraction:
    """Return the formula's value, ``1 + sum of 1/(2k-1)`` beyond ``l``."""
    later = range(low + 1, high + 1)
    return 1 + sum((Fraction(1, 2 * k - 1) for k in later), Fraction(0))


def laws() -> dict[str, list[Fraction]]:
    """Return three histograms of lengths 1 .. u, near their limits."""
    share = Fraction(31, 32)
    lengths = range(1, UPPER // 2 + 1)
    powers = [share**k for k in lengths]
    weighted = [k * x for k, x in zip(lengths, powers, strict=True)]
    two = [Fraction(1), *[Fraction(0)] * (UPPER - 2), Fraction(1, UPPER)]
    return {
        "two lengths": two,
        "geometric": powers,
        "linearly weighted": weighted,
    }


def check() -> Finding:
    """Evaluate the quotient at its largest, and at others, exactly."""
    reached = within = logarithmic = True
    tried = 0
    for low, high in ((1, 1), (1, 2), (1, 16), (3, 40), (10, 100), (1, 200)):
        bound = largest(low, high)
        shares = histogram(low, high)
        reached &= quotient(low, shares) == bound and min(shares) > 0
        for k in range(high - low + 1):
            changed = list(shares)
            changed[k] += Fraction(1, 7)
            within &= quotient(low, changed) <= bound
            tried += 1
    previous = Fraction(1)
    for u in range(2, UPPER + 1):
        previous += Fraction(1, 2 * u - 1)
        logarithmic &= float(previous) <= 1 + log(u) / 2
    top = largest(1, UPPER)
    reached &= top == previous
    reached &= quotient(1, histogram(1, UPPER)) == top
    shown = ", ".join(
        f"{float(quotient(1, x)):.3f} ({what})" for what, x in laws().items()
    )
    return proved(
        f"Exactly, up to u = {UPPER}: the largest quotient is 1 + sum_(k=l+1)"
        f"^u 1/(2k-1), {float(top):.4f} at l = 1, u = {UPPER}, where 1 + "
        f"ln(u/l)/2 is {1 + log(UPPER) / 2:.4f}. For three laws these forms "
        f"give {shown}: not the paper's 1.5, 1.7 and 1.56.",
        {
            "the largest quotient": reached,
            "no other histogram exceeds it": within,
            "at most 1 + ln(u/l)/2": logarithmic,
        },
        numbers={"largest": f"{float(top):.12f}"},
        tried=tried,
        largest_ratio=top,
    )


CLAIM = Claim(
    id="P3-a-min-quadratic",
    statement=(
        "If a pair of requests of lengths i and j costs A_min i*j and "
        "shortest first min(i,j)^2, then A_min's ratio is at most 1 + the "
        "sum of 1/(2k-1) over k = l+1 .. u, at most 1 + ln(u/l)/2, and no "
        "less for some histogram of lengths."
    ),
    source="P3, arXiv 2508.14544, proof of A_min's logarithmic ratio",
    model="fluid, all at 0, negligible prompts, lengths l .. u",
    reading=(
        "[inferred] both forms: that there are such is said to be the proof; "
        "these give the published logarithm, and not the constants for "
        "distributions"
    ),
    kind=Kind.LEMMA,
    strength=Strength.SYMBOLIC,
    check=check,
    proof="docs/theory/competitive-ratios.md#two-quadratic-forms",
)
