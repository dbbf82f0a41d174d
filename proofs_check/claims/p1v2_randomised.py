"""P1 v2: nor has a randomised online policy a constant ratio."""

from fractions import Fraction

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength


def ratio(q: int) -> Fraction:
    """Return the least E[ALG] / E[OPT] over all start rounds, ``N = q*q``.

    Both sides are sums over the rounds in which the short ones may come;
    those of the policy are bounds from below, the optimum's from above.
    """
    n, rounds = q * q, q**3
    conflict = n * (n - 1) // 2  # sum of waits over a run of the long one
    best_doubled = sum(
        min(2 * n + r + 1, 2 * n if r >= n else 2 * n + r + 1)
        for r in range(1, rounds + 1)
    )
    optimum = Fraction(n, 2) + Fraction(best_doubled, 2 * rounds)
    least = None
    for start in range(rounds + 1):
        # The run lies inside the rounds, or its end is cut off.
        inside = min(rounds, start + n - 1) - start
        waits = sum(n - k for k in range(1, inside + 1))
        if inside == n - 1:
            waits = conflict
        # With probability 1/2 nothing comes: it has waited all the same.
        # If the short ones come first, it may start later: at least n.
        paid = Fraction(start + n, 2) + Fraction(1, 2) * (
            n + n + Fraction(n * waits, rounds)
        )
        value = paid / optimum
        least = value if least is None else min(least, value)
    assert least is not None
    return least


def check(sizes: tuple[int, ...] = (4, 8, 16)) -> Finding:
    """Evaluate the family exactly for growing sizes."""
    ratios = {q: ratio(q) for q in sizes}
    shown = ", ".join(
        f"{float(r):.3f} at N={q * q}" for q, r in ratios.items()
    )
    grows = all(r > Fraction(q, 8) for q, r in ratios.items())
    return proved(
        "Exact bounds over all start rounds of the long request: least "
        f"E[ALG]/E[OPT] at least {shown}; more than sqrt(N)/8 in each.",
        {"the ratio grows as sqrt(N)": grows},
        numbers={f"N={q * q}": f"{float(r):.6f}" for q, r in ratios.items()},
        tried=sum(q**3 + 1 for q in sizes),
        largest_ratio=ratios[sizes[-1]],
    )


def longer() -> Finding:
    """Add a larger size."""
    return check((4, 8, 16, 32))


CLAIM = Claim(
    id="P1v2-randomised",
    statement=(
        "No randomised online policy has a constant competitive ratio for "
        "adversarial arrivals."
    ),
    source="P1v2, arXiv 2502.07115 v1/v2, abstract",
    model="online, any prompts, known lengths, oblivious adversary",
    reading="[inferred] the paper's construction was not found; ours is Yao's",
    kind=Kind.THEOREM,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
    proof="docs/theory/lower-bounds.md#no-constant-ratio-with-lots",
)
