"""P5: at C = M* unknown lengths cost every policy a share of throughput."""

from fractions import Fraction

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength

State = tuple[int, int, int]


def full_states(prompt: int, memory: int) -> list[State]:
    """Return all numbers at stages 0, 1 and 2 that hold exactly ``C``."""
    return [
        (rest // prompt, b, e)
        for e in range(memory // (prompt + 2) + 1)
        for b in range((memory - e * (prompt + 2)) // (prompt + 1) + 1)
        if (rest := memory - e * (prompt + 2) - b * (prompt + 1)) % prompt == 0
    ]


def overflow(prompt: int, memory: int, state: State) -> Fraction:
    """Return a chance that two more iterations are not both full.

    First all at stage 1 leave; then none does. Newcomers are as many as
    fill the memory, if any number does.
    """
    a, b, _ = state
    chance = Fraction(1, 2**b)
    newcomers, rest = divmod(memory - a * (prompt + 1), prompt)
    if newcomers < 0 or rest:
        return chance  # the next iteration cannot be full
    needed = newcomers * (prompt + 1) + a * (prompt + 2)
    return chance * Fraction(needed > memory, 2**a)


def check(most: int = 30) -> Finding:
    """Walk through all full states of small memories."""
    tried = 0
    holds = True
    least: dict[int, Fraction] = {}
    for prompt in (1, 2, 3):
        for memory in range(prompt + 2, most + 1):
            for state in full_states(prompt, memory):
                found = overflow(prompt, memory, state)
                holds &= found >= Fraction(1, 4**memory)
                least[prompt] = min(least.get(prompt, Fraction(1)), found)
                tried += 1
    shown = ", ".join(
        f"2^-{chance.denominator.bit_length() - 1} for l={prompt}"
        for prompt, chance in least.items()
    )
    return proved(
        f"All {tried} full states of l = 1, 2, 3 and C <= {most}: the two "
        "iterations after one are not both full with a probability of at "
        f"least {shown}, at least 4^-C each.",
        {"the probability": holds},
        numbers={str(p): str(chance) for p, chance in least.items()},
        tried=tried,
    )


CLAIM = Claim(
    id="P5-unknown-lower",
    statement=(
        "At C = M* with unknown lengths every non-predictive policy loses a "
        "constant share of the throughput on some instance."
    ),
    source="P5, arXiv 2504.11320, lower bound beside Theorem 2",
    model="lengths 1 or 2 with equal chance, Poisson arrivals, C = M*, d1 = 0",
    reading="as written; the instance and the proof are ours",
    kind=Kind.THEOREM,
    strength=Strength.EXHAUSTIVE,
    check=check,
    proof="docs/theory/fluid.md#unknown-lengths-cost-throughput",
)
