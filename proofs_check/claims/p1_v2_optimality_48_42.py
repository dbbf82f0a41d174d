"""P1 v2, exact optimality of shortest-first: 48 against 42.

Identical requests: staggered starts beat simultaneous ones, because memory
grows while a request runs.
"""

from proofs_check.tools.counterexample import semi_online_claim

CLAIM = semi_online_claim(
    prompt=1, memory=9, outputs=(3,) * 7, better=range(7)
)
