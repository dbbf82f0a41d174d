"""Ours: the rows of level k hold in every feasible schedule."""

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.levels import count
from proofs_check.tools.schedules import all_schedules


def check(memory: int = 5, n: int = 3, slack: int = 1) -> Finding:
    """Count at every round of every feasible schedule, for k = 1, 2, 3."""
    schedules = rows = tight = 0
    holds = True
    for instance, starts in all_schedules(memory, n, slack):
        schedules += 1
        last = max(
            p + r.output
            for p, r in zip(starts, instance.requests, strict=True)
        )
        for k in (1, 2, 3):
            for t in range(1, last + 2):
                found = count(instance, starts, k, t)
                holds &= found <= k
                tight += found == k
                rows += 1
    return proved(
        f"All {rows} rows of k = 1, 2, 3 on the {schedules} feasible "
        f"schedules of {n} requests with M <= {memory} and starts up to the "
        f"longest output plus {slack}; equality in {tight}. The dual bound "
        "that rests on such rows is verified by the checker.",
        {"counts are at most k": holds},
        numbers={"rows": rows, "tight": tight},
        tried=schedules,
    )


def longer() -> Finding:
    """Try a larger range."""
    return check(6, 3, 2)


CLAIM = Claim(
    id="KV-level-k",
    statement=(
        "In every feasible schedule and every round the counts of level k "
        "sum to at most k, where a request counts by how many shares of "
        "M/(k+1) it holds, and for a while after its completion."
    ),
    source="ours; docs/theory/level-k.md",
    model="any instance",
    reading="none: the statement is ours",
    kind=Kind.LEMMA,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
    proof="docs/theory/level-k.md#rows-of-level-k",
    depends_on=("KV-completion-gap",),
)
