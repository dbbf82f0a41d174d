"""P1 v2, exact optimality of shortest-first: four counterexamples.

In the last one all requests are identical: staggered starts beat
simultaneous ones, because memory grows while a request runs.
"""

from collections.abc import Sequence
from typing import NamedTuple

from proofs_check.ledger import Claim, Finding, Kind, Truth
from proofs_check.tools.counterexample import witness
from proofs_check.tools.instance import Instance, at_zero, cost, overload
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
    shown, witnesses = [], []
    for case in cases:
        requests = [(case.prompt, o) for o in case.outputs]
        instance = at_zero(case.memory, requests)
        starts, best = mc_sf(instance), optimum(instance)
        found = cost(instance, starts)
        if best == found:
            continue
        reference = _reference(instance, case.better, best)
        outputs = ",".join(map(str, case.outputs))
        shown.append(
            f"s={case.prompt}, M={case.memory}, o=({outputs}): MC-SF {found} "
            f"with starts {_listed(starts)}; optimum {best} by exhaustive "
            f"search, with starts {_listed(case.better)}"
        )
        document = witness(instance, starts, case.better, reference == best)
        witnesses.append(document)
    if not witnesses:
        return Finding(Truth.OPEN, "MC-SF is optimal on every instance tried.")
    return Finding(Truth.FAILS, ". ".join(shown) + ".", tuple(witnesses))


def _reference(instance: Instance, starts: Sequence[int], best: int) -> int:
    """Return the cost of the better schedule, which must be feasible."""
    reference = cost(instance, starts)
    if overload(instance, starts) or reference < best:
        raise AssertionError(f"infeasible, or below the optimum: {instance}")
    return reference


def _listed(starts: Sequence[int]) -> str:
    return ",".join(map(str, starts))


CLAIM = Claim(
    statement=(
        "With all requests present at 0, equal prompts and known lengths, "
        "shortest-first is exactly optimal."
    ),
    source=(
        "P1, arXiv 2502.07115 v2, abstract: semi-online exact optimality "
        "(not in v4, v5)"
    ),
    reading=(
        "[inferred] the semi-online algorithm is MC-SF with true lengths; "
        "v2's pseudo-code was not found"
    ),
    kind=Kind.COUNTEREXAMPLE,
    recorded=Truth.FAILS,
    check=check,
)
