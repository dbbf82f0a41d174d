"""What ``kvopt adversary`` says of its search."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

from kvopt.cli.status import verdict_status
from kvopt.cli.terminal import print_facts, print_json, print_lines
from kvopt.model import Witness

if TYPE_CHECKING:
    from kvopt.adversary import Finding, SearchResult, SearchSettings, Shrunk
    from kvopt.check import WitnessVerdict

__all__ = ["Searched", "print_search"]


class Searched(NamedTuple):
    """A search, what is left of its find when shrunk, and the witness."""

    result: SearchResult
    shrunk: Shrunk | None
    best: Finding | None
    witness: Witness | None


def print_search(
    found: Searched, settings: SearchSettings, as_json: bool
) -> int:
    """Print what was found; return the exit status that the checker gives.

    Parameters
    ----------
    found
        The search.
    settings
        What was asked for.
    as_json
        Whether one JSON object is printed instead of text.
    """
    from kvopt.check import check_witness

    document = found.witness.document() if found.witness else None
    verdict = check_witness(document) if document else None
    status = verdict_status(verdict) if verdict else 0
    state, shrunk = found.result.state, found.shrunk
    failed = found.result.failed
    if as_json:
        print_json(
            {
                **asdict(settings),
                "ratio": found.witness.ratio if found.witness else None,
                "recipe": str(found.best.recipe) if found.best else None,
                "origin": state.origin,
                "evaluations": state.evaluations,
                "seconds": state.seconds,
                "curve": [point._asdict() for point in state.curve],
                "steps_tried": shrunk and shrunk.tried,
                "locally_minimal": shrunk and shrunk.minimal,
                "failures": state.failures,
                "failed_instance": failed and failed.document(),
                "interrupted": found.result.interrupted,
                "witness": document,
                "verdict": verdict and verdict.document(),
            }
        )
        return status
    print_facts(_facts(found, settings, verdict))
    if verdict is not None:
        print_lines(verdict.lines())
    return status


def _facts(
    found: Searched,
    settings: SearchSettings,
    verdict: WitnessVerdict | None,
) -> list[tuple[str, object]]:
    from kvopt.check import Optimality

    state, shrunk = found.result.state, found.shrunk
    facts: list[tuple[str, object]] = [
        (
            "instances",
            f"{state.evaluations:,} in {state.seconds:.1f} s of processor "
            "time",
        )
    ]
    if state.failures:
        facts.append(
            (
                "failed",
                f"{settings.policy} did not finish {state.failures:,} of them",
            )
        )
    if found.witness is None or found.best is None:
        facts.append(("found", "nothing: optimal wherever it finished"))
        return facts
    settled = verdict and verdict.optimality is Optimality.CERTIFIED
    last = state.curve[-1]
    facts += [
        ("found", f"ratio {last.ratio:.6f} after {last.seconds:.1f} s"),
        ("ratio" if settled else "ratio, least", f"{found.witness.ratio:.6f}"),
        ("requests", len(found.best.instance)),
        ("instance", str(found.best.recipe)),
    ]
    if state.origin:
        facts.append(("made by", state.origin))
    if shrunk is not None:
        ended = (
            "no single step keeps the ratio"
            if shrunk.minimal
            else "the budget ended it"
        )
        facts.append(
            (
                "shrunk",
                f"{shrunk.taken:,} of {shrunk.tried:,} steps taken; {ended}",
            )
        )
    if settings.reference == "bound":
        bound = state.score.ratio if state.score else 1.0
        facts.append(("ratio, at most", f"{bound:.6f} of what was found"))
    return facts
