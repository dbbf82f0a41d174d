"""Lower bound of every policy that does not know lengths."""

from fractions import Fraction

from proofs_check.tools.games import game_claim

CLAIM = game_claim(
    "KV-game-restarts",
    policies=(
        "deterministic policy that does not know lengths, cancelling allowed"
    ),
    model="all at 0, equal prompts, unknown lengths, cancelling allowed",
    stated=Fraction(13, 7),
    files=(
        "restarts_3_requests.json",
        "restarts_5_requests.json",
    ),
)
