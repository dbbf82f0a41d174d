"""P5: how Nested WAIT's backlog grows."""

from proofs_check.evidence import Finding
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.waiting import Load, exponent_against

LOAD = Load("nested-wait:ends=1+3,thresholds=6+3", ((3, 2, 1), (2, 2, 3)))


def check(last: int = 400, seeds: int = 40) -> Finding:
    """Measure the exponent of what is unfinished after T iterations."""
    return exponent_against(LOAD, 0.0, last, seeds)


def longer() -> Finding:
    """Follow longer runs."""
    return check(1600, 40)


CLAIM = Claim(
    id="P5-nested-slack",
    statement=(
        "Nested WAIT, which does not know lengths, falls short of the fluid "
        "throughput by O(1/(zT)): what is unfinished stays bounded."
    ),
    source="P5, arXiv 2504.11320, Theorem 2",
    model="two lengths of one prompt, Poisson arrivals, ample memory",
    reading="the gap times T is the mean number of unfinished requests",
    kind=Kind.THEOREM,
    strength=Strength.STATISTICAL,
    check=check,
    longer=longer,
    seed=0,
)
