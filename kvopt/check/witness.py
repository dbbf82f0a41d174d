"""The independent checker of witnesses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any, NamedTuple, assert_never

from kvopt.check.bound import BoundVerdict, check_bound_of
from kvopt.check.budget import Budget, TooLarge
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
from kvopt.check.showing import ShownLines
from kvopt.check.verdict import Verdict
from kvopt.model.errors import InputError, visible

__all__ = ["Optimality", "WitnessVerdict", "check_witness"]

_COST_LIMIT = 10**24
_SMALL = 8
_NODES = 200_000


class Optimality(str, Enum):
    """What the checker found of the reference schedule's optimality."""

    CERTIFIED = "certified"
    NOT_CLAIMED = "not claimed"
    NOT_REDERIVED = "NOT re-derived"
    REFUTED = "refuted"


@dataclass(frozen=True)
class WitnessVerdict(ShownLines):
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

    @property
    def ratio(self) -> Fraction | None:
        """Cost of the algorithm over that of the reference, as derived.

        None unless both schedules are feasible. It is the ratio to the
        optimum if optimality is certified, and else at most that ratio.
        """
        above = self.algorithm.total_latency
        below = self.reference.total_latency
        if not (self.algorithm.ok and self.reference.ok):
            return None
        return Fraction(above, below) if above and below else None

    def headline(self) -> str:
        """Return the finding in one line; nothing in it is the author's."""
        if not self.ok or self.ratio is None:
            return "REJECTED"
        costs = (
            f"{self.algorithm.total_latency}/{self.reference.total_latency} = "
            f"{float(self.ratio):.6g} times the optimum"
        )
        match self.optimality:
            case Optimality.CERTIFIED:
                return f"witness accepted: the algorithm costs {costs}"
            case Optimality.NOT_REDERIVED:
                found = "costs accepted; optimality NOT re-derived"
            case Optimality.NOT_CLAIMED:
                found = "costs accepted; optimality is not claimed"
            case Optimality.REFUTED:
                return "REJECTED"
            case _:
                assert_never(self.optimality)
        return f"{found}: the algorithm costs at least {costs}"

    def lines(self) -> list[str]:
        """Return the verdict for people."""
        return [
            self.headline(),
            f"stated costs: algorithm {self.algorithm_cost}, "
            f"reference {self.reference_cost}",
            *(f"problem: {problem}" for problem in self.problems),
            f"optimality of the reference {self.optimality.value}: "
            f"{visible(self.grounds)}",
            f"claim in its author's words: {visible(self.claim)}",
        ]

    def document(self) -> dict[str, Any]:
        """Return the verdict as plain JSON values."""
        return {
            "ok": self.ok,
            "ratio": None if self.ratio is None else float(self.ratio),
            "claim": self.claim,
            "algorithm_cost": self.algorithm_cost,
            "reference_cost": self.reference_cost,
            "problems": list(self.problems),
            "optimality": self.optimality.value,
            "grounds": self.grounds,
            "algorithm": self.algorithm.document(),
            "reference": self.reference.document(),
        }


def check_witness(witness_document: Any, budget: int = 1) -> WitnessVerdict:
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
    budget
        Work that may be done on a bound in ``certificate`` (see
        :func:`kvopt.check.check_bound`) and on the enumeration, which tries
        200,000 placements times ``budget``.

    Raises
    ------
    InputError
        When a part of the document is malformed.
    """
    effort = Budget(budget)
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
    algorithm, reference, problems = _compared(document, problem)
    optimality, grounds = Optimality.NOT_REDERIVED, "not looked into"
    if not optimal:
        optimality = Optimality.NOT_CLAIMED
        grounds = "the witness does not say that it is optimal"
    elif not problems:
        optimality, grounds = _optimality(
            problem, reference.cost, certificate, effort
        )
    return WitnessVerdict(
        claim=claim,
        algorithm=algorithm.verdict,
        reference=reference.verdict,
        algorithm_cost=algorithm.cost,
        reference_cost=reference.cost,
        problems=tuple(problems),
        optimality=optimality,
        grounds=grounds,
    )


class _Costed(NamedTuple):
    """A schedule of a witness: what is wrong with it, its stated cost."""

    verdict: Verdict
    cost: int


def _compared(
    document: Any, problem: Problem
) -> tuple[_Costed, _Costed, list[str]]:
    """Return both schedules of a witness, and what is wrong with them."""
    problems: list[str] = []

    def costed(role: str) -> _Costed:
        runs = _part(document, f"{role}_schedule", read_schedule, problem)
        verdict = check_runs(problem, runs)
        cost = whole(document[f"{role}_cost"], f"{role}_cost", 1, _COST_LIMIT)
        problems.extend(f"{role}: {v.message}" for v in verdict.violations)
        if verdict.total_latency not in (None, cost):
            problems.append(
                f"{role}_cost is stated as {cost}, "
                f"but the schedule costs {verdict.total_latency}"
            )
        return _Costed(verdict, cost)

    algorithm, reference = costed("algorithm"), costed("reference")
    if algorithm.cost < reference.cost:
        problems.append(
            f"the algorithm's {algorithm.cost} is less than the "
            f"reference's {reference.cost}"
        )
    return algorithm, reference, problems


def _part(document: Any, key: str, read: Any, *context: Any) -> Any:
    """Read a part of the witness; its errors name the part."""
    try:
        return read(document[key], *context)
    except InputError as error:
        raise type(error)(
            error.problem, field=f"{key}.{error.field}", value=error.value
        ) from None


def _optimality(
    problem: Problem, cost: int, certificate: str, budget: Budget
) -> tuple[Optimality, str]:
    said = visible(certificate or "nobody", 60)
    doubts = [f"stated by {said!r}"]
    bound = _embedded_bound(certificate)
    if bound is not None:
        doubts = ["its certificate proves less"]
        try:
            verdict: BoundVerdict = _part(
                {"certificate": bound},
                "certificate",
                check_bound_of,
                problem,
                budget,
            )
        except TooLarge as error:
            doubts = [f"its certificate is {error.problem}"]
        else:
            if not verdict.ok:
                return Optimality.REFUTED, f"its certificate is {verdict}"
            if verdict.value == cost:
                found = f"bound in the witness, {verdict}"
                return Optimality.CERTIFIED, found
    for name in ("trivial", "area"):
        if METHODS[name](problem, {}, budget) == cost:
            return Optimality.CERTIFIED, f"equal to the {name} bound"
    if len(problem.tasks) <= _SMALL:
        nodes = _NODES * budget.factor
        try:
            better = cheaper_schedule(problem, cost, nodes)
        except OutOfBudget:
            doubts.append(
                f"{nodes:,} placements did not enumerate all schedules"
            )
        else:
            if better is None:
                return Optimality.CERTIFIED, "by enumeration of all schedules"
            starts = ", ".join(map(str, better))
            return Optimality.REFUTED, f"starts {starts} cost less"
    return Optimality.NOT_REDERIVED, "; ".join(doubts)


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
