"""P6, routing: largest area first has no constant ratio."""

from fractions import Fraction
from math import isqrt
from typing import Any

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.counterexample import witness
from proofs_check.tools.instance import (
    Instance,
    Request,
    at_zero,
    cost,
    overload,
    volume,
)
from proofs_check.tools.lists import serve_list

KEPT = 100


def blocked(memory: int) -> Instance:
    """Return one large request, and ``M`` small ones of one unit."""
    length = isqrt(memory)
    return at_zero(memory, [(memory - length, length)] + [(0, 1)] * memory)


def descending(request: Request) -> int:
    """Return the sort key of largest area first."""
    return -volume(request)


def check() -> Finding:
    """Simulate growing sizes."""
    feasible = True
    ratios = {}
    for memory in (16, 36, 64, KEPT):
        instance = blocked(memory)
        better = [1, *[0] * memory]
        feasible &= not overload(instance, better)
        paid = cost(instance, serve_list(instance, descending))
        ratios[memory] = Fraction(paid, cost(instance, better))
    grows = all(r >= Fraction(isqrt(m), 3) for m, r in ratios.items())
    shown = ", ".join(f"{float(r):.3f} at M={m}" for m, r in ratios.items())
    return proved(
        f"Ratios {shown}, at least sqrt(M)/3 each.",
        {"small first is feasible": feasible, "the ratio grows": grows},
        numbers={"ratios": shown},
        largest_ratio=max(ratios.values()),
    )


def makes() -> dict[str, dict[str, Any]]:
    """Return the witness of the largest size."""
    instance = blocked(KEPT)
    document = witness(
        instance,
        serve_list(instance, descending),
        [1, *[0] * KEPT],
        "largest-volume-first",
    )
    return {"largest_area.json": document}


CLAIM = Claim(
    id="P6-largest-area",
    statement=(
        "Serving requests by descending memory-time area has no constant "
        "ratio: one large prompt blocks many small ones."
    ),
    source="P6, arXiv 2607.09248, unbounded rules",
    model="all at 0, any prompts",
    reading="[inferred] with the look-ahead; the family is ours",
    kind=Kind.THEOREM,
    strength=Strength.CERTIFICATE,
    check=check,
    makes=makes,
    witnesses=("largest_area.json",),
    proof="docs/theory/lower-bounds.md#largest-area-first",
)
