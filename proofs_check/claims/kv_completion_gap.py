"""Ours: completions are apart by a gap that the peaks force."""

from itertools import permutations

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.lists import peak
from proofs_check.tools.schedules import all_schedules


def check(memory: int = 5, n: int = 3, slack: int = 1) -> Finding:
    """Evaluate the inequality for each pair of every feasible schedule."""
    schedules = pairs = tight = 0
    holds = True
    for instance, starts in all_schedules(memory, n, slack):
        schedules += 1
        ends = [
            (p + r.output, r)
            for p, r in zip(starts, instance.requests, strict=True)
        ]
        for (c, first), (d, second) in permutations(ends, 2):
            if c <= d:
                least = min(
                    second.output,
                    peak(first) + peak(second) - instance.memory,
                )
                holds &= d - c >= least
                tight += d - c == least
                pairs += 1
    return proved(
        f"All {pairs} pairs of the {schedules} feasible schedules of "
        f"{n} requests with M <= {memory} and starts up to the longest "
        f"output plus {slack}; equality in {tight}.",
        {"the inequality": holds},
        numbers={"pairs": pairs, "tight": tight},
        tried=schedules,
    )


def longer() -> Finding:
    """Try a larger range."""
    return check(6, 3, 2)


CLAIM = Claim(
    id="KV-completion-gap",
    statement=(
        "In every feasible schedule, if i completes no later than j then the "
        "completions are at least min(o_j, P_i + P_j - M) apart, with peaks "
        "P = s + o."
    ),
    source="ours; docs/theory/level-k.md",
    model="any instance",
    reading="none: the statement is ours",
    kind=Kind.LEMMA,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
    proof="docs/theory/level-k.md#completion-gaps",
)
