"""P5: how WAIT's backlog grows with two types and slack."""

from proofs_check.evidence import Finding
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.waiting import Load, exponent_against

LOAD = Load("wait:thresholds=1x1:4+2x3:3", ((3, 1, 1), (2, 2, 3)))


def check(last: int = 400, seeds: int = 40) -> Finding:
    """Measure the exponent of what is unfinished after T iterations."""
    return exponent_against(LOAD, 0.0, last, seeds)


def longer() -> Finding:
    """Follow longer runs."""
    return check(1600, 40)


CLAIM = Claim(
    id="P5-wait-types",
    statement=(
        "With several types and strict slack WAIT's throughput falls short of "
        "the fluid by O(1/(zT)): what is unfinished stays bounded."
    ),
    source="P5, arXiv 2504.11320, Theorem 1",
    model="two types, Poisson arrivals, iterations of constant length",
    reading="the gap times T is the mean number of unfinished requests",
    kind=Kind.THEOREM,
    strength=Strength.STATISTICAL,
    check=check,
    longer=longer,
    seed=0,
)
