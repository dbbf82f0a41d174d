"""A witness for MC-SF, found by search in seconds and checked.

P1 v4 and v5 prove no constant below 9216 for MC-SF with all requests present
at 0; the witness bounds its competitive ratio from below.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from kvopt.adversary import (
    Conditions,
    Finding,
    PolicyRatio,
    SearchResult,
    Seconds,
    run_search,
    settle,
    witness,
)
from kvopt.check import WitnessVerdict, check_witness_file
from kvopt.model import save_witness
from kvopt.policies import parse_policy
from paper_figures.frame.figure import Findings, Work

__all__ = ["SECONDS", "Found", "Settings", "data", "describe", "draw"]


SECONDS = 12.0


@dataclass(frozen=True)
class Settings:
    """How long to search.

    Parameters
    ----------
    seconds
        Seconds of search; proving the optimum may take as many again.
    seed
        Seed of the search.
    """

    seconds: float = 10.0
    seed: int = 0


@dataclass(frozen=True)
class Found:
    """The result of the search, and what the checker says of the file."""

    search: SearchResult
    finding: Finding | None
    verdict: WitnessVerdict | None
    seconds: float


def data(settings: Settings, work: Work) -> Found:
    """Search, save the witness, and have the file checked."""
    # So few requests that the checker can enumerate all schedules.
    conditions = Conditions(requests=6, memory=20, equal_prompts=True)
    objective = PolicyRatio(
        parse_policy("mc-sf"), conditions, seed=settings.seed
    )
    progress = work.progress("search for a witness, per cent of the time")
    began = time.monotonic()
    found = run_search(
        objective,
        Seconds(settings.seconds),
        seed=settings.seed,
        progress=lambda _, share: progress(min(99, int(100 * share)), 100),
    )
    if found.interrupted:
        raise KeyboardInterrupt
    if found.best is None:
        return Found(found, None, None, time.monotonic() - began)
    finding = settle(
        found.best, time_limit=settings.seconds, seed=settings.seed
    )
    progress(100, 100)
    path = work.folder / "witness_mc-sf.json"
    save_witness(witness(finding, objective), path)
    verdict = check_witness_file(path)
    return Found(found, finding, verdict, time.monotonic() - began)


def draw(data: Found, settings: Settings) -> None:
    """The witness has no picture."""


def describe(data: Found, settings: Settings) -> Findings:
    """Say what the witness shows, if there is one."""
    title = f"A witness for MC-SF, found in {settings.seconds:g} s"
    tried = data.search.state.evaluations
    if data.finding is None or data.verdict is None:
        return Findings(
            title,
            proved=(),
            not_proved=(f"no witness in {tried} instances",),
            numbers={"evaluations": tried},
            table=((), ()),
            ok=False,
        )
    finding, verdict = data.finding, data.verdict
    text = (
        f"{verdict.claim} (n={len(finding.instance)}, "
        f"M={finding.instance.memory}); optimality of the reference: "
        f"{verdict.optimality.value}, {verdict.grounds}"
    )
    certified = verdict.ok and verdict.optimality.value == "certified"
    return Findings(
        title,
        proved=(text,) if certified else (),
        not_proved=() if certified else (text,),
        numbers={
            "evaluations": tried,
            "seconds": round(data.seconds, 2),
            "verdict": verdict.document(),
        },
        table=(
            ("MC-SF", "reference", "ratio", "instances tried", "checker"),
            [
                (
                    str(finding.algorithm_cost),
                    str(finding.reference_cost),
                    f"{finding.ratio:.4f}",
                    str(tried),
                    "accepted" if verdict.ok else "REJECTED",
                )
            ],
        ),
        ok=verdict.ok,
    )
