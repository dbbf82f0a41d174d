"""P1 v2, exact optimality of shortest-first: 21 against 19."""

from proofs_check.tools.counterexample import semi_online_claim

CLAIM = semi_online_claim(
    prompt=3, memory=10, outputs=(1, 1, 3, 3, 4), better=(0, 1, 0, 2, 4)
)
