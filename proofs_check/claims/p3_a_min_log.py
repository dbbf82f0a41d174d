"""P3: A_min is not within O(log 1/alpha) when prompts dominate."""

from fractions import Fraction
from math import isqrt, log
from typing import Any

from proofs_check.evidence import Finding, refuted
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.counterexample import witness
from proofs_check.tools.instance import Instance, at_zero, cost
from proofs_check.tools.kv import simulated
from proofs_check.tools.policies import mc_sf

SIZES = (9, 25, 49)


def dominated(u: int, longs: int) -> Instance:
    """Return long requests first, then ``sqrt(u)`` short ones for each."""
    shorts = longs * isqrt(u)
    sizes = [(2 * u, u)] * longs + [(2 * u, 1)] * shorts
    return at_zero(3 * u, sizes)


def a_min(instance: Instance) -> list[int]:
    """Return the start rounds of A_min, which cancels nothing here."""
    u = max(r.output for r in instance.requests)
    result = simulated(instance, "a-min", [(1, u)] * len(instance.requests))
    assert not result.records["cancellations"].sum()
    return [int(p) for p in result.schedule.starts(result.instance)]


def limit(u: int, longs: int) -> Fraction:
    """Return the ratio by the formulas of docs/theory/lower-bounds.md."""
    shorts = longs * isqrt(u)
    tail = Fraction(u * longs * (longs + 1), 2)
    pairs = Fraction(shorts * (shorts + 1), 2)
    return (shorts * longs * u + tail + pairs) / (
        pairs + longs * shorts + tail
    )


def check() -> Finding:
    """Compare simulations with the formula, and it with the logarithm."""
    ratios = {}
    agree = True
    for u in SIZES:
        instance = dominated(u, 6)
        paid = cost(instance, a_min(instance))
        ratios[u] = Fraction(paid, cost(instance, mc_sf(instance)))
        agree &= ratios[u] == limit(u, 6)
    far = {u: limit(u, 1000) for u in (100, 10**4, 10**6)}
    shown = ", ".join(
        f"{float(r):.1f} at 1/alpha={u} (ln {log(u):.1f})"
        for u, r in far.items()
    )
    leaves = all(float(r) > 0.9 * isqrt(u) for u, r in far.items())
    simulated_ratios = ", ".join(f"{float(r):.3f}" for r in ratios.values())
    return refuted(
        f"kvopt's A_min with 6 long requests loses {simulated_ratios} at "
        f"1/alpha = 9, 25, 49, as the formula says; with 1000 it is {shown}: "
        "sqrt(1/alpha), not its logarithm.",
        {"simulation and formula agree": agree, "it grows as a root": leaves},
        numbers={f"u={u}": str(r) for u, r in ratios.items()},
        largest_ratio=max(far.values()),
    )


def makes() -> dict[str, dict[str, Any]]:
    """Return A_min's schedule and that of shortest first."""
    return {
        f"a_min_{u}.json": witness(
            dominated(u, 6),
            a_min(dominated(u, 6)),
            mc_sf(dominated(u, 6)),
            "a-min",
        )
        for u in SIZES
    }


CLAIM = Claim(
    id="P3-a-min-log",
    statement=(
        "A_min costs at most O(log(1/alpha)) times shortest first with "
        "hindsight, whatever the common prompt."
    ),
    source="P3, arXiv 2508.14544, main theorem on A_min",
    model="all at 0, equal prompts, intervals [l, u], alpha = l/u",
    reading=(
        "[inferred] A_min's pseudo-code, readings 3.2; refuted for prompts "
        "that dominate outputs, s = 2u; a condition on s, or other "
        "pseudo-code, may save the theorem"
    ),
    kind=Kind.THEOREM,
    strength=Strength.CERTIFICATE,
    check=check,
    makes=makes,
    witnesses=tuple(f"a_min_{u}.json" for u in SIZES),
    proof="docs/theory/lower-bounds.md#a_min-with-large-prompts",
)
