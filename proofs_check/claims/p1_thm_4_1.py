"""P1, Theorem 4.1: no deterministic online policy has a constant ratio."""

from fractions import Fraction
from math import isqrt

from proofs_check.evidence import Finding, NotCheckedError, proved
from proofs_check.ledger import Claim, Kind, Strength


def least_paid(memory: int, start: int) -> int:
    """Return a lower bound on any policy that starts the long one then."""
    window = isqrt(memory) // 2
    shorts = memory // 2
    beside = sum(d // 2 for d in range(window))
    waiting = max(0, shorts - beside)
    return (start + memory - 1) + shorts + waiting * window


def reference(memory: int, start: int) -> int:
    """Return the cost of the schedule of the proof."""
    window = isqrt(memory) // 2
    shorts = memory // 2
    if start >= window:
        return memory - 1 + shorts
    release = start + memory - 1 - window
    return shorts + release + 1 + memory - 1


def check(memories: tuple[int, ...] = (256, 1024, 4096)) -> Finding:
    """Evaluate every start of the long request; play kvopt's policies."""
    try:
        from kvopt.adversary.playing import adversary_called, play, playable
        from kvopt.model import PolicyError
        from kvopt.policies import make_policy
    except ImportError as error:
        raise NotCheckedError(f"kvopt cannot be imported: {error}") from None
    shares = {}
    for memory in memories:
        least = min(
            Fraction(least_paid(memory, b), reference(memory, b))
            for b in range(2 * memory)
        )
        shares[memory] = float(least) / (memory // 2 + 1) ** 0.5
    played = {}
    sizes = {"memory": "256"}
    adversary = adversary_called("deterministic-lower-bound", sizes)
    for policy in playable():
        if make_policy(policy).info.restarts:
            continue  # the theorem is about policies that cancel nothing
        try:
            game = play(adversary, policy, engine="reference")
        except PolicyError:
            continue
        played[policy] = Fraction(game.cost, game.reference_cost)
    formula = Fraction(least_paid(256, 0), reference(256, 0))
    shown = ", ".join(f"{s:.4f} at M={m}" for m, s in shares.items())
    return proved(
        "Over all starts of the long request the ratio over sqrt(n) is at "
        f"least {shown}. {len(played)} online policies of kvopt that "
        "cancel nothing were played at M=256; they lose between "
        f"{float(min(played.values())):.2f} and "
        f"{float(max(played.values())):.2f}.",
        {
            "the ratio grows as sqrt(n)": min(shares.values()) > 0.1,
            "every policy played loses": min(played.values()) >= formula,
        },
        # Of the papers' own rules: policies are added now and then.
        numbers={p: str(played[p]) for p in ("mc-sf", "mc-benchmark", "svf")},
        tried=sum(2 * m for m in memories),
        largest_ratio=max(played.values()),
    )


CLAIM = Claim(
    id="P1-thm-4.1",
    statement=(
        "For arbitrary arrivals every deterministic online policy has a "
        "competitive ratio of order at least sqrt(n)."
    ),
    source="P1, arXiv 2502.07115 v4/v5, Theorem 4.1",
    model="online, equal prompts, known lengths, no cancelling",
    reading="[inferred] the paper's instance was not found; ours has s = 1",
    kind=Kind.THEOREM,
    strength=Strength.EXHAUSTIVE,
    check=check,
    proof="docs/theory/lower-bounds.md#no-constant-ratio-online",
)
