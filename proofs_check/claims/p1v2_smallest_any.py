"""P1 v2, exact optimality with unequal prompts: smallest counterexample."""

from fractions import Fraction
from itertools import combinations_with_replacement, permutations
from typing import Any

from proofs_check.evidence import Finding, proved, refuted
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.counterexample import witness
from proofs_check.tools.instance import Request, at_zero, cost, volume
from proofs_check.tools.optimum import optimum
from proofs_check.tools.policies import mc_sf

Sizes = tuple[tuple[int, int], ...]

# Two requests are settled by the proof for every memory; up to here they are
# enumerated as well.
PROVED_TO = 8

# However equal outputs are ordered: there are none.
ANY_ORDER: Sizes = ((0, 3), (1, 1), (1, 2))
# In the worst order of equal outputs.
WORST_ORDER: Sizes = ((0, 1), (0, 1), (1, 1))


def losses(memory: int, n: int) -> tuple[int, list[Sizes], list[Sizes]]:
    """Return how many multisets of requests there are, and which lose.

    First those on which shortest-first is not optimal in some order of the
    list, then those on which it is not in any; by volume. Equal outputs are
    taken in the order of the list, so that all ties are tried.
    """
    pairs = [(s, o) for s in range(memory) for o in range(1, memory - s + 1)]
    tried = 0
    some: list[tuple[int, Sizes]] = []
    every: list[tuple[int, Sizes]] = []
    for sizes in combinations_with_replacement(pairs, n):
        tried += 1
        orders = [at_zero(memory, order) for order in set(permutations(sizes))]
        values = [cost(order, mc_sf(order)) for order in orders]
        best = optimum(orders[0])
        area = sum(volume(Request(0, *size)) for size in sizes)
        if best < max(values):
            some.append((area, sizes))
        if best < min(values):
            every.append((area, sizes))
    return tried, [x for _, x in sorted(some)], [x for _, x in sorted(every)]


def check() -> Finding:
    """Enumerate by number of requests, then memory, then volume."""
    small = 0
    for memory in range(1, PROVED_TO + 1):
        tried, some, _ = losses(memory, 2)
        small += tried
        if some:
            return refuted(f"two requests: {some[0]}.", {"lost": True})
    three = [losses(memory, 3) for memory in (1, 2, 3)]
    holds = (
        not three[0][1]
        and three[1][1][0] == WORST_ORDER
        and not three[1][2]
        and three[2][2] == [ANY_ORDER]
    )
    instance = at_zero(3, ANY_ORDER)
    best = optimum(instance)
    return proved(
        f"None among all {small} pairs with M <= {PROVED_TO}; of all "
        f"{sum(t for t, _, _ in three)} triples with M <= 3, (s,o) = "
        f"{WORST_ORDER} at M=2 loses in its worst order, and only "
        f"{ANY_ORDER} at M=3 in every order: "
        f"{cost(instance, mc_sf(instance))} against {best}.",
        {"the smallest are those stated": holds},
        tried=small + sum(t for t, _, _ in three),
        largest_ratio=Fraction(cost(instance, mc_sf(instance)), best),
    )


def makes() -> dict[str, dict[str, Any]]:
    """Return the witness of the smallest instance in every order."""
    instance = at_zero(3, ANY_ORDER)
    document = witness(
        instance, mc_sf(instance), (0, 0, 3), "mc-sf", optimal=True
    )
    return {"semi_online_any_prompts.json": document}


CLAIM = Claim(
    id="P1v2-smallest-any",
    statement=(
        "With all requests present at 0, any prompts and known lengths, "
        "shortest-first is optimal for at most two requests. The smallest "
        "instance on which it is not has three: with equal outputs in the "
        "worst order (s,o) = (0,1),(1,1),(0,1) at M=2; however they are "
        "ordered (1,1),(1,2),(0,3) at M=3. Proof of the first part, o1 <= "
        "o2: MC-SF starts the second max(0, min(o1, s1+s2+2*o1-M)) after "
        "the first; if the first completes first, nothing else is feasible "
        "sooner, and otherwise the first starts at least "
        "min(o2, s1+s2+2*o2-M) after the second."
    ),
    source="P1, arXiv 2502.07115 v2, abstract: semi-online exact optimality",
    model="all at 0, any prompts, known lengths",
    reading=(
        "[inferred] the semi-online algorithm is MC-SF with true lengths, "
        "which waits at the first request that does not fit; whether v2 "
        "allows unequal prompts is not known"
    ),
    kind=Kind.COUNTEREXAMPLE,
    strength=Strength.EXHAUSTIVE,
    check=check,
    makes=makes,
    witnesses=("semi_online_any_prompts.json",),
    proof="docs/theory/competitive-ratios.md#the-smallest-counterexamples",
)
