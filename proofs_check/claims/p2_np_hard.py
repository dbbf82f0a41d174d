"""P2, hardness: the reduction from 3-Partition."""

from itertools import combinations, combinations_with_replacement

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import at_zero
from proofs_check.tools.optimum import optimum

# All inputs with m triples and this bound B are tried.
CASES = (
    (1, 12),
    (2, 12),
    (2, 16),
    (2, 20),
    (2, 24),
    (3, 16),
    (3, 20),
    (3, 22),
)


def inputs(m: int, bound: int) -> list[tuple[int, ...]]:
    """Return every 3-Partition input: 3m numbers of sum ``m*bound``.

    Each number ``x`` satisfies ``bound/4 < x < bound/2``.
    """
    numbers = [x for x in range(bound) if bound < 4 * x < 2 * bound]
    return [
        chosen
        for chosen in combinations_with_replacement(numbers, 3 * m)
        if sum(chosen) == m * bound
    ]


def partitionable(numbers: tuple[int, ...], bound: int) -> bool:
    """Whether the numbers fall into triples of sum ``bound``."""
    if not numbers:
        return True
    first, others = numbers[0], numbers[1:]
    for i, j in combinations(range(len(others)), 2):
        if first + others[i] + others[j] != bound:
            continue
        rest = tuple(x for k, x in enumerate(others) if k not in (i, j))
        if partitionable(rest, bound):
            return True
    return False


def check() -> Finding:
    """Compare the optimum with ``3m(m+1)/2`` on every input of the cases."""
    counts = {True: 0, False: 0}
    for m, bound in CASES:
        least = 3 * m * (m + 1) // 2
        for numbers in inputs(m, bound):
            answer = partitionable(numbers, bound)
            tel = optimum(at_zero(bound + 3, [(x, 1) for x in numbers]))
            if tel < least or (tel == least) is not answer:
                where = (
                    f"m={m}, B={bound}, x={numbers}: optimum {tel}, "
                    f"3m(m+1)/2 = {least}, partition: {answer}"
                )
                return proved("All inputs in turn.", {where: False})
            counts[answer] += 1
    cases = ", ".join(f"({m},{bound})" for m, bound in CASES)
    return proved(
        f"All {counts[True]} yes and {counts[False]} no inputs with (m,B) "
        f"in {cases}: optimum by exhaustive search, partition by "
        "enumeration.",
        {"optimum and partition agree": True},
        numbers={"yes": counts[True], "no": counts[False]},
        tried=sum(counts.values()),
    )


CLAIM = Claim(
    id="P2-np-hard",
    statement=(
        "3m numbers x with B/4 < x < B/2 and sum m*B split into triples of "
        "sum B exactly when the requests (s=x, o=1) with M = B+3 have total "
        "latency 3m(m+1)/2. Proof: a round holds at most three of them, and "
        "three only if their sum is at most B; so at most three complete a "
        "round, and the bound is met only by m rounds of exactly three."
    ),
    source=(
        "P2, arXiv 2508.06133 v3, abstract: NP-hardness (its own source "
        "problem was not found)"
    ),
    model="all at 0, outputs of 1, any prompts",
    reading="[inferred] the reduction is ours",
    kind=Kind.COMPLEXITY,
    strength=Strength.EXHAUSTIVE,
    check=check,
    proof="docs/theory/lower-bounds.md#np-hardness",
)
