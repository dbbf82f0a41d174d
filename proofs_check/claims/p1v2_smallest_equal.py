"""P1 v2, exact optimality of shortest-first: the smallest counterexample."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any, NamedTuple

from proofs_check.evidence import Finding, proved, refuted
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.counterexample import witness
from proofs_check.tools.instance import Instance, at_zero, cost, volume
from proofs_check.tools.optimum import optimum
from proofs_check.tools.policies import mc_sf

# Three requests or fewer are settled by the proof for every memory; up to
# here they are enumerated as well.
PROVED_TO = 12

FOUND = at_zero(4, [(0, 2), (0, 2), (0, 3), (0, 3)])
BETTER = (0, 2, 0, 3)
# With prompts of at least 1.
PROMPTED = at_zero(5, [(1, 1), (1, 1), (1, 3), (1, 3)])


class Loss(NamedTuple):
    """An instance on which shortest-first is not optimal."""

    volume: int
    instance: Instance
    found: int
    best: int


def instances(memory: int, n: int, least: int) -> Iterator[Instance]:
    """Yield every instance of equal prompts, up to the order of requests.

    Outputs ascend. That loses nothing: requests of equal prompt and output
    can be exchanged in any schedule, and shortest-first sorts by output.
    A prompt above ``memory - 1`` leaves no room for any output.

    Parameters
    ----------
    memory
        Capacity ``M``, in units.
    n
        Number of requests.
    least
        Smallest prompt.
    """
    for prompt in range(least, memory):
        lengths = range(1, memory - prompt + 1)
        for outputs in combinations_with_replacement(lengths, n):
            yield at_zero(memory, [(prompt, o) for o in outputs])


def losses(memory: int, n: int, least: int = 0) -> tuple[int, list[Loss]]:
    """Return the number of instances tried, and those that lose.

    Parameters
    ----------
    memory, n, least
        As in :func:`instances`.
    """
    tried, found = 0, []
    for instance in instances(memory, n, least):
        tried += 1
        starts = mc_sf(instance)
        if not any(starts):
            continue  # everybody starts at 0
        value, best = cost(instance, starts), optimum(instance)
        if best < value:
            area = sum(map(volume, instance.requests))
            found.append(Loss(area, instance, value, best))
    return tried, sorted(found)


def check() -> Finding:
    """Enumerate by number of requests, then memory, then volume."""
    small = 0
    for n in (1, 2, 3):
        for memory in range(1, PROVED_TO + 1):
            tried, lost = losses(memory, n)
            small += tried
            if lost:
                return refuted(f"n = {n}: {lost[0]}.", {"lost": True})
    four = 0
    for memory in range(1, FOUND.memory + 1):
        tried, lost = losses(memory, 4)
        four += tried
        if memory < FOUND.memory and lost:
            return refuted(f"smaller: {lost[0]}.", {"lost": True})
    first, second = lost[0], lost[1]
    prompted = [losses(m, 4, 1)[1] for m in range(1, PROMPTED.memory + 1)]
    smallest = (
        first.instance == FOUND
        and first.volume < second.volume
        and not any(prompted[:-1])
        and prompted[-1][0].instance == PROMPTED
        and prompted[-1][0].volume < prompted[-1][1].volume
    )
    other = prompted[-1][0]
    return proved(
        f"None among all {small} instances with n <= 3, M <= {PROVED_TO}; "
        f"of all {four} with n = 4, M <= {FOUND.memory} the smallest is "
        f"{_shown(first)}, next {_shown(second)}; with prompts of at least "
        f"1, none with n = 4, M < {PROMPTED.memory}, and then "
        f"{_shown(other)}.",
        {"the smallest is the one stated": smallest},
        tried=small + four,
        largest_ratio=Fraction(first.found, first.best),
    )


def makes() -> dict[str, dict[str, Any]]:
    """Return the witness of the smallest instance."""
    document = witness(FOUND, mc_sf(FOUND), BETTER, "mc-sf", optimal=True)
    return {"semi_online_smallest.json": document}


def _shown(loss: Loss) -> str:
    outputs = ",".join(str(r.output) for r in loss.instance.requests)
    prompt = loss.instance.requests[0].prompt
    return (
        f"s={prompt}, M={loss.instance.memory}, o=({outputs}) of volume "
        f"{loss.volume}, {loss.found} against {loss.best}"
    )


CLAIM = Claim(
    id="P1v2-smallest-equal",
    statement=(
        "With all requests present at 0, equal prompts and known lengths, "
        "shortest-first is optimal for at most three requests, and the "
        "smallest instance on which it is not, by number of requests, then "
        "memory, then volume, is s=0, M=4, o=(2,2,3,3). Proof of the first "
        "part: write P = s+o, o1 <= o2 <= o3, g(o) = min(o, 2(s+o)-M), which "
        "rises with o. Memory at the completion of i forces on whoever "
        "completes later a start at least g(o_i) after that of i, and if "
        "both others have started by then their starts sum to at least "
        "3P_i - M plus twice that of i. MC-SF starts at 0, "
        "p = max(0, g(o1)) and max(p, p+g(o2), min(o1, 3P1-p-M)). In any "
        "other schedule let i, j, k be the order of completion: both later "
        "starts are at least p, that of k at least that of j plus g(o_j); "
        "and either one of them is at least o_i >= o1 and the other at "
        "least p, or they sum to at least 3P1-M. In each of the three cases "
        "of the maximum the starts sum to at least those of MC-SF."
    ),
    source="P1, arXiv 2502.07115 v2, abstract: semi-online exact optimality",
    model="all at 0, equal prompts, known lengths",
    reading=(
        "[inferred] the semi-online algorithm is MC-SF with true lengths; "
        "prompts of 0 are allowed"
    ),
    kind=Kind.COUNTEREXAMPLE,
    strength=Strength.EXHAUSTIVE,
    check=check,
    makes=makes,
    witnesses=("semi_online_smallest.json",),
    proof="docs/theory/competitive-ratios.md#the-smallest-counterexamples",
)
