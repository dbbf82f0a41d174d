"""P5: how WAIT's backlog grows, critical threshold."""

from proofs_check.evidence import Finding
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.waiting import SINGLE, Load, exponent_against

LOAD = Load("wait:thresholds=1x1:4", SINGLE)


def check(last: int = 400, seeds: int = 40) -> Finding:
    """Measure the exponent of what is unfinished after T iterations."""
    return exponent_against(LOAD, 0.5, last, seeds)


def longer() -> Finding:
    """Follow longer runs."""
    return check(1600, 40)


CLAIM = Claim(
    id="P5-wait-critical",
    statement=(
        "At its threshold, DT = n/lam, WAIT's throughput falls short of the "
        "fluid by O((zT)^(-1/2)): what is unfinished grows as the root of T."
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
