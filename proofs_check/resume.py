"""Rows that are finished, so that a full run can be continued."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from proofs_check.ledger import ROOT

__all__ = ["Progress", "code_hash"]


def code_hash() -> str:
    """Return a hash of all that computes verdicts: code and witnesses."""
    digest = hashlib.sha256()
    for room in ("kvopt", "proofs_check"):
        for file in sorted((ROOT / room).rglob("*.py")):
            digest.update(file.read_bytes())
    manifest = ROOT / "proofs_check" / "witnesses" / "manifest.json"
    digest.update(manifest.read_bytes())
    return digest.hexdigest()


class Progress:
    """A file of finished rows, one a line.

    Parameters
    ----------
    path
        The file; it is made when the first row is kept.
    code
        Hash of the code; rows of other code are left aside.
    """

    def __init__(self, path: Path, code: str) -> None:
        self.path, self.code = path, code
        self.rows: dict[str, dict[str, Any]] = {}
        if path.exists():
            for line in path.read_text("utf-8").splitlines():
                kept = json.loads(line)
                if kept["code"] == code and not kept["row"]["problem"]:
                    self.rows[kept["row"]["id"]] = kept["row"]

    def row(self, name: str) -> dict[str, Any] | None:
        """Return the finished row of a claim, if there is one."""
        return self.rows.get(name)

    def keep(self, row: dict[str, Any]) -> None:
        """Add a row to the file."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"code": self.code, "row": row}) + "\n")
