"""P1, Appendix B.3: over-estimates cost a factor of order alpha^3."""

from fractions import Fraction
from itertools import product

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import cost, overload
from proofs_check.tools.lists import serve_list
from proofs_check.tools.tiny import best, equal_prompts


def check(memory: int = 8, n: int = 3) -> Finding:
    """Try every over-estimate of every instance that satisfies the rules."""
    tried = 0
    worst, steepest = Fraction(0), Fraction(0)
    feasible = True
    for instance in equal_prompts(memory, n):
        prompt = instance.requests[0].prompt
        most = instance.memory // 2 - prompt
        outputs = [r.output for r in instance.requests]
        if max(outputs) > most:
            continue
        for believed in product(*(range(o, most + 1) for o in outputs)):
            alpha = max(
                Fraction(p, o) for p, o in zip(believed, outputs, strict=True)
            )
            starts = serve_list(instance, lambda r: r.output, believed)
            feasible &= not overload(instance, starts)
            ratio = Fraction(cost(instance, starts), best(instance))
            worst = max(worst, ratio)
            steepest = max(steepest, ratio / (1 + 4 * alpha**3))
            tried += 1
    return proved(
        f"All {tried} over-estimates of the instances with M <= {memory}, "
        f"n <= {n} and M >= 2 max(s+p): MC-SF by predictions costs at most "
        f"{float(worst):.4f} times the optimum, and at most "
        f"{float(steepest):.4f} of (1 + 4 alpha^3) times it.",
        {"within 1 + 4 alpha^3": steepest <= 1, "memory holds": feasible},
        numbers={"worst": str(worst), "steepest": str(steepest)},
        tried=tried,
        largest_ratio=worst,
    )


def longer() -> Finding:
    """Try a larger range."""
    return check(12, 3)


CLAIM = Claim(
    id="P1-app-B.3",
    statement=(
        "With predictions o <= p <= alpha o, equal prompts, all at 0 and "
        "M >= 2 max(s+p), MC-SF's constant degrades at most as alpha^3. "
        "Proved here: it costs at most (1 + 4 alpha^3) times the optimum."
    ),
    source="P1, arXiv 2502.07115 v5, Theorem 4.3 with Appendix B.3",
    model="all at 0, equal prompts, over-estimated lengths",
    reading=(
        "[inferred] a running request is believed to run as long as predicted"
    ),
    kind=Kind.THEOREM,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
    proof="docs/theory/competitive-ratios.md#over-estimates",
    depends_on=("P6-prop-3.1",),
)
