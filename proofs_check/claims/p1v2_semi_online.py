"""P1 v2, exact optimality of shortest-first: four counterexamples.

In the last one all requests are identical: staggered starts beat
simultaneous ones, because memory grows while a request runs.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from proofs_check.evidence import Finding, refuted
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.counterexample import witness
from proofs_check.tools.instance import at_zero, cost
from proofs_check.tools.optimum import optimum
from proofs_check.tools.policies import mc_sf


class Case(NamedTuple):
    """Equal prompts, all present at 0, and the starts of an optimum."""

    prompt: int
    memory: int
    outputs: Sequence[int]
    better: Sequence[int]


CASES = (
    Case(1, 6, (2, 2, 3, 3), (0, 2, 0, 3)),
    Case(1, 4, (1, 1, 2, 2, 3), (0, 2, 0, 2, 4)),
    Case(3, 10, (1, 1, 3, 3, 4), (0, 1, 0, 2, 4)),
    Case(1, 9, (3,) * 7, range(7)),
)


def check(cases: Sequence[Case] = CASES) -> Finding:
    """Compare MC-SF with the optimum: one loss refutes the statement."""
    shown, ratios = [], [Fraction(1)]
    for case in cases:
        requests = [(case.prompt, o) for o in case.outputs]
        instance = at_zero(case.memory, requests)
        starts, best = mc_sf(instance), optimum(instance)
        found = cost(instance, starts)
        if best == found:
            continue
        outputs = ",".join(map(str, case.outputs))
        shown.append(
            f"s={case.prompt}, M={case.memory}, o=({outputs}): MC-SF {found} "
            f"with starts {_listed(starts)}; optimum {best} by exhaustive "
            f"search, with starts {_listed(case.better)}"
        )
        ratios.append(Fraction(found, best))
    return refuted(
        ". ".join(shown) + ".",
        {"MC-SF loses somewhere": bool(shown)},
        largest_ratio=max(ratios),
        bound=Fraction(1),
    )


def makes() -> dict[str, dict[str, Any]]:
    """Return the four witnesses."""
    documents = {}
    for k, case in enumerate(CASES, 1):
        instance = at_zero(
            case.memory, [(case.prompt, o) for o in case.outputs]
        )
        documents[f"semi_online_{k}.json"] = witness(
            instance, mc_sf(instance), case.better, "mc-sf", optimal=True
        )
    return documents


def _listed(starts: Sequence[int]) -> str:
    return ",".join(map(str, starts))


CLAIM = Claim(
    id="P1v2-semi-online",
    statement=(
        "With all requests present at 0, equal prompts and known lengths, "
        "shortest-first is exactly optimal."
    ),
    source=(
        "P1, arXiv 2502.07115 v2, abstract: semi-online exact optimality "
        "(not in v4, v5)"
    ),
    model="all at 0, equal prompts, known lengths",
    reading=(
        "[inferred] the semi-online algorithm is MC-SF with true lengths; "
        "v2's pseudo-code was not found"
    ),
    kind=Kind.THEOREM,
    strength=Strength.CERTIFICATE,
    check=check,
    makes=makes,
    witnesses=tuple(f"semi_online_{k}.json" for k in range(1, 5)),
)
