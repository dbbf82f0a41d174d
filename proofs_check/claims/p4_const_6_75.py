"""P4: 6.75 is the least value of a^3 / (a - 1)."""

from fractions import Fraction
from typing import Any

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength


def check() -> Finding:
    """Evaluate the function on a grid; the identity is the witness's."""
    grid = [1 + Fraction(k, 1000) for k in range(1, 5001)]
    values = {a: a**3 / (a - 1) for a in grid}
    least = min(values, key=lambda a: values[a])
    return proved(
        "The checker multiplies (2a-3)^2 (a+3) out to 4a^3 - 27a + 27, so "
        f"a^3/(a-1) >= 27/4 for a > 1; on {len(grid)} fractions up to 6 the "
        f"least value is {values[least]} at a = {least}.",
        {"the least is 27/4": values[least] == Fraction(27, 4)},
        numbers={"least": str(values[least]), "at": str(least)},
        tried=len(grid),
    )


def makes() -> dict[str, dict[str, Any]]:
    """Return the identity, by coefficients in ascending powers."""
    document = {
        "format": "kvopt-identity/1",
        "identity": "4a^3 - 27a + 27 = (2a - 3)^2 (a + 3)",
        "polynomial": [27, -27, 0, 4],
        "products": [[[-3, 2], [-3, 2], [3, 1]]],
    }
    return {"identity_27_4.json": document}


CLAIM = Claim(
    id="P4-const-6.75",
    statement=(
        "GBA's constant for large memory, 6.75 = 27/4, is the least value of "
        "a^3/(a-1) over a > 1, reached at a = 3/2."
    ),
    source="P4, arXiv 2601.22996, bound of GBA for large memory",
    model="the constant alone, not the bound",
    reading="[inferred] that this is the function behind the constant",
    kind=Kind.CONSTANT,
    strength=Strength.SYMBOLIC,
    check=check,
    makes=makes,
    proof="docs/theory/competitive-ratios.md#geometric-classes",
    witnesses=("identity_27_4.json",),
)
