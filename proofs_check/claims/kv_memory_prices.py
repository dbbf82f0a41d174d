"""Ours: memory at a price for each bucket of rounds bounds the latency."""

import random
from functools import partial
from typing import Any

from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.prices import never_above


def draw(rng: random.Random) -> dict[str, Any]:
    """Return random prices of buckets, 0 from some round on."""
    last = rng.randint(1, 12)
    firsts = [t for t in range(2, last + 1) if rng.random() < 0.4]
    prices = [[t, rng.randint(0, 8)] for t in (1, *firsts)]
    return {"scale": 24, "prices": [*prices, [last + 1, 0]]}


CLAIM = Claim(
    id="KV-memory-prices",
    statement=(
        "For every nonnegative price of memory in each round the least cost "
        "of each request at these prices, less M times their sum, is a lower "
        "bound on the total latency."
    ),
    source="ours; docs/theory/memory-prices.md",
    model="any instance",
    reading="none: the statement is ours",
    kind=Kind.LEMMA,
    strength=Strength.EXHAUSTIVE,
    check=partial(never_above, "memory-prices", draw, 4, 2),
    longer=partial(never_above, "memory-prices", draw, 5, 4),
    proof="docs/theory/memory-prices.md#the-memory-prices-bound",
    seed=0,
)
