"""Lower bound of every clairvoyant online policy, equal prompts."""

from fractions import Fraction

from proofs_check.tools.games import game_claim

CLAIM = game_claim(
    "KV-game-equal-prompts",
    policies=(
        "deterministic online policy that knows lengths and cancels nothing"
    ),
    model="online, equal prompts, known lengths, no cancelling",
    stated=Fraction(40, 19),
    files=(
        "equal_prompts_7_requests.json",
        "equal_prompts_9_requests.json",
        "equal_prompts_10_requests.json",
    ),
)
