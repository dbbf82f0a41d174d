"""P1 v2: energy drops together with latency, by idle and peak power."""

from proofs_check.evidence import Finding
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.traces import energy_ratio


def check(requests: int = 4000, seeds: int = 5) -> Finding:
    """Divide the energy of MC-SF by that of MC-Benchmark."""
    return energy_ratio("energy", requests, seeds)


def longer() -> Finding:
    """Run the published number of requests."""
    return check(10_000, 10)


CLAIM = Claim(
    id="P1v2-energy",
    statement=(
        "With MC-SF energy falls together with latency; energy is counted "
        "by idle and peak power."
    ),
    source="P1v2, arXiv 2502.07115 v1/v2, abstract",
    model="idle and peak power, in proportion to the tokens computed",
    reading=(
        "[inferred] two A100s, 110 W idle, 800 W at 149 tokens an iteration"
    ),
    kind=Kind.EXPERIMENT,
    strength=Strength.STATISTICAL,
    check=check,
    longer=longer,
    seed=0,
)
