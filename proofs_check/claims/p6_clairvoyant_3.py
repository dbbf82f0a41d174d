"""P6: 3 + o(1) when every request is small against the memory."""

from fractions import Fraction
from typing import Any

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength


def check() -> Finding:
    """Evaluate SVF's factor at the shares that are published."""
    factors = {
        alpha: 1 + 2 / (1 - alpha)
        for alpha in (Fraction(1, 2), Fraction(1, 4), Fraction(1, 10))
    }
    published = [Fraction(5), Fraction(11, 3), Fraction(29, 9)]
    grid = [Fraction(k, 1000) for k in range(1, 501)]
    below = all(1 + 2 / (1 - a) <= 3 + 4 * a for a in grid)
    last = 1 + 2 / (1 - Fraction(45, 47))
    return proved(
        "1 + 2/(1-alpha) is 5, 11/3 = 3.67 and 29/9 = 3.22 at alpha = 1/2, "
        "1/4 and 1/10 as published, at most 3 + 4 alpha for alpha <= 1/2 "
        "(the checker multiplies out), and meets P2's 48 at alpha = 45/47.",
        {
            "the published values": list(factors.values()) == published,
            "at most 3 + 4 alpha": below,
            "48 at 45/47": last == 48,
        },
        tried=len(grid),
    )


def makes() -> dict[str, dict[str, Any]]:
    """Return ``(2 + 4a)(1 - a) - 2 = 2a (1 - 2a)``."""
    document = {
        "format": "kvopt-identity/1",
        "identity": "(2 + 4a)(1 - a) - 2 = 2a (1 - 2a)",
        "polynomial": [0, 2, -4],
        "products": [[[0, 2], [1, -2]]],
    }
    return {"identity_svf_3.json": document}


CLAIM = Claim(
    id="P6-clairvoyant-3",
    statement=(
        "With known lengths a ratio of 3 + o(1) is reached when every s+o is "
        "o(M): SVF's 1 + 2/(1-alpha) is at most 3 + 4 alpha."
    ),
    source="P6, arXiv 2606.22327 and 2607.09248, abstracts",
    model="all at 0, any prompts, known lengths, s + o <= alpha M",
    reading="[inferred] that the rule behind 3 + o(1) is SVF",
    kind=Kind.CONSTANT,
    strength=Strength.SYMBOLIC,
    check=check,
    makes=makes,
    witnesses=("identity_svf_3.json",),
    proof="docs/theory/competitive-ratios.md#svf",
    depends_on=("P6-svf-ratio",),
)
