"""Ours: falling prices, with room to grow until the next completion."""

import random
from functools import partial
from typing import Any

from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.prices import never_above


def draw(rng: random.Random) -> dict[str, Any]:
    """Return random convex prices, shares that do not fall, and a reach."""
    last = rng.randint(1, 12)
    prices = [
        [t, rng.randint(0, 6)]
        for t in range(1, last + 1)
        if rng.random() < 0.4
    ]
    shares = sorted(rng.randint(0, 30) for _ in range(rng.randint(1, 3)))
    firsts = [1, *sorted(rng.sample(range(2, last + 9), len(shares) - 1))]
    return {
        "scale": 24,
        "prices": prices,
        "parts": rng.choice((10, 40)),
        "gaps": [list(pair) for pair in zip(firsts, shares, strict=True)],
        "reach": rng.randint(0, 4),
    }


CLAIM = Claim(
    id="KV-convex-prices",
    statement=(
        "With prices of memory that do not rise over time, memory and the "
        "growth until the next completion can be priced together: the least "
        "costs, less M times the sum of the prices, are a lower bound on the "
        "total latency."
    ),
    source="ours; docs/theory/convex-prices.md",
    model="any instance",
    reading="none: the statement is ours",
    kind=Kind.THEOREM,
    strength=Strength.EXHAUSTIVE,
    check=partial(never_above, "convex-prices", draw, 4, 2),
    longer=partial(never_above, "convex-prices", draw, 5, 4),
    proof="docs/theory/convex-prices.md#prices",
    seed=0,
)
