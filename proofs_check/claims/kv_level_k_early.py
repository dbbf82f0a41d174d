"""Ours: rows of level k that count before a start are false."""

from proofs_check.evidence import Finding, refuted
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import at_zero, overload
from proofs_check.tools.levels import count, count_unconditional

INSTANCE = at_zero(5, [(0, 4), (1, 3), (2, 2)])
STARTS = (0, 4, 7)
LEVEL, ROUND = 2, 7


def check() -> Finding:
    """Count on a feasible schedule."""
    found = count_unconditional(INSTANCE, STARTS, LEVEL, ROUND)
    proper = count(INSTANCE, STARTS, LEVEL, ROUND)
    return refuted(
        "M=5, (s,o) = (0,4),(1,3),(2,2) started at 0, 4, 7: the counts of "
        f"level {LEVEL} at round {ROUND} sum to {found}; with counts from "
        f"the start on only, to {proper}.",
        {
            "the schedule is feasible": not overload(INSTANCE, STARTS),
            "the sum exceeds k": found > LEVEL >= proper,
        },
        numbers={"sum": found},
    )


CLAIM = Claim(
    id="KV-level-k-early",
    statement=(
        "The rows of level k hold as well when a request counts by "
        "P - (c - t) > q M/(k+1) before it has started."
    ),
    source="ours; a conjecture of this project, docs/theory/level-k.md",
    model="any instance",
    reading="it does hold where smax*(k+1) < M",
    kind=Kind.COUNTEREXAMPLE,
    strength=Strength.CERTIFICATE,
    check=check,
    proof="docs/theory/level-k.md#the-variant-that-is-false",
)
