"""P5: with the memory of Theorem 2 Nested WAIT hardly ever overflows."""

from math import ceil, comb

from proofs_check.evidence import Finding, NotCheckedError, measured_below
from proofs_check.ledger import Claim, Kind, Strength

ENDS, RATES, PROMPT = (1, 3), (3, 2), 2
DELTA = 0.1


def overflows(horizon: int, seeds: int) -> tuple[int, int]:
    """Return how many runs evict, and the memory that they have."""
    try:
        import numpy as np

        from kvopt.analysis.fluid import (
            nested_required_memory,
            nested_thresholds,
        )
        from kvopt.model import Instance
        from kvopt.simulation.staged import simulate_staged
    except ImportError as error:
        raise NotCheckedError(f"kvopt cannot be imported: {error}") from None
    found = nested_thresholds(PROMPT, ENDS, RATES, 1, 0, 10**6)
    memory = ceil(
        nested_required_memory(PROMPT, ENDS, found, RATES, 1, horizon, DELTA)
    )
    policy = "nested-wait:ends={},thresholds={}".format(
        "+".join(map(str, ENDS)), "+".join(map(str, found))
    )
    evicting = 0
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        counts = rng.poisson(RATES, (horizon, 2))
        requests = [
            (t, PROMPT, output)
            for t, row in enumerate(counts)
            for output, k in zip(ENDS, row, strict=True)
            for _ in range(k)
        ]
        result = simulate_staged(Instance.of(memory, requests), policy)
        evicting += bool(result.evictions)
    return evicting, memory


def at_most(met: int, runs: int) -> float:
    """Return the largest chance with which so few are met in 1 % of cases."""
    low, high = 0.0, 1.0
    for _ in range(60):
        chance = (low + high) / 2
        few = sum(
            comb(runs, k) * chance**k * (1 - chance) ** (runs - k)
            for k in range(met + 1)
        )
        low, high = (chance, high) if few > 0.01 else (low, chance)
    return high


def check(horizon: int = 100, seeds: int = 100) -> Finding:
    """Count the runs that evict anybody."""
    met, memory = overflows(horizon, seeds)
    return measured_below(
        f"Of {seeds} runs of {horizon} iterations with the memory that the "
        f"theorem asks for, {memory} units at delta = {DELTA}, {met} evict; "
        "the interval is of the chance of an overflow, 99 %.",
        DELTA,
        met / seeds if met else 0.0,
        at_most(met, seeds),
        numbers={"overflows": met, "memory": memory},
        tried=seeds,
    )


def longer() -> Finding:
    """Follow more and longer runs."""
    return check(400, 400)


CLAIM = Claim(
    id="P5-nested-memory",
    statement=(
        "With memory M^pi + sum_k (l + l'_(k-1))(n_k + ln(m(1+zT/d0)/delta)/"
        "theta_k) Nested WAIT overflows with a chance of at most delta."
    ),
    source="P5, arXiv 2504.11320, Theorem 2",
    model="two lengths of one prompt, Poisson arrivals, d0 = 1, d1 = 0",
    reading="as written",
    kind=Kind.THEOREM,
    strength=Strength.STATISTICAL,
    check=check,
    longer=longer,
    depends_on=("P5-theta",),
    seed=0,
)
