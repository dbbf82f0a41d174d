"""P5: the exponent theta_k of Nested WAIT's memory, and its lower bound."""

from fractions import Fraction
from math import exp, log

from proofs_check.evidence import Finding, NotCheckedError, proved
from proofs_check.ledger import Claim, Kind, Strength


def check(most: int = 24) -> Finding:
    """Solve for theta on a grid and compare with the bound."""
    try:
        from kvopt.analysis.fluid import tail_exponent
    except ImportError as error:
        raise NotCheckedError(f"kvopt cannot be imported: {error}") from None
    tried = 0
    roots = above = True
    closest = 0.0
    for before in range(2, most + 1):
        for here in range(1, before):
            for tenth in range(1, 10):
                share = Fraction(tenth, 10)
                if share * before >= here:
                    continue
                theta = tail_exponent(before, here, share)
                p = float(share)
                value = before * log(1 - p + p * exp(theta)) - theta * here
                bound = 8 * float(here - before * share) / before
                roots &= abs(value) < 1e-6
                above &= theta >= bound - 1e-9
                closest = max(closest, bound / theta)
                tried += 1
    return proved(
        f"{tried} triples with n_(k-1) <= {most}: kvopt's theta solves the "
        "equation to 1e-6 and is never below the bound, which reaches "
        f"{closest:.4f} of it.",
        {"theta solves the equation": roots, "the bound holds": above},
        numbers={"triples": tried},
        tried=tried,
    )


CLAIM = Claim(
    id="P5-theta",
    statement=(
        "The theta_k > 0 with exp(-theta n_k)(1 - p_k + p_k e^theta)^n_(k-1) "
        "= 1 is at least 8 (n_k - n_(k-1) p_k)/n_(k-1)."
    ),
    source="P5, arXiv 2504.11320, Theorem 2",
    model="0 < p_k < n_k/n_(k-1) < 1",
    reading="the paper's own text",
    kind=Kind.LEMMA,
    strength=Strength.EXHAUSTIVE,
    check=check,
    proof="docs/theory/fluid.md#the-exponent-theta",
)
