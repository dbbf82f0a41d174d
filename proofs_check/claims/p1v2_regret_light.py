"""P1 v2: where the regret per request is bounded."""

from fractions import Fraction

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.policies import mc_sf
from proofs_check.tools.schedules import usage
from proofs_check.tools.tiny import any_prompts


def check(memory: int = 5, n: int = 3) -> Finding:
    """Check that the remaining output falls while somebody waits."""
    rounds = tried = 0
    busy = True
    for instance in any_prompts(memory, n):
        for gap in (0, 1, 3):
            later = instance._replace(
                requests=tuple(
                    r._replace(arrival=gap * k)
                    for k, r in enumerate(instance.requests)
                )
            )
            starts = tuple(mc_sf(later))
            tried += 1
            for t in range(max(starts)):
                waits = any(
                    r.arrival <= t < p
                    for r, p in zip(later.requests, starts, strict=True)
                )
                if waits:
                    busy &= usage(later, starts, t + 1) > 0
                    rounds += 1
    return proved(
        f"In each of the {rounds} rounds in which somebody waits something "
        f"runs, on {tried} instances with M <= {memory}, n <= {n} and "
        "arrivals 0, 1 or 3 rounds apart; the rest is the queue with one "
        "server of the proof.",
        {"something runs while somebody waits": busy},
        numbers={"rounds": rounds},
        tried=tried,
        largest_ratio=Fraction(1),
    )


CLAIM = Claim(
    id="P1v2-regret-light",
    statement=(
        "If sum rate*o < 1, the regret of MC-SF per request stays bounded as "
        "the horizon grows; it does not tend to 0."
    ),
    source="P1v2, arXiv 2502.07115 v2, abstract: what remains of the claim",
    model="Poisson arrivals of finitely many types",
    reading="[inferred] the condition and the proof are ours",
    kind=Kind.THEOREM,
    strength=Strength.EXHAUSTIVE,
    check=check,
    proof="docs/claims/constant-regret.md#proposition-c-when-it-is-bounded",
)
