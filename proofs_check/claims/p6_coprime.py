"""P6: with two lengths and long prompts, stable iff they are coprime."""

from math import gcd

from proofs_check.evidence import Finding, NotCheckedError, proved
from proofs_check.ledger import Claim, Kind, Strength


def growth(first: int, second: int, prompt: int, percent: int) -> float:
    """Return by what a deviation grows in a round, in the long run."""
    try:
        import numpy as np
    except ImportError as error:
        raise NotCheckedError(f"numpy cannot be imported: {error}") from None
    coefficients = [
        (prompt + 1 + a)
        * (percent * (a < first) + (100 - percent) * (a < second))
        for a in range(max(first, second))
    ]
    return float(max(abs(np.roots(coefficients)), default=0.0))


def check(most: int = 9, prompt: int = 10**5) -> Finding:
    """Find the roots for all pairs of lengths and three shares."""
    stable = unstable = True
    pairs = 0
    nearest = farthest = 0.0
    for second in range(2, most + 1):
        for first in range(1, second):
            for percent in (20, 50, 80):
                found = growth(first, second, prompt, percent)
                if gcd(first, second) == 1:
                    stable &= found < 1
                    nearest = max(nearest, found)
                else:
                    unstable &= abs((found - 1) * prompt - 1) < 0.05
                    farthest = max(farthest, (found - 1) * prompt)
                pairs += 1
    return proved(
        f"{pairs} cases with lengths up to {most}, prompt {prompt:,}, shares "
        f"of 20, 50 and 80 %: coprime ones shrink by {nearest:.6f} or less a "
        "round, the others grow by 1 + c/l0 with c up to "
        f"{farthest:.3f}, as the proof says.",
        {
            "coprime lengths are stable": stable,
            "others grow by 1 + 1/l0": unstable,
        },
        numbers={"pairs": pairs},
        tried=pairs,
    )


def longer() -> Finding:
    """Try longer outputs."""
    return check(16)


CLAIM = Claim(
    id="P6-coprime",
    statement=(
        "With two output lengths and long prompts the eviction-free fixed "
        "point of greedy admission is stable iff the lengths are coprime."
    ),
    source="P6, arXiv 2606.15555, theorem on two classes",
    model="saturated queue, fixed shares, l0 large, continuous form",
    reading="[inferred] stable: the linear system without evictions",
    kind=Kind.THEOREM,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
    proof="docs/theory/eviction.md#two-lengths",
)
