"""Write the tables of the docs that the code itself can write.

``python docs/tables.py`` rewrites the pages; ``tests/test_catalogue.py``
fails where one would change.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

# The ledger is a room of the checkout, no installed package.
sys.path.insert(0, str(Path(__file__).parents[1]))

from kvopt.policies import PolicyInfo, infos
from kvopt.policies.staged import staged_infos
from kvopt.workloads import GENERATORS
from proofs_check.ledger import all_claims

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
        "claims.md": {
            "The claims": table(
                ("name", "claim", "source", "kind", "verdict"),
                [
                    (
                        name,
                        claim.statement.partition(". ")[0].rstrip("."),
                        claim.source,
                        claim.kind.value,
                        claim.recorded.value,
                    )
                    for name, claim in all_claims().items()
                ],
            ),
        },
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
