"""P6, routing: smallest area first is unbounded on general inputs."""

from fractions import Fraction

from proofs_check.claims.p6_svf_alpha_1 import alternating, escaping
from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import cost
from proofs_check.tools.kv import latency


def check() -> Finding:
    """Run kvopt's SVF on the family of the claim P6-svf-alpha-1."""
    ratios = {}
    for a in (4, 6, 9):
        instance = alternating(a, 15)
        better = cost(instance, escaping(a, 15))
        ratios[a] = Fraction(latency(instance, "svf"), better)
    values = list(ratios.values())
    shown = ", ".join(f"{float(r):.3f} at a={a}" for a, r in ratios.items())
    return proved(
        "kvopt's SVF on the family whose two schedules are witnesses of "
        f"P6-svf-alpha-1: {shown}; every large request occupies the memory "
        "in turn while the long ones would fill it.",
        {"the ratio grows": values == sorted(values) and values[0] > 2},
        numbers={f"a={a}": str(r) for a, r in ratios.items()},
        largest_ratio=values[-1],
    )


CLAIM = Claim(
    id="P6-smallest-area",
    statement=(
        "Serving requests by ascending memory-time area has no constant "
        "ratio on general inputs."
    ),
    source="P6, arXiv 2607.09248, unbounded rules",
    model="all at 0, any prompts",
    reading=(
        "[inferred] the rule is SVF; the paper's instances, where long "
        "requests of small prompt leave memory unused, were not found"
    ),
    kind=Kind.THEOREM,
    strength=Strength.CERTIFICATE,
    check=check,
    witnesses=("svf_alpha_1_4.json", "svf_alpha_1_6.json"),
    proof="docs/theory/competitive-ratios.md#svf-at-alpha-1",
    depends_on=("P6-svf-alpha-1",),
)
