"""P1 v2, exact optimality of shortest-first: 18 against 17."""

from proofs_check.tools.counterexample import semi_online_claim

CLAIM = semi_online_claim(
    prompt=1, memory=4, outputs=(1, 1, 2, 2, 3), better=(0, 2, 0, 2, 4)
)
