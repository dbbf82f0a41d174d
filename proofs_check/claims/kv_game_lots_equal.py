"""Lower bound of every randomised online policy, equal prompts."""

from fractions import Fraction

from proofs_check.tools.games import game_claim

CLAIM = game_claim(
    "KV-game-lots-equal",
    policies=(
        "randomised online policy that knows lengths and cancels "
        "nothing, with equal prompts"
    ),
    model="online, equal prompts, known lengths, oblivious adversary",
    stated=Fraction(3442981, 2485843),
    files=("randomised_equal_prompts_12_requests.json",),
)
