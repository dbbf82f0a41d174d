"""P2: priority by total size has no constant ratio."""

from fractions import Fraction
from math import isqrt
from typing import Any

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.counterexample import witness
from proofs_check.tools.instance import Instance, at_zero, cost, overload
from proofs_check.tools.lists import peak, serve_list

KEPT = 72


def blocked(length: int) -> Instance:
    """Return one long request without prompt, and ``sqrt(2L)`` large ones."""
    return at_zero(
        length + 1, [(0, length)] + [(length, 1)] * isqrt(2 * length)
    )


def large_first(length: int) -> list[int]:
    """Return start rounds of serving the long request last."""
    count = isqrt(2 * length)
    return [count, *range(count)]


def check() -> Finding:
    """Compare simulations with the formula and follow it."""
    agree = True
    ratios = {}
    for length in (2, 8, 18, 50, KEPT):
        instance = blocked(length)
        k = isqrt(2 * length)
        paid = cost(instance, serve_list(instance, peak))
        better = large_first(length)
        agree &= not overload(instance, better)
        agree &= paid == length + k * length + k * (k + 1) // 2
        ratios[length] = Fraction(paid, cost(instance, better))
    grows = all(r >= Fraction(isqrt(2 * x), 4) for x, r in ratios.items())
    shown = ", ".join(f"{float(r):.3f} at L={x}" for x, r in ratios.items())
    return proved(
        f"Smallest peak first costs what the formula says; ratios {shown}, "
        "at least sqrt(2L)/4 each.",
        {"simulation and formula agree": agree, "the ratio grows": grows},
        numbers={"ratios": shown},
        largest_ratio=max(ratios.values()),
    )


def makes() -> dict[str, dict[str, Any]]:
    """Return the witness of the largest size."""
    instance = blocked(KEPT)
    document = witness(
        instance,
        serve_list(instance, peak),
        large_first(KEPT),
        "peak-order",
    )
    return {"total_size.json": document}


CLAIM = Claim(
    id="P2-total-size",
    statement=(
        "Serving requests by ascending total size s+o has no constant ratio."
    ),
    source="P2, arXiv 2508.06133, a later abstract",
    model="all at 0, any prompts, known lengths",
    reading="[inferred] with the look-ahead; the family is ours",
    kind=Kind.THEOREM,
    strength=Strength.CERTIFICATE,
    check=check,
    makes=makes,
    witnesses=("total_size.json",),
    proof="docs/theory/lower-bounds.md#total-size",
)
