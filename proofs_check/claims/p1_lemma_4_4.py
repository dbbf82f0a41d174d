"""P1, Lemma 4.4: an upper bound on MC-SF's total latency."""

from fractions import Fraction

from proofs_check.claims.p1_thm_4_3 import half_full
from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import Instance, cost, volume
from proofs_check.tools.policies import mc_sf


def terms(instance: Instance) -> tuple[Fraction, int]:
    """Return ``S/M`` and ``B`` of the lemmas.

    ``S = sum_o n_o sum_{o'<=o} n_{o'} vol_{o'}`` and ``B = sum_o n_o o``.
    """
    area = sum(
        volume(i)
        for j in instance.requests
        for i in instance.requests
        if i.output <= j.output
    )
    return Fraction(area, instance.memory), sum(
        r.output for r in instance.requests
    )


def check(memory: int = 10, n: int = 4) -> Finding:
    """Evaluate the bound on every instance of a range."""
    instances = half_full(memory, n)
    published = ours = Fraction(0)
    for instance in instances:
        area, outputs = terms(instance)
        paid = cost(instance, mc_sf(instance))
        published = max(published, paid / (1536 * area + 24 * outputs))
        ours = max(ours, paid / (4 * area + outputs))
    return proved(
        f"All {len(instances)} instances with M <= {memory}, n <= {n} and "
        f"M >= 2 max(s+o): MC-SF is at most {float(published):.4f} of the "
        f"published bound, and {float(ours):.4f} of (4/M) S + B.",
        {"the published bound": published <= 1, "ours": ours <= 1},
        numbers={"published": str(published), "ours": str(ours)},
        tried=len(instances),
        largest_ratio=ours,
        bound=Fraction(1),
    )


def longer() -> Finding:
    """Try a larger range."""
    return check(16, 5)


CLAIM = Claim(
    id="P1-lemma-4.4",
    statement=(
        "MC-SF costs at most (1536/M) sum_o n_o sum_{o'<=o} n_o' vol_o' + "
        "24 sum_o n_o o. Proved here with 4 and 1 in place of 1536 and 24."
    ),
    source="P1, arXiv 2502.07115 v5, Lemma 4.4",
    model="all at 0, equal prompts, M >= 2 max(s + o), exact lengths",
    reading="as summarised",
    kind=Kind.LEMMA,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
    proof="docs/theory/competitive-ratios.md#mc-sf-with-equal-prompts",
)
