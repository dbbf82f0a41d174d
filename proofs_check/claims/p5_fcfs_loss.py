"""P5: at C = M* FCFS loses a constant share of the throughput."""

from proofs_check.evidence import Finding
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.waiting import SINGLE, Load, exponent_against

LOAD = Load("staged-fcfs", SINGLE, memory=12)


def check(last: int = 400, seeds: int = 40) -> Finding:
    """Measure the exponent of what is unfinished after T iterations."""
    return exponent_against(LOAD, 1.0, last, seeds)


def longer() -> Finding:
    """Follow longer runs."""
    return check(1600, 40)


CLAIM = Claim(
    id="P5-fcfs-loss",
    statement=(
        "On some instance with C = M* the throughput gap of FCFS does not "
        "fall: what is unfinished grows in proportion to T."
    ),
    source="P5, arXiv 2504.11320, section 4.1",
    model="l = l' = 1, C = M* = 12, four Poisson arrivals an iteration",
    reading="newcomers wait for room (readings 5.3)",
    kind=Kind.THEOREM,
    strength=Strength.STATISTICAL,
    check=check,
    longer=longer,
    seed=0,
)
