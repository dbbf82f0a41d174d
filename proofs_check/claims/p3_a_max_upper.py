"""P3: A_max's upper bound, tried in the order of arrival."""

from fractions import Fraction
from itertools import permutations
from typing import Any

from proofs_check.evidence import Finding, scanned
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.counterexample import witness
from proofs_check.tools.instance import Instance, at_zero, cost
from proofs_check.tools.lists import serve_list
from proofs_check.tools.policies import mc_sf
from proofs_check.tools.tiny import equal_prompts

# The smallest instance found, in any order of its requests.
SMALLEST = at_zero(6, [(0, 4), (0, 4), (0, 4), (0, 5)])


def a_max(instance: Instance, upper: int) -> list[int]:
    """Serve in list order; each is believed to run for the upper end."""
    believed = [upper] * len(instance.requests)
    return serve_list(instance, lambda request: 0, believed)


def orders(instance: Instance) -> list[Instance]:
    """Return the instance in every order of its requests."""
    sizes = [(r.prompt, r.output) for r in instance.requests]
    return [at_zero(instance.memory, x) for x in set(permutations(sizes))]


def check(memory: int = 6, n: int = 4) -> Finding:
    """Average over all orders, for the tightest interval of the lengths."""
    tried = 0
    worst = share = in_order = Fraction(0)
    wrong: list[str] = []
    for instance in equal_prompts(memory, n):
        outputs = [r.output for r in instance.requests]
        low, high = min(outputs), max(outputs)
        inverse = Fraction(high, low)
        bound = inverse * (1 + inverse) / 2
        best = cost(instance, mc_sf(instance))
        paid = [cost(x, a_max(x, high)) for x in orders(instance)]
        ratio = Fraction(sum(paid), len(paid) * best)
        tried += 1
        worst = max(worst, ratio)
        share = max(share, ratio / bound)
        in_order = max(in_order, Fraction(max(paid), best) / bound)
        if ratio > bound:
            prompt = instance.requests[0].prompt
            wrong.append(
                f"M={instance.memory}, s={prompt}, o={outputs}: {ratio} "
                f"against {bound}"
            )
    return scanned(
        f"All {tried} instances of equal prompts with M <= {memory}, n <= "
        f"{n}, intervals as tight as the lengths allow, mean over all orders "
        f"exactly: ratio at most {float(worst):.4f}, and at most "
        f"{float(share):.4f} of the bound; in the worst order of arrival at "
        f"most {float(in_order):.4f} of it.",
        tried,
        wrong,
        numbers={
            "worst": str(worst),
            "share": str(share),
            "worst order": str(in_order),
        },
        largest_ratio=share,
        bound=Fraction(1),
    )


def longer() -> Finding:
    """Try a larger range."""
    return check(8, 5)


def makes() -> dict[str, dict[str, Any]]:
    """Return A_max beside shortest first on the smallest such instance."""
    starts = a_max(SMALLEST, 5)
    document = witness(SMALLEST, starts, mc_sf(SMALLEST), "a-max")
    return {"a_max_upper.json": document}


CLAIM = Claim(
    id="P3-a-max-upper",
    statement=(
        "A_max costs at most (1/alpha)(1 + 1/alpha)/2 times shortest first "
        "with hindsight, alpha = l/u."
    ),
    source="P3, arXiv 2508.14544, upper bound of A_max",
    model="all at 0, equal prompts, intervals [l, u]",
    reading=(
        "[inferred] layout of the fraction, refilling after an early end, "
        "and that the order is random"
    ),
    kind=Kind.THEOREM,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
    makes=makes,
    witnesses=("a_max_upper.json",),
    proof="docs/theory/lower-bounds.md#a_max-on-four-requests",
)
