"""P5: the fluid equilibrium."""

from fractions import Fraction
from itertools import product

from proofs_check.evidence import Finding, NotCheckedError, proved
from proofs_check.ledger import Claim, Kind, Strength


def check() -> Finding:
    """Solve the balance by itself and compare with the closed form."""
    try:
        from kvopt.analysis.fluid import PromptType, equilibrium, fluid_load
    except ImportError as error:
        raise NotCheckedError(f"kvopt cannot be imported: {error}") from None
    tried = 0
    balanced = stages = unstable = True
    d0 = Fraction(1, 20)
    rates = (Fraction(1, 2), Fraction(3))
    for first, second, d1 in product(
        product((0, 3, 17), (1, 4, 20), rates),
        product((1, 8), (2, 9), rates),
        (Fraction(0), Fraction(1, 10**4), Fraction(1, 2000)),
    ):
        types = [PromptType(*first), PromptType(*second)]
        # The memory of one prompt, stage by stage.
        volumes = [
            sum(Fraction(p + s) for s in range(o + 1))
            for p, o, _ in (first, second)
        ]
        stages &= volumes == [t.volume for t in types]
        loaded = sum(
            rate * w
            for (_, _, rate), w in zip((first, second), volumes, strict=True)
        )
        if d1 * loaded >= 1:
            unstable &= fluid_load(types, d1) >= 1
            continue
        found = equilibrium(types, d0, d1)
        balanced &= found.iteration == d0 + d1 * found.memory
        balanced &= found.memory == d0 * loaded / (1 - d1 * loaded)
        balanced &= all(
            n == t[2] * found.iteration
            for n, t in zip(found.per_stage, (first, second), strict=True)
        )
        tried += 1
    return proved(
        f"{tried} pairs of types in exact fractions: kvopt's equilibrium "
        "balances inflow and outflow of every stage, with volumes summed "
        "stage by stage.",
        {
            "the flow is balanced": balanced,
            "volumes are sums over stages": stages,
            "overload is refused": unstable,
        },
        numbers={"tried": tried},
        tried=tried,
    )


CLAIM = Claim(
    id="P5-equilibrium",
    statement=(
        "The fluid model has the equilibrium M* = d0 W / (1 - d1 W) with W = "
        "sum lam_j w_j, n*_j = lam_j (d0 + d1 M*), and no policy is stable "
        "where d1 W >= 1."
    ),
    source="P5, arXiv 2504.11320, section 3",
    model="Poisson arrivals, iteration time d0 + d1 K",
    reading="the paper's own text; the sum over types in d1 W is [inferred]",
    kind=Kind.THEOREM,
    strength=Strength.SYMBOLIC,
    check=check,
    proof="docs/theory/fluid.md#equilibrium",
)
