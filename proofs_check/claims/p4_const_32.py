"""P4: 32 is the least value of 8 a^2 / (a - 1)."""

from fractions import Fraction
from typing import Any

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength


def check() -> Finding:
    """Evaluate the function on a grid; the identity is the witness's."""
    grid = [1 + Fraction(k, 1000) for k in range(1, 5001)]
    values = {a: 8 * a**2 / (a - 1) for a in grid}
    least = min(values, key=lambda a: values[a])
    return proved(
        "The checker multiplies 8 (a-2)^2 out to 8a^2 - 32a + 32, so "
        f"8a^2/(a-1) >= 32 for a > 1; on {len(grid)} fractions up to 6 the "
        f"least value is {values[least]} at a = {least}.",
        {"the least is 32": values[least] == 32},
        numbers={"least": str(values[least]), "at": str(least)},
        tried=len(grid),
    )


def makes() -> dict[str, dict[str, Any]]:
    """Return the identity, by coefficients in ascending powers."""
    document = {
        "format": "kvopt-identity/1",
        "identity": "8a^2 - 32a + 32 = 8 (a - 2)^2",
        "polynomial": [32, -32, 8],
        "products": [[[8], [-2, 1], [-2, 1]]],
    }
    return {"identity_32.json": document}


CLAIM = Claim(
    id="P4-const-32",
    statement=(
        "GSA's constant for large memory, 32, is the least value of "
        "8a^2/(a-1) over a > 1, reached at the growth a = 2 that the paper "
        "uses."
    ),
    source="P4, arXiv 2601.22996, bound of GSA for large memory",
    model="the constant alone, not the bound",
    reading="[inferred] that this is the function behind the constant",
    kind=Kind.CONSTANT,
    strength=Strength.SYMBOLIC,
    check=check,
    makes=makes,
    proof="docs/theory/competitive-ratios.md#geometric-classes",
    witnesses=("identity_32.json",),
)
