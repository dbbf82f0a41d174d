"""P1, the constant 9216: does it follow from the two lemmas?

A multiplication, and nothing more: the lemmas are taken as given.
"""

from fractions import Fraction

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength

# MC-SF <= 1536*A + 24*B (Lemma 4.4) and OPT >= A/6 + B/6 (Lemma 4.7), where
# A = (1/M) sum_o n_o sum_{o'<=o} n_{o'} vol_{o'} and B = sum_o n_o*o.
UPPER = (1536, 24)
LOWER = (Fraction(1, 6), Fraction(1, 6))


def check() -> Finding:
    """Bound (1536A + 24B) / (A/6 + B/6) over all A, B >= 0.

    A ratio of sums is at most the largest ratio of its terms (mediant
    inequality), and it is approached as the other term vanishes.
    """
    terms = [Fraction(u) / v for u, v in zip(UPPER, LOWER, strict=True)]
    supremum = max(terms)
    stated = max(1536 * 6, 24 * 6)
    below = all(u <= stated * v for u, v in zip(UPPER, LOWER, strict=True))
    holds = supremum == stated == 9216 and below
    return proved(
        f"The terms' ratios are {terms[0]} and {terms[1]}; their maximum "
        f"is {supremum}, and max(1536*6, 24*6) = {stated}. This is the step "
        "from the lemmas to the constant, not the lemmas themselves.",
        {"the supremum is 9216": holds},
        numbers={"supremum": str(supremum)},
    )


CLAIM = Claim(
    id="P1-const-9216",
    statement=(
        "If MC-SF <= 1536*A + 24*B and OPT >= (A + B)/6, as Lemmas 4.4 and "
        "4.7 say, then the competitive ratio is at most max(1536*6, 24*6) = "
        "9216."
    ),
    source="P1, arXiv 2502.07115 v4/v5, Theorem 4.3 from Lemmas 4.4 and 4.7",
    model="all at 0, equal prompts, M >= 2 max(s + o)",
    reading=(
        "exact lengths; A is the area term over M, B the sum of the lengths; "
        "9216 is also the constant that later papers quote"
    ),
    kind=Kind.CONSTANT,
    strength=Strength.SYMBOLIC,
    check=check,
    proof="docs/theory/competitive-ratios.md#the-constant-9216",
    depends_on=("P1-lemma-4.4", "P1-lemma-4.7"),
)
