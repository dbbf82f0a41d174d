"""P1 v2: energy drops together with latency, by FLOP utilisation."""

from proofs_check.evidence import Finding
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.traces import energy_ratio


def check(requests: int = 4000, seeds: int = 5) -> Finding:
    """Divide the energy of MC-SF by that of MC-Benchmark."""
    return energy_ratio("energy_flops", requests, seeds)


def longer() -> Finding:
    """Run the published number of requests."""
    return check(10_000, 10)


CLAIM = Claim(
    id="P1v2-energy-flops",
    statement=(
        "With MC-SF energy falls together with latency; energy is counted "
        "by FLOP utilisation."
    ),
    source="P1v2, arXiv 2502.07115 v1/v2, abstract",
    model="power as a power of the FLOP utilisation",
    reading=(
        "[inferred] the model of arXiv 2601.17855: 100 + 300 (u/0.45)^0.7 W "
        "each, at most 400"
    ),
    kind=Kind.EXPERIMENT,
    strength=Strength.STATISTICAL,
    check=check,
    longer=longer,
    seed=0,
)
