"""P1: stopping at the first misfit and passing over it are the same."""

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.kv import simulated
from proofs_check.tools.policies import mc_sf
from proofs_check.tools.tiny import equal_prompts


def check(memory: int = 6, n: int = 4) -> Finding:
    """Compare the ledger's MC-SF with kvopt's two variants."""
    same = agree = True
    instances = equal_prompts(memory, n)
    for instance in instances:
        plain = mc_sf(instance)
        for policy in ("mc-sf", "mc-sf:misfit=skip"):
            result = simulated(instance, policy)
            starts = [int(p) for p in result.schedule.starts(result.instance)]
            if policy == "mc-sf":
                agree &= starts == plain
            else:
                same &= starts == plain
    return proved(
        f"The same start rounds on all {len(instances)} instances of equal "
        f"prompts with M <= {memory}, n <= {n}: MC-SF written for the ledger, "
        "kvopt's, and kvopt's that passes over misfits.",
        {"both variants agree": same, "both programs agree": agree},
        tried=len(instances),
    )


def longer() -> Finding:
    """Try a larger range."""
    return check(8, 5)


CLAIM = Claim(
    id="P1-prefix-is-skip",
    statement=(
        "With equal prompts MC-SF may pass over a request that does not fit "
        "and go on: the schedule is the same."
    ),
    source="P1, arXiv 2502.07115 v4/v5, MC-SF (the variant is ours)",
    model="all at 0, equal prompts, known lengths",
    reading="the paper takes the maximal feasible prefix",
    kind=Kind.LEMMA,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
    proof="docs/theory/competitive-ratios.md#a-prefix-and-a-skip",
)
