"""Write the tables of catalogue.md that the package itself can write.

``python docs/catalogue.py`` rewrites the page; ``tests/test_catalogue.py``
fails where it would change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from kvopt.policies import PolicyInfo, infos
from kvopt.policies.staged import staged_infos
from kvopt.workloads import GENERATORS

PAGE = Path(__file__).parent / "catalogue.md"


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


def rewritten(page: str) -> str:
    """Return the page with the tables that the registries give."""
    tables = {
        "Policies": policy_table(infos()),
        "Staged policies": policy_table(staged_infos()),
        "Generators": table(
            ("name", "what it makes", "source"),
            [(g.name, g.summary, g.source) for g in GENERATORS.values()],
        ),
    }
    for heading, rows in tables.items():
        pattern = rf"(?ms)(^## {heading}\n.*?\n\n)\| name .*?(?=\n\n|\Z)"
        page, count = re.subn(
            pattern, lambda m, rows=rows: m[1] + rows, page, count=1
        )
        if count != 1:
            raise SystemExit(f"{PAGE}: no table under ## {heading}")
    return page


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text("utf-8")), "utf-8")
