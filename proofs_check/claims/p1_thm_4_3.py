"""P1, Theorem 4.3: MC-SF has a constant ratio; 5 is proved here."""

from fractions import Fraction

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import Instance
from proofs_check.tools.lists import pairwise_area, peak, waiting_sum
from proofs_check.tools.policies import mc_sf
from proofs_check.tools.tiny import equal_prompts, pays, worst_ratio


def half_full(memory: int, n: int) -> tuple[Instance, ...]:
    """Return the instances of a range that satisfy ``M >= 2 max peak``."""
    return tuple(
        instance
        for instance in equal_prompts(memory, n)
        if 2 * max(map(peak, instance.requests)) <= instance.memory
    )


def check(memory: int = 9, n: int = 4) -> Finding:
    """Compare MC-SF with the optimum, and its waiting with the area."""
    instances = half_full(memory, n)
    worst = worst_ratio(instances, pays(mc_sf))
    waits = all(
        waiting_sum(i, mc_sf(i)) <= 4 * pairwise_area(i) for i in instances
    )
    return proved(
        f"All {worst.tried} instances with M <= {memory}, n <= {n} and "
        f"M >= 2 max(s+o): at most {float(worst.ratio):.4f} times the "
        f"optimum, met at {worst.shown()}; all waiting together is at most "
        "four times the area bound, as in the proof.",
        {
            "MC-SF is within 5": worst.ratio <= 5,
            "waiting is within 4 area bounds": waits,
        },
        numbers={"worst": str(worst.ratio)},
        tried=worst.tried,
        largest_ratio=worst.ratio,
        bound=Fraction(5),
    )


def longer() -> Finding:
    """Try a larger range."""
    return check(12, 5)


CLAIM = Claim(
    id="P1-thm-4.3",
    statement=(
        "If all requests are present at 0 with equal prompts, exact lengths "
        "and M >= 2 max(s+o), then MC-SF is O(1)-competitive. The paper's "
        "constant is 9216; here 5 is proved."
    ),
    source="P1, arXiv 2502.07115 v4/v5, Theorem 4.3",
    model="all at 0, equal prompts, M >= 2 max(s + o), exact lengths",
    reading="as stated; over-estimates are the claim P1-app-B.3",
    kind=Kind.THEOREM,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
    proof=("docs/theory/competitive-ratios.md#mc-sf-with-equal-prompts"),
    depends_on=("P6-svf-ratio",),
)
