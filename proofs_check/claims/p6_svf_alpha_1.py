"""P6: without its condition alpha < 1 SVF has no constant ratio."""

from fractions import Fraction
from typing import Any

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.counterexample import witness
from proofs_check.tools.instance import Instance, at_zero, cost, overload
from proofs_check.tools.lists import by_volume, serve_list

SIZES = ((4, 12), (6, 16))


def alternating(a: int, k: int) -> Instance:
    """Return ``k`` pairs of ``(0, a)`` and ``(M-1, 1)``, of volume ``M``."""
    memory = a * (a + 1) // 2
    return at_zero(memory, [(0, a), (memory - 1, 1)] * k)


def escaping(a: int, k: int) -> list[int]:
    """Return starts of the second kind first, then one a round."""
    return [start for j in range(k) for start in (k + j, j)]


def check() -> Finding:
    """Compare simulation and formula, and follow the formula to the limit."""
    agree = True
    for a in (3, 4, 6, 9):
        for k in (2, 5, 12):
            instance = alternating(a, k)
            paid = cost(instance, serve_list(instance, by_volume))
            agree &= paid == (a + 1) * k * (k - 1) + k * (2 * a + 1)
            better = escaping(a, k)
            agree &= not overload(instance, better)
            agree &= cost(instance, better) == 2 * k * k + k * a
    # k = a * a pairs: the ratio leaves every constant behind.
    ratios = {
        a: Fraction(
            (a + 1) * a**2 * (a**2 - 1) + a**2 * (2 * a + 1),
            2 * a**4 + a**3,
        )
        for a in (10, 100, 1000)
    }
    grows = all(ratio > Fraction(9, 10) * a / 2 for a, ratio in ratios.items())
    shown = ", ".join(f"{float(r):.2f} at a={a}" for a, r in ratios.items())
    return proved(
        "The two costs are those of simulations for a in 3, 4, 6, 9 and 2, "
        f"5, 12 pairs; with a*a pairs the ratio is {shown}.",
        {"simulation and formula agree": agree, "the ratio grows": grows},
        numbers={"ratios": shown},
        largest_ratio=ratios[1000],
    )


def makes() -> dict[str, dict[str, Any]]:
    """Return the witnesses of two sizes."""
    documents = {}
    for a, k in SIZES:
        instance = alternating(a, k)
        starts = serve_list(instance, by_volume)
        documents[f"svf_alpha_1_{a}.json"] = witness(
            instance, starts, escaping(a, k), "svf"
        )
    return documents


CLAIM = Claim(
    id="P6-svf-alpha-1",
    statement=(
        "Where peaks reach M, Smallest Volume First has no constant ratio: "
        "with M = a(a+1)/2 and requests that alternate between (0,a) and "
        "(M-1,1) it tends to (a+1)/2."
    ),
    source="P6, arXiv 2606.22327 (the condition alpha < 1 of its theorem)",
    model="all at 0, any prompts, known lengths",
    reading="[inferred] ties of volume are served by number; family is ours",
    kind=Kind.COUNTEREXAMPLE,
    strength=Strength.SYMBOLIC,
    check=check,
    makes=makes,
    proof="docs/theory/competitive-ratios.md#svf-at-alpha-1",
    witnesses=tuple(f"svf_alpha_1_{a}.json" for a, _ in SIZES),
)
