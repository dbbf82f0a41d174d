"""The independent checker of witnesses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from kvopt.check.bound import BoundVerdict, check_bound_of
from kvopt.check.documents import (
    Problem,
    parse,
    read_instance,
    read_schedule,
    shape,
    text,
    typed,
    whole,
)
from kvopt.check.exhaustive import OutOfBudget, cheaper_schedule
from kvopt.check.methods import METHODS
from kvopt.check.schedule import check_runs
from kvopt.check.verdict import Verdict
from kvopt.model.errors import InputError

__all__ = ["Optimality", "WitnessVerdict", "check_witness"]

_COST_LIMIT = 10**24
_SMALL = 8


class Optimality(str, Enum):
    """What the checker found of the reference schedule's optimality."""

    CERTIFIED = "certified"
    NOT_REDERIVED = "not re-derived"
    REFUTED = "refuted"


@dataclass(frozen=True)
class WitnessVerdict:
    """The checker's findings about a witness.

    Parameters
    ----------
    claim
        What the witness is said to show.
    algorithm, reference
        Verdicts on the two schedules.
    algorithm_cost, reference_cost
        The costs as stated; a difference from the verdicts is a problem.
    problems
        Whatever makes the witness worthless, in words.
    optimality
        What was found of the reference's optimality.
    grounds
        Why, in words.
    """

    claim: str
    algorithm: Verdict
    reference: Verdict
    algorithm_cost: int
    reference_cost: int
    problems: tuple[str, ...]
    optimality: Optimality
    grounds: str

    @property
    def ok(self) -> bool:
        """True when nothing is wrong; optimality may be left open."""
        return not self.problems and self.optimality is not Optimality.REFUTED

    def lines(self) -> list[str]:
        """Return the verdict for people."""
        return [
            "witness accepted" if self.ok else "REJECTED",
            f"claim: {self.claim}",
            f"algorithm {self.algorithm_cost}, "
            f"reference {self.reference_cost}, as stated",
            *(f"problem: {problem}" for problem in self.problems),
            f"optimality of the reference {self.optimality.value}: "
            f"{self.grounds}",
        ]

    def document(self) -> dict[str, Any]:
        """Return the verdict as plain JSON values."""
        return {
            "ok": self.ok,
            "claim": self.claim,
            "algorithm_cost": self.algorithm_cost,
            "reference_cost": self.reference_cost,
            "problems": list(self.problems),
            "optimality": self.optimality.value,
            "grounds": self.grounds,
            "algorithm": self.algorithm.document(),
            "reference": self.reference.document(),
        }

    def __str__(self) -> str:
        return "\n".join(self.lines())


def check_witness(
    witness_document: Any, nodes: int = 200_000
) -> WitnessVerdict:
    """Check a ``kvopt-witness/1`` document.

    Both schedules must be feasible, both costs as stated, and the reference
    no dearer than the algorithm. That the reference is optimal, when the
    witness says so, is certified by a bound equal to its cost: the area or
    the trivial one, one given in ``certificate`` as a ``kvopt-bound/1``
    document, or the enumeration of all schedules of at most 8 requests.

    Parameters
    ----------
    witness_document
        The parsed JSON document.
    nodes
        Effort of the enumeration, in placements tried.

    Raises
    ------
    InputError
        When a part of the document is malformed.
    """
    document = witness_document
    shape(
        document,
        "kvopt-witness/1",
        required=(
            "claim",
            "instance",
            "algorithm_schedule",
            "reference_schedule",
            "algorithm_cost",
            "reference_cost",
            "reference_optimal",
            "certificate",
        ),
        optional=("algorithm",),
    )
    claim = text(document["claim"], "claim")
    text(document.get("algorithm", ""), "algorithm")
    certificate = text(document["certificate"], "certificate")
    optimal = typed(
        document["reference_optimal"],
        bool,
        "reference_optimal",
        "must be true or false",
    )
    problem: Problem = _part(document, "instance", read_instance)
    verdicts: dict[str, Verdict] = {}
    costs: dict[str, int] = {}
    problems: list[str] = []
    for role in ("algorithm", "reference"):
        runs = _part(document, f"{role}_schedule", read_schedule, problem)
        verdict = verdicts[role] = check_runs(problem, runs)
        cost = whole(document[f"{role}_cost"], f"{role}_cost", 1, _COST_LIMIT)
        costs[role] = cost
        problems += [f"{role}: {v.message}" for v in verdict.violations]
        if verdict.total_latency not in (None, cost):
            problems.append(
                f"{role}_cost is stated as {cost}, "
                f"but the schedule costs {verdict.total_latency}"
            )
    if costs["algorithm"] < costs["reference"]:
        problems.append(
            f"the algorithm's {costs['algorithm']} is less than the "
            f"reference's {costs['reference']}"
        )
    optimality, grounds = Optimality.NOT_REDERIVED, "not looked into"
    if not optimal:
        grounds = "the witness does not claim it"
    elif not problems:
        optimality, grounds = _optimality(
            problem, costs["reference"], certificate, nodes
        )
    return WitnessVerdict(
        claim=claim,
        algorithm=verdicts["algorithm"],
        reference=verdicts["reference"],
        algorithm_cost=costs["algorithm"],
        reference_cost=costs["reference"],
        problems=tuple(problems),
        optimality=optimality,
        grounds=grounds,
    )


def _part(document: Any, key: str, read: Any, *context: Any) -> Any:
    """Read a part of the witness; its errors name the part."""
    try:
        return read(document[key], *context)
    except InputError as error:
        raise InputError(
            error.problem, field=f"{key}.{error.field}", value=error.value
        ) from None


def _optimality(
    problem: Problem, cost: int, certificate: str, nodes: int
) -> tuple[Optimality, str]:
    bound = _embedded_bound(certificate)
    if bound is not None:
        verdict: BoundVerdict = _part(
            {"certificate": bound}, "certificate", check_bound_of, problem
        )
        if not verdict.ok:
            return Optimality.REFUTED, f"its certificate is {verdict}"
        if verdict.value == cost:
            return Optimality.CERTIFIED, f"bound in the witness, {verdict}"
    for name in ("trivial", "area"):
        if METHODS[name](problem, {}) == cost:
            return Optimality.CERTIFIED, f"equal to the {name} bound"
    if len(problem.tasks) <= _SMALL:
        try:
            better = cheaper_schedule(problem, cost, nodes)
        except OutOfBudget:
            pass
        else:
            if better is None:
                return Optimality.CERTIFIED, "by enumeration of all schedules"
            starts = ", ".join(map(str, better))
            return Optimality.REFUTED, f"starts {starts} cost less"
    return Optimality.NOT_REDERIVED, f"stated by {certificate or 'nobody'!r}"


def _embedded_bound(certificate: str) -> Any:
    """Return the bound document in a certificate, None for other text."""
    try:
        document = parse(certificate)
    except InputError:
        return None
    is_bound = (
        isinstance(document, dict)
        and document.get("format") == "kvopt-bound/1"
    )
    return document if is_bound else None
