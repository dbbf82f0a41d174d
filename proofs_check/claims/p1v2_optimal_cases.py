"""P1 v2: where shortest-first is exactly optimal after all."""

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import Instance, cost
from proofs_check.tools.lists import peak
from proofs_check.tools.policies import mc_sf
from proofs_check.tools.tiny import any_prompts, best


def constant(instance: Instance) -> bool:
    """Whether exactly the same number of requests fits, whatever runs."""
    least = sorted(r.prompt + 1 for r in instance.requests)
    most = sorted(map(peak, instance.requests), reverse=True)
    return any(
        sum(most[:k]) <= instance.memory
        and (k == len(least) or sum(least[: k + 1]) > instance.memory)
        for k in range(1, len(least) + 1)
    )


def check(memory: int = 5, n: int = 3) -> Finding:
    """Compare with the optimum wherever the conditions hold."""
    found = [i for i in any_prompts(memory, n) if constant(i)]
    wrong = [i for i in found if cost(i, mc_sf(i)) != best(i)]
    return proved(
        f"MC-SF is optimal on all {len(found)} instances with M <= {memory}, "
        f"n <= {n} on which the same number of requests fits, whatever runs.",
        {"MC-SF is optimal there": not wrong},
        numbers={"instances": len(found)},
        tried=len(found),
    )


def longer() -> Finding:
    """Try a larger range."""
    return check(6, 4)


CLAIM = Claim(
    id="P1v2-optimal-cases",
    statement=(
        "With all requests present at 0 shortest-first is exactly optimal "
        "where everything fits at once, and where the same number of "
        "requests fits, whatever runs (as with constant reservations, or "
        "with outputs of 1 and equal prompts)."
    ),
    source="P1v2, arXiv 2502.07115 v2, abstract: what remains of the claim",
    model="all at 0, known lengths, constant reservation",
    reading="the cases are ours",
    kind=Kind.THEOREM,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
    proof=(
        "docs/theory/competitive-ratios.md#where-shortest-first-is-optimal"
    ),
)
