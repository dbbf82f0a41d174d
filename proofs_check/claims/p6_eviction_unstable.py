"""P6: the eviction-free point of greedy admission is unstable."""

from fractions import Fraction

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength


def step(x: Fraction, prompt: int, memory: int) -> tuple[Fraction, Fraction]:
    """Return the next state from ``x`` in the first stage, continuously."""
    return (memory - (prompt + 2) * x) / (prompt + 1), x


def check() -> Finding:
    """Follow exact deviations from the fixed point."""
    tried = 0
    fixed = grows = True
    for prompt in range(0, 12):
        for memory in (10, 97, 140, 1000):
            point = Fraction(memory, 2 * prompt + 3)
            fixed &= step(point, prompt, memory) == (point, point)
            factor = -Fraction(prompt + 2, prompt + 1)
            x = point + Fraction(1, 1000)
            for k in range(1, 15):
                x, _ = step(x, prompt, memory)
                grows &= x - point == factor**k / 1000
            tried += 1
    return proved(
        f"{tried} pairs of prompt and memory, 14 rounds each, in fractions: "
        "x = y = B/(2 l0 + 3) is fixed, and a deviation is multiplied by "
        "-(l0+2)/(l0+1) in every round.",
        {"the point is fixed": fixed, "deviations grow": grows},
        tried=tried,
    )


CLAIM = Claim(
    id="P6-eviction-unstable",
    statement=(
        "Under greedy admission with one output length, here 2, the "
        "eviction-free fixed point is unstable: deviations alternate in sign "
        "and grow by (l0+2)/(l0+1)."
    ),
    source="P6, arXiv 2606.15555, theorem on one output length",
    model="saturated queue, equal prompts l0, output 2, continuous form",
    reading="as in the authors' notes; the factor is a round's",
    kind=Kind.THEOREM,
    strength=Strength.SYMBOLIC,
    check=check,
    proof="docs/theory/eviction.md#the-fixed-point-and-its-growth",
)
