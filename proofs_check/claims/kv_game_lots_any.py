"""Lower bound of every randomised online policy, any prompts."""

from fractions import Fraction

from proofs_check.tools.games import game_claim

CLAIM = game_claim(
    "KV-game-lots-any",
    policies=(
        "randomised online policy that knows lengths and cancels "
        "nothing, with any prompts"
    ),
    model="online, any prompts, known lengths, oblivious adversary",
    stated=Fraction(17284118, 9415051),
    files=("randomised_free_prompts_7_requests.json",),
)
