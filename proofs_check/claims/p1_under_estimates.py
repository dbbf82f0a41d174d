"""P1, Appendix B.3: predictions that are too short can overflow memory."""

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import at_zero, overload

# Two requests of length 2 that are believed to be 1 long.
INSTANCE = at_zero(3, [(0, 2), (0, 2)])
BELIEVED = (1, 1)


def starts_by_belief() -> list[int]:
    """Return MC-SF's first decision: both fit if each ends after a round."""
    held = sum(
        r.prompt + b for r, b in zip(INSTANCE.requests, BELIEVED, strict=True)
    )
    return [0, 0] if held <= INSTANCE.memory else [0, 1]


def check() -> Finding:
    """Add up what the two requests hold."""
    starts = starts_by_belief()
    over = overload(INSTANCE, starts)
    return proved(
        "M=3, two requests (0,2) believed to take one round: MC-SF starts "
        f"both at 0, and in round 2 memory is exceeded by {over}.",
        {"both start": starts == [0, 0], "memory is exceeded": over == 1},
        numbers={"over": over},
        tried=1,
    )


CLAIM = Claim(
    id="P1-under-estimates",
    statement="With predictions that are too short MC-SF can exceed memory.",
    source="P1, arXiv 2502.07115 v5, Appendix B.3",
    model="all at 0, equal prompts, under-estimated lengths",
    reading="as stated",
    kind=Kind.COUNTEREXAMPLE,
    strength=Strength.SYMBOLIC,
    check=check,
    proof="docs/theory/competitive-ratios.md#under-estimates",
)
