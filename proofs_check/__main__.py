"""``python -m proofs_check``: run every check and print the table."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import asdict

from proofs_check.ledger import Claim, Result, all_claims, run


def main(
    arguments: Sequence[str] | None = None,
    ledger: dict[str, Claim] | None = None,
) -> int:
    """Run the ledger; return 1 when a verdict differs from the record."""
    parser = argparse.ArgumentParser(
        prog="python -m proofs_check",
        description="Compute the verdict of every claim in the ledger.",
    )
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object"
    )
    options = parser.parse_args(arguments)
    results = []
    for result in run(all_claims() if ledger is None else ledger):
        results.append(result)
        if not options.json:
            print(_row(result), flush=True)
    differ = sum(not result.agrees for result in results)
    if options.json:
        rows = [_document(result) for result in results]
        print(json.dumps({"ok": not differ, "claims": rows}, indent=2))
    else:
        print(f"{len(results)} claims, {differ} not as recorded")
    return 1 if differ else 0


def _row(result: Result) -> str:
    claim, finding = result.claim, result.finding
    differs = f"  (recorded {claim.recorded.value})"
    head = f"{finding.verdict.value:<6}{result.name}"
    paragraphs = {
        "claim": claim.statement,
        "source": claim.source,
        "reading": claim.reading,
        "kind": claim.kind.value,
        "evidence": finding.evidence,
    }
    body = [
        textwrap.fill(
            text,
            width=79,
            initial_indent=f"      {label:<9} ",
            subsequent_indent=" " * 16,
        )
        for label, text in paragraphs.items()
    ]
    return "\n".join([head + differs * (not result.agrees), *body, ""])


def _document(result: Result) -> dict[str, object]:
    claim = result.claim
    return {
        "name": result.name,
        "statement": claim.statement,
        "source": claim.source,
        "reading": claim.reading,
        "kind": claim.kind.value,
        "recorded": claim.recorded.value,
        "agrees": result.agrees,
        **asdict(result.finding),
    }


if __name__ == "__main__":
    sys.exit(main())
