"""P6: Rect is unbounded when response-heavy requests are mixed in."""

from fractions import Fraction
from math import isqrt
from typing import Any

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.counterexample import witness
from proofs_check.tools.instance import Instance, at_zero, cost, overload
from proofs_check.tools.kv import simulated

KEPT = 16


def mixed(length: int) -> Instance:
    """Return two long requests, short ones between them, and wide ones.

    The short ones keep the second long one out of the first round, so that
    attempts of the two never end together.
    """
    memory = 2 * length + 1
    long, wide = (0, length), (memory - 1, 1)
    sizes = [long, *[(0, 1)] * (memory - 1), long]
    return at_zero(memory, sizes + [wide] * isqrt(8 * length))


def better(length: int) -> list[int]:
    """Return short ones first, then the wide ones, then both long ones."""
    wide = isqrt(8 * length)
    last = wide + 1
    return [last, *[0] * (2 * length), last, *range(1, last)]


def check() -> Finding:
    """Simulate growing lengths, powers of two."""
    feasible = True
    ratios = {}
    for length in (KEPT, 64, 256):
        instance = mixed(length)
        feasible &= not overload(instance, better(length))
        paid = int(simulated(instance, "rect").objective)
        ratios[length] = Fraction(paid, cost(instance, better(length)))
    # At least a quarter of the root of L / 2.
    grows = all(32 * r**2 >= length for length, r in ratios.items())
    shown = ", ".join(f"{float(r):.3f} at L={n}" for n, r in ratios.items())
    return proved(
        "M = 2L + 1, two requests (0, L), 2L of (0, 1) and sqrt(8L) of "
        f"(2L, 1): Rect costs {shown} times a feasible schedule, at least "
        "sqrt(L/32).",
        {"the other schedule is feasible": feasible, "the ratio grows": grows},
        numbers={"ratios": shown},
        largest_ratio=max(ratios.values()),
    )


def makes() -> dict[str, dict[str, Any]]:
    """Return Rect, with its cancelled runs, and the better schedule."""
    instance = mixed(KEPT)
    document = witness(instance, better(KEPT), better(KEPT), "rect")
    result = simulated(instance, "rect")
    document["algorithm_schedule"] = result.schedule.document(result.instance)
    document["algorithm_cost"] = int(result.objective)
    return {"rect_mixed.json": document}


CLAIM = Claim(
    id="P6-rect-mixed",
    statement=(
        "Rect has no constant ratio when requests of the other class, "
        "response-heavy ones, are mixed in."
    ),
    source="P6, arXiv 2607.09248, unbounded rules",
    model="all at 0, any prompts, unknown lengths, restarts",
    reading=(
        "[inferred] the width of requests that outgrow twice their prompt, "
        "and that misfits are passed over; the family is ours"
    ),
    kind=Kind.THEOREM,
    strength=Strength.CERTIFICATE,
    check=check,
    makes=makes,
    witnesses=("rect_mixed.json",),
    proof="docs/theory/lower-bounds.md#rect-on-mixtures",
)
