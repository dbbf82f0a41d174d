"""P6: 16 with known lengths and any prompts; 205/16 proved here."""

from fractions import Fraction
from functools import partial

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.kv import latency
from proofs_check.tools.tiny import any_prompts, worst_ratio

PUBLISHED = Fraction(16)
PROVED = Fraction(205, 16)


def factors() -> tuple[Fraction, Fraction]:
    """Return the factors of small and of big requests, by the proof."""
    ratio, offsets, share = Fraction(25, 24), 64, 3
    growth = ratio**offsets
    late = ratio * (growth - 1) / (offsets * (ratio - 1))
    before = (1 + share) / (growth - 1)
    small = 5 * (1 + before * late)
    big = 4 * (1 + (before + 1) * late / share)
    return small, big


def mean_level() -> bool:
    """Whether the mean over offsets is what the proof says, on examples."""
    ratio, offsets = Fraction(25, 24), 64
    growth = ratio**offsets
    late = ratio * (growth - 1) / (offsets * (ratio - 1))
    for completion in (1, 2, 3, 7, 24, 25, 100):
        level = 0
        while ratio**level < completion:
            level += 1
        # The least power that is reached with each of the offsets.
        reached = sum(ratio ** (level + k) for k in range(offsets))
        if reached / offsets > late * completion:
            return False
    return True


def check(memory: int = 5, n: int = 3) -> Finding:
    """Evaluate the factors, and compare the policy with the optimum."""
    worst = worst_ratio(
        any_prompts(memory, n), partial(latency, policy="interleaved")
    )
    small, big = factors()
    return proved(
        f"All {worst.tried} instances with M <= {memory} and n <= {n}: the "
        f"policy interleaved costs at most {float(worst.ratio):.4f} times "
        f"the optimum, at {worst.shown()}; the proof's factors are "
        f"{float(small):.4f} for peaks up to M/2 and {float(big):.4f} beyond.",
        {
            "the factors are at most 205/16": max(small, big) == PROVED,
            "which is below 16": PROVED < PUBLISHED,
            "the mean over the offsets": mean_level(),
            "the ratio": worst.ratio <= PROVED,
        },
        numbers={"worst": str(worst.ratio), "paid": worst.paid},
        tried=worst.tried,
        largest_ratio=worst.ratio,
        bound=PUBLISHED,
    )


def longer() -> Finding:
    """Try a larger range."""
    return check(6, 4)


CLAIM = Claim(
    id="P6-clairvoyant-16",
    statement=(
        "With known lengths and any prompts a ratio of 16 is reached in "
        "polynomial time. Proved here, with a policy of ours, for 205/16."
    ),
    source="P6, arXiv 2607.09248, abstract",
    model="all at 0, any prompts, known lengths",
    reading="[inferred] nothing of the published rule; ours is interleaved",
    kind=Kind.THEOREM,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
    proof="docs/theory/competitive-ratios.md#known-lengths-any-prompts",
    depends_on=("P6-svf-ratio", "P6-prop-3.1"),
)
