"""Write the tables of the docs that the code itself can write.

``python docs/tables.py`` rewrites the pages; ``tests/test_catalogue.py``
fails where one would change.
"""

from __future__ import annotations

import ast
import itertools
import re
import sys
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

# The ledger is a room of the checkout, no installed package.
sys.path.insert(0, str(Path(__file__).parents[1]))

from kvopt.model import SearchParams, search_params
from kvopt.policies import PolicyInfo, infos
from kvopt.policies.staged import staged_infos
from kvopt.workloads import GENERATORS
from proofs_check import record
from proofs_check.coverage import facts
from proofs_check.evidence import Verdict
from proofs_check.ledger import Claim, all_claims

DOCS = Path(__file__).parent


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown; the first column is set as code."""
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for name, *cells in rows:
        plain = [cell.replace("|", "\\|") for cell in cells]
        lines.append(f"| `{name}` | {' | '.join(plain)} |")
    return "\n".join(lines)


def policy_table(listed: Iterable[PolicyInfo]) -> str:
    """Return the table of some policies, from their metadata."""
    return table(
        ("name", "paper", "guarantee", "what it does"),
        [(i.name, i.paper, i.ratio, i.summary) for i in listed],
    )


def claim_tables() -> dict[str, str]:
    """Return the tables of the ledger, from its recorded verdicts."""
    claims, problems = all_claims()
    if problems:
        raise SystemExit(problems[0])
    recorded = record.read()
    shown = {name: record.best(recorded[name]) for name in claims}
    counts = {v: 0 for v in Verdict}
    for entry in shown.values():
        counts[Verdict(entry["verdict"])] += 1
    fails = (Verdict.REFUTED, Verdict.NOT_REPRODUCED)

    def row(claim: Claim) -> tuple[str, ...]:
        entry = shown[claim.id]
        return (
            claim.id,
            claim.statement.partition(". ")[0].rstrip("."),
            claim.source,
            f"{claim.kind.value}; {claim.strength.value}",
            entry["verdict"],
        )

    return {
        "In numbers": table(
            ("name", "claims"),
            [(v.value, str(n)) for v, n in counts.items()],
        ),
        "What fails": table(
            ("name", "claim", "verdict", "why"),
            [
                (
                    claim.id,
                    claim.statement.partition(". ")[0].rstrip("."),
                    shown[claim.id]["verdict"],
                    shown[claim.id]["evidence"],
                )
                for claim in claims.values()
                if Verdict(shown[claim.id]["verdict"]) in fails
            ],
        ),
        "What no counterexample was found to": table(
            ("name", "claim", "tried", "largest ratio", "claimed"),
            [
                (
                    claim.id,
                    claim.statement.partition(". ")[0].rstrip("."),
                    f"{shown[claim.id]['tried']:,}",
                    decimal(shown[claim.id]["largest_ratio"]),
                    decimal(shown[claim.id]["bound"]),
                )
                for claim in claims.values()
                if shown[claim.id]["verdict"] == Verdict.CONSISTENT
            ],
        ),
        "All claims": table(
            ("name", "claim", "source", "kind and check", "verdict"),
            [row(claim) for claim in claims.values()],
        ),
    }


def coverage_tables() -> dict[str, str]:
    """Return the facts with their claims and verdicts, or the reasons."""
    recorded = record.read()

    def answer(name: str) -> str:
        verdict = record.best(recorded[name])["verdict"]
        return f"`{name}` {verdict}"

    def rows(own: bool) -> list[tuple[str, ...]]:
        return [
            (
                fact.name,
                fact.statement,
                ", ".join(map(answer, fact.claims)) or fact.reason,
            )
            for fact in facts()
            if fact.name.startswith("KV.") == own
        ]

    head = ("name", "statement", "claims, or why there is none")
    return {
        "In print": table(head, rows(False)),
        "Ours": table(head, rows(True)),
    }


def decimal(ratio: str | None) -> str:
    """Return a fraction of the record with four decimals."""
    return "" if ratio is None else f"{float(Fraction(ratio)):.4f}"


def parameter_table() -> str:
    """Return the table of the search's parameters, from their docstrings."""
    text = Path(search_params.__file__).read_text("utf-8")
    (own,) = (
        node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)
    )
    rows = []
    for node, doc in itertools.pairwise(own.body):
        if not isinstance(node, ast.AnnAssign):
            continue
        assert isinstance(node.target, ast.Name)
        assert isinstance(doc, ast.Expr)
        meaning = " ".join(ast.literal_eval(doc.value).split())
        name = node.target.id
        value = SearchParams().document()[name]
        known = SearchParams.__dataclass_fields__[name].metadata["limits"]
        least, most = (f"{limit:,}" for limit in known)
        shown = f"{value:,}" if isinstance(value, int) else f"{value}"
        rows.append((name, shown, f"{least} to {most}", meaning))
    return table(("name", "default", "range", "meaning"), rows)


def tables() -> dict[str, dict[str, str]]:
    """Return the tables of each page, by the heading above them."""
    return {
        "catalogue.md": {
            "Policies": policy_table(infos()),
            "Staged policies": policy_table(staged_infos()),
            "Generators": table(
                ("name", "what it makes", "source"),
                [(g.name, g.summary, g.source) for g in GENERATORS.values()],
            ),
        },
        "search-params.md": {"The parameters": parameter_table()},
        "claims.md": claim_tables(),
        "claims/coverage.md": coverage_tables(),
    }


def rewritten(name: str) -> str:
    """Return a page with the tables that the code gives."""
    page = (DOCS / name).read_text("utf-8")
    for heading, rows in tables()[name].items():
        pattern = rf"(?ms)(^## {heading}\n.*?\n\n)\| name .*?(?=\n\n|\Z)"
        page, count = re.subn(
            pattern, lambda m, rows=rows: m[1] + rows, page, count=1
        )
        if count != 1:
            raise SystemExit(f"docs/{name}: no table under ## {heading}")
    return page


if __name__ == "__main__":
    for name in tables():
        (DOCS / name).write_text(rewritten(name), "utf-8")
