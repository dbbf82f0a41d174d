"""P1, Arrival Model 1: the mean of MC-SF over the optimum."""

from proofs_check.evidence import Finding
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.ratios import mean_against


def check() -> Finding:
    """Take the means of both ends of the 200 ratios, with their errors."""
    return mean_against("model-1", 1.005)


CLAIM = Claim(
    id="P1-mean-1.005",
    statement=(
        "Over 200 instances with all requests at 0 the mean ratio of MC-SF "
        "to the hindsight optimum is 1.005."
    ),
    source="P1, arXiv 2502.07115 v4/v5, section 5, Arrival Model 1",
    model="all at 0, M ~ U30..50, n ~ U40..60, s ~ U1..5, o ~ U1..M-s",
    reading="the published distribution; no seed is published",
    kind=Kind.EXPERIMENT,
    strength=Strength.STATISTICAL,
    check=check,
    seed=0,
)
