"""P5: how WAIT's backlog grows, slack threshold."""

from proofs_check.evidence import Finding
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.waiting import SINGLE, Load, exponent_against

LOAD = Load("wait:thresholds=1x1:5", SINGLE)


def check(last: int = 400, seeds: int = 40) -> Finding:
    """Measure the exponent of what is unfinished after T iterations."""
    return exponent_against(LOAD, 0.0, last, seeds)


def longer() -> Finding:
    """Follow longer runs."""
    return check(1600, 40)


CLAIM = Claim(
    id="P5-wait-slack",
    statement=(
        "With strict slack, DT < n/lam, WAIT's throughput falls short of the "
        "fluid by O(1/(zT)): what is unfinished stays bounded."
    ),
    source="P5, arXiv 2504.11320, Theorem 1",
    model="one type, Poisson arrivals, iterations of constant length, d1 = 0",
    reading="the gap times T is the mean number of unfinished requests",
    kind=Kind.THEOREM,
    strength=Strength.STATISTICAL,
    check=check,
    longer=longer,
    seed=0,
)
