"""Ours: MC-SF is within 2 on identical requests, and 2 is approached."""

from fractions import Fraction

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import at_zero, cost, overload
from proofs_check.tools.policies import mc_sf
from proofs_check.tools.scans import identical
from proofs_check.tools.tiny import pays, worst_ratio


def check(memory: int = 10, n: int = 7) -> Finding:
    """Compare with the optimum, and follow the family that approaches 2."""
    worst = worst_ratio(identical(memory, n), pays(mc_sf))
    ratios = []
    pipelines = True
    for o in (3, 5, 9):
        instance = at_zero(o * (o + 1) // 2, [(0, o)] * (8 * o))
        one_a_round = list(range(8 * o))
        pipelines &= not overload(instance, one_a_round)
        paid = cost(instance, mc_sf(instance))
        ratios.append(Fraction(paid, cost(instance, one_a_round)))
    shown = ", ".join(f"{float(r):.4f}" for r in ratios)
    return proved(
        f"All {worst.tried} instances with M <= {memory}, n <= {n}: at most "
        f"{float(worst.ratio):.4f}, at {worst.shown()}. On s=0, M=o(o+1)/2 "
        f"with 8o requests at least {shown} for o = 3, 5, 9; 2o/(o+1) in the "
        "limit.",
        {
            "within 2": worst.ratio < 2,
            "one start a round fits": pipelines,
            "the family grows": ratios == sorted(ratios),
        },
        numbers={"worst": str(worst.ratio), "family": shown},
        tried=worst.tried,
        largest_ratio=max(worst.ratio, *ratios),
        bound=Fraction(2),
    )


def longer() -> Finding:
    """Try a larger range."""
    return check(14, 9)


CLAIM = Claim(
    id="KV-identical-2",
    statement=(
        "On identical requests, all present at 0, MC-SF costs less than "
        "twice the optimum, and 2 cannot be replaced by a smaller constant."
    ),
    source="ours; docs/identical-requests.md",
    model="all at 0, identical requests",
    reading="none: the statement is ours",
    kind=Kind.THEOREM,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
    proof=(
        "docs/identical-requests.md#mc-sf-is-within-2-and-2-is-the-supremum"
    ),
)
