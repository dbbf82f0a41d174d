"""A witness for MC-SF, found by search in seconds and checked.

P1 v4 and v5 prove no constant below 9216 for MC-SF with all requests present
at 0; the witness bounds its competitive ratio from below.
"""

from __future__ import annotations

import time
from pathlib import Path

from kvopt.adversary import (
    Limits,
    PolicyRatio,
    Seconds,
    search,
    settle,
    witness,
)
from kvopt.check import check_witness_file
from kvopt.model import save_witness
from kvopt.policies import parse_policy
from paper_figures.report import Progress, Report

__all__ = ["make"]


def make(out: Path, seconds: float, seed: int, command: str) -> Report:
    """Search, save the witness, and have the file checked."""
    objective = PolicyRatio(parse_policy("mc-sf"), seed=seed)
    limits = Limits(equal_prompts=True)
    progress = Progress("search for a witness, per cent of the time")
    began = time.monotonic()
    found = search(
        objective,
        limits,
        Seconds(seconds),
        seed=seed,
        progress=lambda state: progress(min(99, int(100 * state.share)), 100),
    )
    if found.interrupted:
        raise KeyboardInterrupt
    title = f"A witness for MC-SF, found in {seconds:g} s"
    if found.best is None:
        return Report(
            title,
            command,
            seed,
            proved=(),
            not_proved=(f"no witness in {found.evaluations} instances",),
            numbers={"evaluations": found.evaluations},
            table=((), ()),
            ok=False,
        )
    finding = settle(found.best, time_limit=seconds, seed=seed)
    progress(100, 100)
    path = out / "witness_mc-sf.json"
    save_witness(witness(finding, objective), path)
    verdict = check_witness_file(path)
    text = (
        f"{verdict.claim} (n={len(finding.instance)}, "
        f"M={finding.instance.memory}); optimality of the reference: "
        f"{verdict.optimality.value}, {verdict.grounds}"
    )
    certified = verdict.ok and verdict.optimality.value == "certified"
    return Report(
        title,
        command,
        seed,
        proved=(text,) if certified else (),
        not_proved=() if certified else (text,),
        numbers={
            "evaluations": found.evaluations,
            "climbs": found.climbs,
            "seconds": round(time.monotonic() - began, 2),
            "verdict": verdict.document(),
        },
        table=(
            ("MC-SF", "reference", "ratio", "instances tried", "checker"),
            [
                (
                    str(finding.algorithm_cost),
                    str(finding.reference_cost),
                    f"{finding.ratio:.4f}",
                    str(found.evaluations),
                    "accepted" if verdict.ok else "REJECTED",
                )
            ],
        ),
        ok=verdict.ok,
    )
