"""P6: Response is unbounded when prompt-heavy requests are mixed in."""

from fractions import Fraction
from typing import Any

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.counterexample import witness
from proofs_check.tools.instance import Instance, at_zero, cost, overload
from proofs_check.tools.kv import simulated

KEPT = 12


def mixed(prompt: int) -> Instance:
    """Return ``s`` requests ``(s, 1)``, which fit together, and a long one."""
    sizes = [(prompt, 1)] * prompt + [(0, 2 * prompt)]
    return at_zero(prompt * (prompt + 1), sizes)


def better(prompt: int) -> list[int]:
    """Return all short ones at 0, and the long one in the next round."""
    return [*[0] * prompt, 1]


def check() -> Finding:
    """Simulate growing prompts."""
    feasible = True
    ratios = {}
    for prompt in (4, 8, KEPT, 20):
        instance = mixed(prompt)
        feasible &= not overload(instance, better(prompt))
        paid = int(simulated(instance, "response").objective)
        ratios[prompt] = Fraction(paid, cost(instance, better(prompt)))
    grows = all(r >= Fraction(s, 4) for s, r in ratios.items())
    shown = ", ".join(f"{float(r):.3f} at s={s}" for s, r in ratios.items())
    return proved(
        "M = s(s+1), s requests (s, 1) and one (0, 2s): Response costs "
        f"{shown} times a feasible schedule, at least s/4.",
        {"the other schedule is feasible": feasible, "the ratio grows": grows},
        numbers={"ratios": shown},
        largest_ratio=max(ratios.values()),
    )


def makes() -> dict[str, dict[str, Any]]:
    """Return Response, with its cancelled runs, and the better schedule."""
    instance = mixed(KEPT)
    document = witness(instance, better(KEPT), better(KEPT), "response")
    result = simulated(instance, "response")
    document["algorithm_schedule"] = result.schedule.document(result.instance)
    document["algorithm_cost"] = int(result.objective)
    return {"response_mixed.json": document}


CLAIM = Claim(
    id="P6-response-mixed",
    statement=(
        "Response has no constant ratio when a few requests of the other "
        "class, prompt-heavy ones, are mixed in."
    ),
    source="P6, arXiv 2607.09248, unbounded rules",
    model="all at 0, any prompts, unknown lengths, restarts",
    reading=(
        "[inferred] a prompt takes part once the cap covers it; the family "
        "is ours"
    ),
    kind=Kind.THEOREM,
    strength=Strength.CERTIFICATE,
    check=check,
    makes=makes,
    witnesses=("response_mixed.json",),
    proof="docs/theory/lower-bounds.md#response-on-mixtures",
)
