"""P1, Eq. (5): memory needs checking at completions only."""

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.schedules import usage
from proofs_check.tools.tiny import any_prompts


def check(memory: int = 4, n: int = 3) -> Finding:
    """Compare the largest usage of all rounds with that at completions."""
    tried = 0
    holds = True
    for instance in any_prompts(memory, n):
        for shift in range(4):
            starts = tuple(k * shift for k in range(len(instance.requests)))
            ends = [
                p + r.output
                for p, r in zip(starts, instance.requests, strict=True)
            ]
            every = max(
                usage(instance, starts, t) for t in range(1, max(ends) + 1)
            )
            holds &= every == max(usage(instance, starts, t) for t in ends)
            tried += 1
    return proved(
        f"The largest usage is reached at a completion in all {tried} "
        f"schedules, feasible or not, of instances with M <= {memory}, "
        f"n <= {n} whose requests start 0, 1, 2 or 3 rounds apart.",
        {"the largest usage is at a completion": holds},
        numbers={"schedules": tried},
        tried=tried,
    )


def longer() -> Finding:
    """Try a larger range."""
    return check(5, 4)


CLAIM = Claim(
    id="P1-eq-5-completions",
    statement=(
        "It is enough to test memory in the rounds in which a request "
        "completes: between completions usage only grows."
    ),
    source="P1, arXiv 2502.07115 v4/v5, the test of MC-SF, Eq. (5)",
    model="any instance",
    reading="as summarised",
    kind=Kind.LEMMA,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
    proof="docs/theory/competitive-ratios.md#memory-at-completions",
)
