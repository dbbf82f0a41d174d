"""P1, Lemma 4.7: a lower bound on the optimum."""

from fractions import Fraction

from proofs_check.claims.p1_lemma_4_4 import terms
from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.tiny import best, equal_prompts


def check(memory: int = 6, n: int = 4) -> Finding:
    """Evaluate the bound on every instance of a range."""
    instances = equal_prompts(memory, n)
    published = ours = Fraction(0)
    for instance in instances:
        area, outputs = terms(instance)
        optimum = best(instance)
        published = max(published, (area + outputs) / 6 / optimum)
        ours = max(ours, (area / 4 + Fraction(outputs, 2)) / optimum)
    return proved(
        f"All {len(instances)} instances of equal prompts with M <= "
        f"{memory}, n <= {n}: the published bound is at most "
        f"{float(published):.4f} of the optimum, S/(4M) + B/2 at most "
        f"{float(ours):.4f}.",
        {"the published bound": published <= 1, "ours": ours <= 1},
        numbers={"published": str(published), "ours": str(ours)},
        tried=len(instances),
        largest_ratio=ours,
        bound=Fraction(1),
    )


def longer() -> Finding:
    """Try a larger range."""
    return check(8, 5)


CLAIM = Claim(
    id="P1-lemma-4.7",
    statement=(
        "The optimum is at least (1/(6M)) sum_o n_o sum_{o'<=o} n_o' vol_o' "
        "+ (1/6) sum_o n_o o. Proved here with 1/4 and 1/2 in place of the "
        "two sixths."
    ),
    source="P1, arXiv 2502.07115 v5, Lemma 4.7",
    model="all at 0, equal prompts",
    reading="as summarised",
    kind=Kind.LEMMA,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
    proof="docs/theory/competitive-ratios.md#mc-sf-with-equal-prompts",
    depends_on=("P6-prop-3.1",),
)
