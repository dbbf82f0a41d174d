"""``python -m proofs_check.witness_files``: write witnesses and manifest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from proofs_check.ledger import WITNESSES, all_claims

__all__ = ["write_manifest", "write_witnesses"]


def write_witnesses(folder: Path = WITNESSES) -> None:
    """Write what the claims make; files that were searched for stay."""
    claims, _ = all_claims()
    for claim in claims.values():
        for name, document in (claim.makes or dict)().items():
            text = json.dumps(document, separators=(",", ":"))
            (folder / name).write_text(text + "\n", "utf-8")


def write_manifest(folder: Path = WITNESSES) -> None:
    """Write the SHA-256 of every witness."""
    hashes = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.glob("*.json"))
        if path.name != "manifest.json"
    }
    text = json.dumps(hashes, indent=1)
    (folder / "manifest.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    write_witnesses()
    write_manifest()
