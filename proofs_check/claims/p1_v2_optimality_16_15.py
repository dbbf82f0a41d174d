"""P1 v2, exact optimality of shortest-first: 16 against 15."""

from proofs_check.tools.counterexample import semi_online_claim

CLAIM = semi_online_claim(
    prompt=1, memory=6, outputs=(2, 2, 3, 3), better=(0, 2, 0, 3)
)
