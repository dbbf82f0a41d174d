"""P1, Arrival Model 2: the mean of MC-SF over the optimum."""

from proofs_check.evidence import Finding
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.ratios import mean_against


def check() -> Finding:
    """Take the means of both ends of the 200 ratios, with their errors."""
    return mean_against("model-2", 1.047)


CLAIM = Claim(
    id="P1-mean-1.047",
    statement=(
        "Over 200 instances with Poisson arrivals the mean ratio of MC-SF to "
        "the hindsight optimum is 1.047."
    ),
    source="P1, arXiv 2502.07115 v4/v5, section 5, Arrival Model 2",
    model="Poisson arrivals over T ~ U40..60 rounds, rate ~ U[0.5, 1.5]",
    reading="the published distribution; no seed is published",
    kind=Kind.EXPERIMENT,
    strength=Strength.STATISTICAL,
    check=check,
    seed=0,
)
