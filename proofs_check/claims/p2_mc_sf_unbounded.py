"""P2: MC-SF and FCFS have no constant ratio, also with the look-ahead."""

from fractions import Fraction
from typing import Any

from proofs_check.claims.p2_fcfs_sf_unbounded import (
    escaped,
    escaping_starts,
    trap,
    trapped,
)
from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.counterexample import witness
from proofs_check.tools.instance import cost
from proofs_check.tools.lists import serve_list
from proofs_check.tools.policies import mc_sf

RULES = {"mc-sf": lambda r: r.output, "mc-benchmark": lambda r: 0}
KEPT = 8  # M = 192


def check() -> Finding:
    """Compare both rules with the formula on the trap."""
    agree = True
    for q in (2, 3, 5, 8):
        instance = trap(3 * q * q, 2 * q)
        expected = trapped(q * q, 2 * q)
        agree &= cost(instance, mc_sf(instance)) == expected
        for key in RULES.values():
            agree &= cost(instance, serve_list(instance, key)) == expected
    ratio = Fraction(trapped(KEPT**2, 2 * KEPT), escaped(KEPT**2, 2 * KEPT))
    return proved(
        "Shortest first and arrival order, each with the look-ahead, cost "
        "what the formula says at M = 12, 27, 75, 192: the trap of the claim "
        "P2-fcfs-sf-unbounded catches them too, so the ratio is at least "
        f"sqrt(M/12); {float(ratio):.3f} at M = {3 * KEPT**2}.",
        {"simulation and formula agree": agree},
        numbers={"ratio": str(ratio)},
        largest_ratio=ratio,
    )


def makes() -> dict[str, dict[str, Any]]:
    """Return the witness of each rule."""
    instance = trap(3 * KEPT**2, 2 * KEPT)
    better = escaping_starts(KEPT**2, 2 * KEPT)
    return {
        f"trap_{rule}.json": witness(
            instance, serve_list(instance, key), better, rule
        )
        for rule, key in RULES.items()
    }


CLAIM = Claim(
    id="P2-mc-sf-unbounded",
    statement=(
        "With different prompts MC-SF is worse than the optimum by a factor "
        "of order at least sqrt(M); so is arrival order with the look-ahead."
    ),
    source="P2, arXiv 2508.06133, lower bounds of FCFS and shortest first",
    model="all at 0, any prompts, known lengths",
    reading="[inferred] the family is ours; the paper's was not found",
    kind=Kind.THEOREM,
    strength=Strength.CERTIFICATE,
    check=check,
    makes=makes,
    witnesses=tuple(f"trap_{rule}.json" for rule in RULES),
    proof="docs/theory/lower-bounds.md#the-trap",
    depends_on=("P2-fcfs-sf-unbounded",),
)
