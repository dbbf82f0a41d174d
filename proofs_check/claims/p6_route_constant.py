"""P6: Route, which shares the time among three branches, is O(1)."""

from fractions import Fraction
from functools import partial

from proofs_check.claims import p6_largest_area as large
from proofs_check.claims import p6_rect_mixed as rect
from proofs_check.claims import p6_response_mixed as response
from proofs_check.claims import p6_svf_alpha_1 as volumes
from proofs_check.evidence import Finding, scanned
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import Instance, cost
from proofs_check.tools.kv import latency
from proofs_check.tools.tiny import any_prompts, worst_ratio

# A ratio on a family that is more than this times as large at the largest
# size as at the smallest counts as growing without bound: its rivals grow
# by a factor of 2 to 5 there.
GROWTH = Fraction(3, 2)


def families() -> dict[str, list[tuple[Instance, list[int]]]]:
    """Return families on which other rules are unbounded, by size.

    Each instance comes with a schedule to compare with.
    """
    return {
        "that of Response": [
            (response.mixed(s), response.better(s)) for s in (8, 16, 32)
        ],
        "that of Rect": [
            (rect.mixed(n), rect.better(n)) for n in (16, 64, 256)
        ],
        "that of largest area first": [
            (large.blocked(m), [1, *[0] * m]) for m in (36, 144, 400)
        ],
        "that of smallest area first": [
            (volumes.alternating(a, 2 * a), volumes.escaping(a, 2 * a))
            for a in (5, 10, 20)
        ],
    }


def check(memory: int = 5, n: int = 3) -> Finding:
    """Scan tiny instances, and follow the families on which others fail."""
    worst = worst_ratio(
        any_prompts(memory, n), partial(latency, policy="route")
    )
    wrong = []
    shown = []
    largest = worst.ratio
    tried = worst.tried
    for name, members in families().items():
        ratios = [
            Fraction(latency(instance, "route"), cost(instance, better))
            for instance, better in members
        ]
        tried += len(ratios)
        largest = max(largest, *ratios)
        shown.append(f"{name} {', '.join(f'{float(r):.2f}' for r in ratios)}")
        if ratios[-1] > GROWTH * ratios[0]:
            wrong.append(f"the ratio grows on {name}: {shown[-1]}")
    return scanned(
        f"All {worst.tried} instances with M <= {memory} and n <= {n}: at "
        f"most {float(worst.ratio):.4f} times the optimum, at "
        f"{worst.shown()}. Against a feasible schedule on three growing "
        f"sizes of the families on which other rules are unbounded: "
        f"{'; '.join(shown)}.",
        tried,
        wrong,
        numbers={"worst": str(worst.ratio), "families": "; ".join(shown)},
        largest_ratio=largest,
    )


def longer() -> Finding:
    """Try a larger range."""
    return check(7, 3)


CLAIM = Claim(
    id="P6-route-constant",
    statement=(
        "Route, which does not know lengths, has a constant ratio for any "
        "requests."
    ),
    source="P6, arXiv 2607.09248, main theorem",
    model="all at 0, any prompts, unknown lengths, restarts",
    reading=(
        "[inferred] what happens at the end of a slice, and who takes part "
        "in a phase of Response once it runs; the constant was not found"
    ),
    kind=Kind.THEOREM,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
    depends_on=("P6-rect-36", "P6-response-78.67"),
)
