"""P5: at C = M* delays grow as the root of time, whatever the policy."""

from fractions import Fraction
from math import exp, lgamma, log, pi, sqrt

from proofs_check.evidence import Finding, NotCheckedError, proved
from proofs_check.ledger import Claim, Kind, Strength

POLICIES = ("staged-fcfs", "wait:thresholds=1x1:4", "nested-wait:thresholds=4")
RATE = 4


def most_completed(policy: str, rounds: int, seed: int) -> Fraction:
    """Return the largest ratio of completions to ``lam t`` over all ``t``."""
    try:
        import numpy as np

        from kvopt.model import Instance
        from kvopt.simulation.staged import simulate_staged
    except ImportError as error:
        raise NotCheckedError(f"kvopt cannot be imported: {error}") from None
    counts = np.random.default_rng(seed).poisson(RATE, rounds)
    requests = [(t, 1, 1) for t, k in enumerate(counts) for _ in range(k)]
    # l = l' = 1 holds 1 and 2 units: w = 3, and M* = 4 * 3.
    result = simulate_staged(Instance.of(12, requests), policy)
    done, worst = 0, Fraction(0)
    for end, completed in sorted(result.completions()):
        done += completed
        worst = max(worst, Fraction(done, RATE * end))
    return worst


def excess(mean: int) -> float:
    """Return the mean of ``(N - m)^+`` for a Poisson ``N`` of mean ``m``."""
    return exp((mean + 1) * log(mean) - mean - lgamma(mean + 1))


def check(rounds: int = 300, seeds: int = 5) -> Finding:
    """Compare completions with what arrives, and evaluate the excess."""
    worst = max(
        most_completed(policy, rounds, seed)
        for policy in POLICIES
        for seed in range(seeds)
    )
    means = (10, 100, 1000, 10**4, 10**6)
    roots = [excess(m) / sqrt(m / (2 * pi)) for m in means]
    near = all(
        1 - 1 / (12 * m) - 1e-6 <= root <= 1
        for m, root in zip(means, roots, strict=True)
    )
    tried = len(POLICIES) * seeds
    return proved(
        f"{tried} runs of {', '.join(POLICIES)} on l = l' = 1, C = M* = 12, "
        f"{rounds} iterations with four Poisson arrivals: completions by t "
        f"are at most {float(worst):.4f} of lam t at every t; the mean of "
        "(N - m)^+ is between 1 - 1/(12m) and 1 times sqrt(m/(2 pi)) at m = "
        "10 to 1,000,000.",
        {"no policy completes more": worst <= 1, "the excess": near},
        numbers={"largest share": str(worst)},
        tried=tried,
        largest_ratio=worst,
        bound=Fraction(1),
    )


CLAIM = Claim(
    id="P5-delays-lower",
    statement=(
        "At C = M* every policy has mean delays of order at least (zT)^(1/2): "
        "by time t at most lam t prompts complete, and arrivals exceed lam t "
        "by the root of t."
    ),
    source="P5, arXiv 2504.11320, lower bound beside Theorem 1",
    model="one type, Poisson arrivals, C = M*, any policy",
    reading=(
        "as written; here also for policies that know all arrivals, and "
        "without the condition that the throughput gap vanishes"
    ),
    kind=Kind.THEOREM,
    strength=Strength.SYMBOLIC,
    check=check,
    seed=0,
    proof=(
        "docs/theory/fluid.md#nobody-completes-more-than-arrives-on-average"
    ),
    depends_on=("P5-equilibrium",),
)
