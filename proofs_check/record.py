"""The recorded verdicts: one generated file, with history."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from proofs_check.ledger import Claim, Result

__all__ = ["RECORD", "best", "differs", "entry", "read", "updated", "write"]

RECORD = Path(__file__).parent / "verdicts.json"
FORMAT = "kvopt-verdicts/1"


def read(path: Path = RECORD) -> dict[str, Any]:
    """Return the recorded entries by claim."""
    if not path.exists():
        return {}
    document = json.loads(path.read_text("utf-8"))
    claims: dict[str, Any] = document["claims"]
    return claims


def write(claims: Mapping[str, Any], path: Path = RECORD) -> None:
    """Write the entries, in order of their ids."""
    document = {"format": FORMAT, "claims": dict(sorted(claims.items()))}
    text = json.dumps(document, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", "utf-8")


def versions() -> dict[str, str]:
    """Return the versions that a verdict was computed with."""
    found = {"python": platform.python_version()}
    for package in ("kvopt", "numpy", "numba", "networkx"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def entry(result: Result) -> dict[str, Any]:
    """Return what is recorded of a computed finding."""
    finding = result.finding
    if finding is None:
        raise ValueError(f"{result.claim.id} has no verdict to record")
    return {
        "verdict": finding.verdict.value,
        "evidence": finding.evidence,
        "numbers": dict(finding.numbers),
        "tried": finding.tried,
        "largest_ratio": _ratio(finding.largest_ratio),
        "bound": _ratio(finding.bound),
        "interval": finding.interval and list(finding.interval),
        "seconds": round(result.seconds, 1),
    }


def _ratio(value: Any) -> str | None:
    return None if value is None else str(value)


def differs(
    result: Result, recorded: Mapping[str, Any], full: bool
) -> str | None:
    """Say how a computed finding differs from the recorded one.

    Verdict and exact numbers are compared. None: it does not; there is
    nothing recorded of a claim that was never recorded, which differs.
    """
    run = _run(result.claim, full)
    stated = recorded.get(result.claim.id, {}).get(run)
    if stated is None:
        return f"nothing is recorded of the {run} run"
    found = entry(result)
    if found["verdict"] != stated["verdict"]:
        return f"recorded {stated['verdict']}"
    names = sorted(
        name
        for name in found["numbers"].keys() | stated["numbers"].keys()
        if found["numbers"].get(name) != stated["numbers"].get(name)
    )
    if names:
        was, now = (d["numbers"].get(names[0]) for d in (stated, found))
        return f"{names[0]} is {now}, recorded {was}"
    return None


def _run(claim: Claim, full: bool) -> str:
    return "full" if full and claim.longer else "quick"


def updated(
    result: Result, recorded: Mapping[str, Any], full: bool, date: str
) -> dict[str, Any]:
    """Return the entry of a claim with a new finding.

    A verdict that changes is kept in ``history`` with date and versions.
    """
    claim = result.claim
    before: dict[str, Any] = dict(recorded.get(claim.id, {}))
    run = _run(claim, full)
    history = list(before.get("history", []))
    old = before.get(run)
    new = entry(result)
    if old and old["verdict"] != new["verdict"]:
        history.append(
            {
                "run": run,
                "verdict": old["verdict"],
                "date": before["date"],
                "versions": before["versions"],
            }
        )
    kept: dict[str, Any] = {
        name: before[name] for name in ("quick", "full") if name in before
    }
    if claim.longer is None:
        kept.pop("full", None)
    return {
        **kept,
        run: new,
        "command": claim.command,
        "seed": claim.seed,
        "witnesses": list(claim.witnesses),
        "versions": versions(),
        "date": date,
        "history": history,
    }


def best(recorded: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entry of the longest run that is recorded of a claim."""
    shown: dict[str, Any] = recorded.get("full") or recorded["quick"]
    return shown
