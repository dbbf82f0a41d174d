"""P1: how mean latency grows with the number of requests, high demand."""

from proofs_check.evidence import Finding
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.slopes import slope_against


def check(requests: int = 2000, seeds: int = 5) -> Finding:
    """Measure the growth of MC-SF's mean latency over the second half."""
    return slope_against(50, 1 / 6, requests, seeds)


def longer() -> Finding:
    """Run the published number of requests."""
    return check(10_000, 10)


CLAIM = Claim(
    id="P1-slope-high",
    statement=(
        "Under high demand MC-SF's mean latency grows by about 1/6 of a "
        "second per request."
    ),
    source="P1, arXiv 2502.07115 v4/v5, section 5",
    model="10,000 LMSYS conversations, M = 16492, 50 arrivals a second",
    reading=(
        "[inferred] seconds; a synthetic sample with the published means "
        "and medians, and a clock fitted to trained profiles, readings 1.9"
    ),
    kind=Kind.EXPERIMENT,
    strength=Strength.STATISTICAL,
    check=check,
    longer=longer,
    seed=0,
)
