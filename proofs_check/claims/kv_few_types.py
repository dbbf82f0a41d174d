"""Ours: the dynamic program for few types is exact."""

from fractions import Fraction

from proofs_check.evidence import Finding, NotCheckedError, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.kv import as_kvopt
from proofs_check.tools.tiny import any_prompts, best


def check(memory: int = 4, n: int = 3) -> Finding:
    """Compare its optimum with that of the exhaustive search."""
    try:
        from kvopt.exact import solve
    except ImportError as error:
        raise NotCheckedError(f"kvopt cannot be imported: {error}") from None
    instances = any_prompts(memory, n)[::20]
    wrong = 0
    for instance in instances:
        result = solve(as_kvopt(instance), solver="semi-online")
        wrong += result.objective != best(instance)
        wrong += result.lower_bound != best(instance)
    return proved(
        f"Every twentieth of the instances of any prompts with M <= {memory}, "
        f"n <= {n}, {len(instances)} in all: schedule and bound of kvopt's "
        "solver semi-online are the optimum found by exhaustive search.",
        {"the optimum is found": not wrong},
        tried=len(instances),
        largest_ratio=Fraction(1),
        bound=Fraction(1),
    )


def longer() -> Finding:
    """Try a larger range."""
    return check(6, 3)


CLAIM = Claim(
    id="KV-few-types",
    statement=(
        "For fixed memory an optimal schedule of K types, all present at 0, "
        "is found in time polynomial in the number of requests."
    ),
    source="ours; docs/theory/few-types.md",
    model="all at 0, any prompts, known lengths",
    reading="none: the statement is ours",
    kind=Kind.COMPLEXITY,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
    proof="docs/theory/few-types.md#theorem",
)
