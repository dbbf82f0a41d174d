"""A witness for MC-SF, found by search in seconds and checked.

P1 v4 and v5 prove no constant below 9216 for MC-SF with all requests present
at 0; the witness bounds its competitive ratio from below.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

from kvopt.adversary import (
    Conditions,
    PolicyRatio,
    Seconds,
    run_search,
    settle,
    witness,
)
from kvopt.check import WitnessVerdict, check_witness_file
from kvopt.model import load_witness, save_json
from kvopt.policies import parse_policy
from paper_figures.frame.figure import Findings
from paper_figures.frame.work import Work

__all__ = [
    "FULL",
    "SECONDS",
    "Found",
    "Search",
    "Settings",
    "data",
    "describe",
    "draw",
]


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


FULL = Settings(seconds=60.0)


@dataclass(frozen=True)
class Search:
    """How the search went; ``seconds`` with the proof of the optimum."""

    evaluations: int
    found: bool
    seconds: float


@dataclass(frozen=True)
class Found:
    """The search, and what the checker says of the witness."""

    search: Search
    verdict: WitnessVerdict | None
    requests: int = 0
    memory: int = 0


def data(settings: Settings, work: Work) -> Found:
    """Search, save the witness, and have the file checked."""
    path = work.folder / "witness_mc-sf.json"

    def answer() -> dict[str, Any]:
        search, document = _search(settings, work)
        return {"search": asdict(search), "witness": document}

    kept = work.kept(settings, answer)
    search = Search(**kept["search"])
    if not search.found:
        return Found(search, None)
    save_json(kept["witness"], path)
    instance = load_witness(path).instance
    return Found(
        search, check_witness_file(path), len(instance), instance.memory
    )


def _search(settings: Settings, work: Work) -> tuple[Search, Any]:
    """Return how the search went, and the document of the witness."""
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
    document = None
    if found.best is not None:
        finding = settle(
            found.best, time_limit=settings.seconds, seed=settings.seed
        )
        document = witness(finding, objective).document()
    progress(100, 100)
    spent = round(time.monotonic() - began, 2)
    tried = found.state.evaluations
    return Search(tried, document is not None, spent), document


def draw(data: Found, settings: Settings) -> None:
    """The witness has no picture."""


def describe(data: Found, settings: Settings) -> Findings:
    """Say what the witness shows, if there is one."""
    title = f"A witness for MC-SF, found in {settings.seconds:g} s"
    tried = data.search.evaluations
    verdict = data.verdict
    if verdict is None:
        return Findings(
            title,
            proved=(),
            not_proved=(f"no witness in {tried} instances",),
            numbers={"evaluations": tried},
            table=((), ()),
            ok=False,
        )
    text = (
        f"{verdict.claim} (n={data.requests}, M={data.memory}); optimality "
        f"of the reference: {verdict.optimality.value}, {verdict.grounds}"
    )
    certified = verdict.ok and verdict.optimality.value == "certified"
    return Findings(
        title,
        proved=(text,) if certified else (),
        not_proved=() if certified else (text,),
        numbers={
            "evaluations": tried,
            "seconds": data.search.seconds,
            "verdict": verdict.document(),
        },
        table=(
            ("MC-SF", "reference", "ratio", "instances tried", "checker"),
            [
                (
                    str(verdict.algorithm_cost),
                    str(verdict.reference_cost),
                    f"{verdict.algorithm_cost / verdict.reference_cost:.4f}",
                    str(tried),
                    "accepted" if verdict.ok else "REJECTED",
                )
            ],
        ),
        ok=verdict.ok,
    )
