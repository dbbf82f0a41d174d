"""Lower bound of every clairvoyant online policy, any prompts."""

from fractions import Fraction

from proofs_check.tools.games import game_claim

CLAIM = game_claim(
    "KV-game-any-prompts",
    policies=(
        "deterministic online policy that knows lengths and cancels "
        "nothing, with any prompts"
    ),
    model="online, any prompts, known lengths, no cancelling",
    stated=Fraction(4),
    files=(
        "free_prompts_3_requests.json",
        "free_prompts_7_requests.json",
        "free_prompts_11_requests.json",
    ),
)
