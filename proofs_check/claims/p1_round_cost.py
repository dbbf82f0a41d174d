"""P1: a decision of MC-SF takes O(M^2) steps, however many wait."""

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import Instance, at_zero
from proofs_check.tools.policies import mc_sf
from proofs_check.tools.tiny import equal_prompts


def most_active(instance: Instance) -> int:
    """Return the most requests that run in a round under MC-SF."""
    pairs = list(zip(instance.requests, mc_sf(instance), strict=True))
    return max(
        sum(p < t <= p + r.output for r, p in pairs)
        for t in range(1, max(p + r.output for r, p in pairs) + 1)
    )


def check(memory: int = 7, n: int = 4) -> Finding:
    """Count what runs, and what starts in a round."""
    holds = True
    tried = 0
    many = at_zero(memory, [(0, 1)] * (5 * memory))
    for instance in (*equal_prompts(memory, n), many):
        starts = mc_sf(instance)
        started = max(starts.count(t) for t in set(starts))
        holds &= max(most_active(instance), started) <= instance.memory
        tried += 1
    return proved(
        f"All {tried - 1} instances of equal prompts with M <= {memory}, n "
        f"<= {n}, and {5 * memory} requests of one unit: never more than M "
        "run or start in a round.",
        {"at most M run and start": holds},
        tried=tried,
    )


CLAIM = Claim(
    id="P1-round-cost",
    statement=(
        "A decision of MC-SF takes O(M^2) steps, whatever the number of "
        "requests that wait."
    ),
    source="P1, arXiv 2502.07115 v4/v5, section 4",
    model="any instance, waiting requests kept sorted",
    reading="sorting a request when it arrives is not counted",
    kind=Kind.COMPLEXITY,
    strength=Strength.EXHAUSTIVE,
    check=check,
    proof="docs/theory/competitive-ratios.md#the-cost-of-a-decision",
)
