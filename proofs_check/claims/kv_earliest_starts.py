"""Ours: some order of earliest starts is optimal? It is not."""

from fractions import Fraction
from itertools import permutations
from typing import Any

from proofs_check.evidence import Finding, refuted
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.counterexample import witness
from proofs_check.tools.instance import Instance, Request, cost, overload
from proofs_check.tools.optimum import optimum

INSTANCE = Instance(8, (Request(0, 1, 5), Request(0, 1, 3), Request(2, 3, 1)))
BETTER = (1, 0, 3)


def earliest(order: tuple[int, ...]) -> list[int]:
    """Start the requests of an order one after the other, each earliest."""
    starts: dict[int, int] = {}
    for i in order:
        start = INSTANCE.requests[i].arrival
        while True:
            placed = starts | {i: start}
            chosen = Instance(
                INSTANCE.memory, tuple(INSTANCE.requests[j] for j in placed)
            )
            if not overload(chosen, list(placed.values())):
                break
            start += 1
        starts[i] = start
    return [starts[i] for i in range(len(INSTANCE.requests))]


def check() -> Finding:
    """Try all orders, and all schedules."""
    found = {
        order: cost(INSTANCE, earliest(order))
        for order in permutations(range(3))
    }
    best = optimum(INSTANCE)
    return refuted(
        f"M=8, (a,s,o) = (0,1,5),(0,1,3),(2,3,1): the six orders cost "
        f"{', '.join(map(str, found.values()))}; the optimum is {best}, "
        f"starts {BETTER}.",
        {"every order costs more": min(found.values()) > best},
        numbers={"orders": min(found.values()), "optimum": best},
        largest_ratio=Fraction(min(found.values()), best),
    )


def makes() -> dict[str, dict[str, Any]]:
    """Return the best order of earliest starts beside the optimum."""
    starts = min(
        map(earliest, permutations(range(3))),
        key=lambda rounds: cost(INSTANCE, rounds),
    )
    document = witness(
        INSTANCE, starts, BETTER, "earliest-starts", optimal=True
    )
    return {"earliest_starts.json": document}


CLAIM = Claim(
    id="KV-earliest-starts",
    statement=(
        "On every instance the requests can be ordered so that starting each "
        "as early as it fits is optimal."
    ),
    source="ours; the usual lemma on active schedules, carried over",
    model="any instance",
    reading="serial schedule generation, forwards in time",
    kind=Kind.COUNTEREXAMPLE,
    strength=Strength.CERTIFICATE,
    check=check,
    makes=makes,
    witnesses=("earliest_starts.json",),
    proof="docs/theory/lower-bounds.md#order-of-earliest-starts",
)
