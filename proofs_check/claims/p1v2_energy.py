"""P1 v2: energy drops together with latency, by idle and peak power."""

from proofs_check.evidence import Finding, measured_below
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.intervals import mean_interval
from proofs_check.tools.traces import run_trace


def check(requests: int = 4000, seeds: int = 5) -> Finding:
    """Divide the energy of MC-SF by that of MC-Benchmark."""
    ratios = []
    faster = 0
    for seed in range(seeds):
        ours = run_trace("mc-sf", requests, 50, seed)
        other = run_trace("mc-benchmark", requests, 50, seed)
        ratios.append(ours.energy / other.energy)
        faster += ours.latency < other.latency
    low, high = mean_interval(ratios)
    return measured_below(
        f"{seeds} samples of {requests} lmsys-like requests at 50 a second, "
        "energy of MC-SF over that of MC-Benchmark, which keeps the order "
        f"of arrival; MC-SF's mean latency is lower in {faster} of them.",
        1.0,
        low,
        high,
        numbers={f"seed {k}": f"{r:.3f}" for k, r in enumerate(ratios)},
        tried=seeds,
    )


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
