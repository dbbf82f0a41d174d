"""P6, the area lower bound on the total latency."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations_with_replacement

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import Instance, Request, volume
from proofs_check.tools.optimum import optimum

# (largest memory, largest number of requests, last arrival): all instances.
RANGES = ((4, 4, 0), (6, 3, 0), (3, 3, 2), (4, 2, 3))


def instances(memory: int, n: int, last: int) -> Iterator[Instance]:
    """Yield every instance of exactly this memory and number of requests.

    Parameters
    ----------
    memory
        Capacity ``M``, in units.
    n
        Number of requests.
    last
        Last round of arrival; the first is 0.
    """
    requests = [
        Request(a, s, o)
        for a in range(last + 1)
        for s in range(memory)
        for o in range(1, memory - s + 1)
    ]
    for chosen in combinations_with_replacement(requests, n):
        if chosen[0].arrival == 0:
            yield Instance(memory, chosen)


def area(instance: Instance) -> Fraction:
    """Return the bound: least ``sum(C_i - a_i)`` on a machine of speed M.

    The machine may be given to any request that has arrived, and works on
    the one with the least work left, of ``vol_i`` at first. With all
    arrivals at 0 this is ``(1/M) sum_j sum_{i<=j} vol_(i)``.
    """
    left = {
        i: Fraction(volume(r), instance.memory)
        for i, r in enumerate(instance.requests)
    }
    arrivals = sorted({r.arrival for r in instance.requests})
    now = Fraction(0)
    total = Fraction(0)
    while left:
        here = [i for i in left if instance.requests[i].arrival <= now]
        coming = [a for a in arrivals if a > now]
        if not here:
            now = Fraction(coming[0])
            continue
        shortest = min(here, key=lambda i: (left[i], i))
        until = now + left[shortest]
        if coming and coming[0] < until:
            left[shortest] = until - coming[0]
            now = Fraction(coming[0])
            continue
        now = until
        del left[shortest]
        total += now - instance.requests[shortest].arrival
    return total


def check() -> Finding:
    """Compare the bound with the optimum on every instance of the ranges."""
    tried = tight = 0
    for most_memory, most, last in RANGES:
        for memory in range(1, most_memory + 1):
            for n in range(1, most + 1):
                for instance in instances(memory, n, last):
                    best, bound = optimum(instance), area(instance)
                    if bound > best:
                        where = f"{instance!r}: bound {bound}, optimum {best}"
                        return proved("All in turn.", {where: False})
                    tried += 1
                    tight += bound > best - 1
    ranges = "; ".join(f"M <= {m}, n <= {n}, a <= {a}" for m, n, a in RANGES)
    return proved(
        f"At most the optimum, by exhaustive search, on all {tried} "
        f"instances with {ranges}; rounded up it is equal on {tight}.",
        {"the bound is never above the optimum": True},
        numbers={"tight": tight},
        tried=tried,
    )


CLAIM = Claim(
    id="P6-prop-3.1",
    statement=(
        "No schedule has a total latency below that of a preemptive machine "
        "of speed M with works vol_i = s_i*o_i + o_i*(o_i+1)/2; with all "
        "requests at 0, (1/M) sum_j sum_{i<=j} vol_(i), volumes ascending. "
        "Proof: request i holds vol_i units of memory times rounds between "
        "a_i and c_i, all together at most M a round, so the machine can "
        "finish each no later; shortest remaining work first is optimal "
        "there."
    ),
    source=(
        "P6, arXiv 2606.22327, Proposition 3.1 (all requests at 0); "
        "Schrage 1968 for the machine"
    ),
    model="any instance",
    reading="[inferred] the extension to arrivals is ours",
    kind=Kind.LEMMA,
    strength=Strength.EXHAUSTIVE,
    check=check,
    witnesses=("small_15_instance.json", "small_15_area.json"),
    proof="docs/theory/competitive-ratios.md#the-area-bound",
)
