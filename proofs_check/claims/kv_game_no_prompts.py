"""Lower bound of every clairvoyant online policy without prompts."""

from fractions import Fraction

from proofs_check.tools.games import game_claim

CLAIM = game_claim(
    "KV-game-no-prompts",
    policies=(
        "deterministic online policy that knows lengths and cancels "
        "nothing, on requests without prompts"
    ),
    model="online, prompts of 0, known lengths, no cancelling",
    stated=Fraction(65, 38),
    files=("no_prompts_7_requests.json",),
)
