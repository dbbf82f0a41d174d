"""``python -m proofs_check``: compute the verdicts and compare them."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from proofs_check import record
from proofs_check.graph import rests_on_refuted
from proofs_check.ledger import (
    WITNESSES,
    Claim,
    Result,
    all_claims,
    run_one,
    witness_facts,
)
from proofs_check.page import write_page
from proofs_check.resume import Progress, code_hash

DIFFERS, BAD_INPUT, NOT_CHECKED = 1, 2, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the ledger and compare every verdict with the recorded one.

    Returns
    -------
    int
        0; 1 when something computed differs from the record; 2 for bad
        arguments; 3 when something could not be checked.
    """
    options = _parser().parse_args(arguments)
    claims, problems = all_claims()
    chosen = claims
    needed = None
    if options.only:
        problems += [
            f"--only: unknown claim {name!r}"
            for name in options.only
            if name not in claims
        ]
        chosen = {n: claims[n] for n in options.only if n in claims}
        if not options.html:
            needed = {w for c in chosen.values() for w in c.witnesses}
    facts, faults = witness_facts(options.witnesses, needed)
    problems += [f"{options.witnesses.name}/{fault}" for fault in faults]
    for problem in problems:
        print(problem, file=sys.stderr)
    try:
        recorded = record.read(options.record_file)
        progress = (
            Progress(options.resume, code_hash()) if options.resume else None
        )
    except (OSError, ValueError, KeyError) as error:
        print(
            f"{options.record_file or options.resume}: {error}",
            file=sys.stderr,
        )
        return BAD_INPUT
    full = not options.quick
    rows = []
    for claim in chosen.values():
        row = progress.row(claim.id) if progress else None
        if row is None:
            result = run_one(claim, facts, full, options.witnesses)
            row = document(result, recorded, full)
            if options.record and result.finding is not None:
                today = datetime.datetime.now(datetime.UTC).date()
                recorded[claim.id] = record.updated(
                    result, recorded, full, today.isoformat()
                )
                record.write(recorded, options.record_file)
                row["differs"] = None
            if progress:
                progress.keep(row)
        rows.append(row)
        if not options.json:
            print(_shown(row), flush=True)
    _mark_refuted(rows, claims, recorded)
    differ = sum(row["differs"] is not None for row in rows)
    unchecked = sum(row["problem"] != "" for row in rows) + len(problems)
    if options.html:
        write_page(options.html, claims, recorded, facts, options.witnesses)
    answer = {
        "ok": not differ and not unchecked,
        "differ": differ,
        "not_checked": unchecked,
        "problems": problems,
        "claims": rows,
    }
    if options.json:
        print(json.dumps(answer, indent=1))
    else:
        print(
            f"{len(rows)} claims, {differ} not as recorded, "
            f"{unchecked} not checked"
        )
    if differ:
        return DIFFERS
    return NOT_CHECKED if unchecked else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=os.environ.get("KVOPT_PROGRAM", "python -m proofs_check"),
        description="Compute the verdict of every claim in the ledger.",
    )
    add = parser.add_argument
    add("--only", metavar="ID", nargs="+", help="check these claims alone")
    add(
        "--quick",
        action="store_true",
        help="the smaller ranges: about a minute",
    )
    add("--json", action="store_true", help="print one JSON object")
    add("--html", type=Path, metavar="FILE", help="write the page FILE")
    add(
        "--resume",
        type=Path,
        metavar="FILE",
        help="keep finished rows in FILE, and take from it those that the "
        "same code has computed",
    )
    add(
        "--record",
        action="store_true",
        help="record what is computed, instead of comparing",
    )
    add(
        "--record-file",
        type=Path,
        default=record.RECORD,
        metavar="FILE",
        help="where verdicts are recorded (default: verdicts.json)",
    )
    add(
        "--witnesses",
        type=Path,
        default=WITNESSES,
        metavar="FOLDER",
        help="the witnesses (default: those of the ledger)",
    )
    return parser


def document(
    result: Result, recorded: dict[str, Any], full: bool
) -> dict[str, Any]:
    """Return the row of a claim as plain JSON values."""
    claim = result.claim
    row: dict[str, Any] = {
        "id": claim.id,
        "statement": claim.statement,
        "source": claim.source,
        "model": claim.model,
        "reading": claim.reading,
        "kind": claim.kind.value,
        "strength": claim.strength.value,
        "proof": claim.proof,
        "command": claim.command,
        "witnesses": list(claim.witnesses),
        "depends_on": list(claim.depends_on),
        "seed": claim.seed,
        "verdict": None,
        "evidence": "",
        "differs": None,
        "problem": result.problem,
        "rests_on_refuted": [],
    }
    if result.finding is not None:
        row.update(record.entry(result))
        row["differs"] = record.differs(result, recorded, full)
    return row


def _mark_refuted(
    rows: list[dict[str, Any]],
    claims: dict[str, Claim],
    recorded: dict[str, Any],
) -> None:
    verdicts = {
        name: record.best(entry)["verdict"] for name, entry in recorded.items()
    }
    verdicts |= {r["id"]: r["verdict"] for r in rows if r["verdict"]}
    below = rests_on_refuted(claims, verdicts)
    for row in rows:
        row["rests_on_refuted"] = below.get(row["id"], [])


def _shown(row: dict[str, Any]) -> str:
    head = f"{row['verdict'] or 'NOT CHECKED':<16}{row['id']}"
    if row["differs"]:
        head += f"  ({row['differs']})"
    paragraphs = {
        "claim": row["statement"],
        "source": row["source"],
        "reading": row["reading"],
        "evidence": row["evidence"],
        "problem": row["problem"],
    }
    body = [
        textwrap.fill(
            text,
            width=79,
            initial_indent=f"      {label:<9} ",
            subsequent_indent=" " * 16,
        )
        for label, text in paragraphs.items()
        if text
    ]
    return "\n".join([head, *body, ""])


if __name__ == "__main__":
    sys.exit(main())
