"""P1, Lemma 4.5: how long MC-SF takes to start a group."""

from fractions import Fraction

from proofs_check.claims.p1_thm_4_3 import half_full
from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import volume
from proofs_check.tools.policies import mc_sf


def check(memory: int = 10, n: int = 4) -> Finding:
    """Evaluate both bounds for each group of each instance."""
    published = ours = Fraction(0)
    groups = 0
    instances = half_full(memory, n)
    for instance in instances:
        starts = mc_sf(instance)
        levels = [r.output.bit_length() for r in instance.requests]
        for level in set(levels):
            group = [i for i, k in enumerate(levels) if k == level]
            begun = [starts[i] for i in group]
            members = [instance.requests[i] for i in group]
            area = Fraction(sum(map(volume, members)), instance.memory)
            longest = max(r.output for r in members)
            span = max(begun) - min(begun)
            published = max(published, span / (192 * area + 5 * longest))
            ours = max(ours, span / (4 * area + longest))
            groups += 1
    return proved(
        f"All {groups} groups of the {len(instances)} instances with "
        f"M <= {memory}, n <= {n} and M >= 2 max(s+o): at most "
        f"{float(published):.4f} of the published bound, and "
        f"{float(ours):.4f} of (4/M) sum vol + longest.",
        {"the published bound": published <= 1, "ours": ours <= 1},
        numbers={"published": str(published), "ours": str(ours)},
        tried=groups,
        largest_ratio=ours,
        bound=Fraction(1),
    )


def longer() -> Finding:
    """Try a larger range."""
    return check(16, 5)


CLAIM = Claim(
    id="P1-lemma-4.5",
    statement=(
        "From the first to the last start of the requests with lengths in "
        "[2^l, 2^(l+1)) MC-SF takes at most (192/M) times their volume plus "
        "five times their longest output. Proved here with 4 and 1 in place "
        "of 192 and 5."
    ),
    source="P1, arXiv 2502.07115 v5, Lemma 4.5",
    model="all at 0, equal prompts, M >= 2 max(s + o), exact lengths",
    reading="as summarised",
    kind=Kind.LEMMA,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
    proof="docs/theory/competitive-ratios.md#mc-sf-with-equal-prompts",
)
