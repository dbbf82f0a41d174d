"""P3: A_max's lower bound; no instance that reaches it was found."""

from fractions import Fraction

from proofs_check.claims.p3_a_max_upper import a_max, orders
from proofs_check.evidence import Finding, open_question
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import cost
from proofs_check.tools.policies import mc_sf
from proofs_check.tools.tiny import equal_prompts


def check(memory: int = 6, n: int = 4) -> Finding:
    """Look for instances above the claimed lower bound."""
    tried = reached = 0
    nearest = 0.0
    for instance in equal_prompts(memory, n):
        outputs = [r.output for r in instance.requests]
        inverse = Fraction(max(outputs), min(outputs))
        if inverse == 1:
            continue
        best = cost(instance, mc_sf(instance))
        paid = [cost(x, a_max(x, max(outputs))) for x in orders(instance)]
        ratio = Fraction(sum(paid), len(paid) * best)
        claimed = float(inverse) * (1 + float(inverse) ** 0.5) / 2
        nearest = max(nearest, float(ratio) / claimed)
        reached += float(ratio) >= claimed
        tried += 1
    return open_question(
        f"{tried} instances of equal prompts with M <= {memory}, n <= {n} "
        "and two or more lengths, intervals as tight as the lengths allow, "
        f"mean over all orders: {reached} reach the claimed ratio of their "
        f"own alpha, the highest with {nearest:.4f} of it. For small alpha "
        "the factor (1 + alpha^(-1/2))/2 comes out of prompts that "
        "dominate; the further 1/alpha is unexplained.",
        tried,
    )


CLAIM = Claim(
    id="P3-a-max-lower",
    statement=(
        "A_max's ratio to shortest first is at least "
        "(1/alpha)(1 + alpha^(-1/2))/2 for every alpha."
    ),
    source="P3, arXiv 2508.14544, lower bound of A_max",
    model="all at 0, equal prompts, intervals [l, u]",
    reading="[inferred] layout of the fraction, order at random",
    kind=Kind.THEOREM,
    strength=Strength.EXHAUSTIVE,
    check=check,
)
