"""The claims ledger, run as a program of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvopt.model import KvoptError, save_json
from paper_figures.frame.figure import Findings
from paper_figures.frame.work import Work

__all__ = ["FULL", "SECONDS", "Settings", "data", "describe", "draw"]

COMMAND = "python -m proofs_check --quick --json"


SECONDS = 60.0
# A scan without a counterexample settles nothing.
SETTLED = ("PROVED HERE", "REFUTED", "NOT REPRODUCED")


@dataclass(frozen=True)
class Settings:
    """There is nothing to choose."""


FULL = Settings()


def data(settings: Settings, work: Work) -> Any:
    """Run the ledger and pass on its verdicts.

    Raises
    ------
    KvoptError
        When the ledger does not answer; a verdict that differs from the
        recorded one is an answer.
    """
    ledger = work.kept(settings, _verdicts, code=("proofs_check",))
    save_json(ledger, work.folder / "claims.json")
    return ledger


def _verdicts() -> Any:
    # A process of its own: the ledger shares nothing with kvopt.
    answer = subprocess.run(
        [sys.executable, *COMMAND.split()[1:]],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return json.loads(answer.stdout)
    except ValueError:
        last = answer.stderr.strip().splitlines()[-1:]
        raise KvoptError(f"{COMMAND} gave no JSON: {last}") from None


def draw(data: dict[str, Any], settings: Settings) -> None:
    """The ledger has no picture of its own."""


def describe(data: dict[str, Any], settings: Settings) -> Findings:
    """Say which verdicts are settled."""
    claims = data["claims"]
    said = [
        f"claim {claim['id']} {claim['verdict']}: {claim['evidence']}"
        for claim in claims
    ]
    settled = [claim["verdict"] in SETTLED for claim in claims]
    return Findings(
        f"The claims ledger: {len(claims)} claims",
        proved=tuple(
            text for text, ok in zip(said, settled, strict=True) if ok
        ),
        not_proved=tuple(
            text for text, ok in zip(said, settled, strict=True) if not ok
        ),
        numbers={"claims": {c["id"]: c["verdict"] for c in claims}},
        table=(
            ("claim", "verdict", "as recorded", "statement"),
            [
                (
                    claim["id"],
                    claim["verdict"],
                    claim["differs"] or claim["problem"] or "yes",
                    claim["statement"],
                )
                for claim in claims
            ],
        ),
        ok=data["ok"],
    )
