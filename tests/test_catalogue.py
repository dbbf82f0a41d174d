"""The docs index names everything that the registries hold."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from kvopt import exact
from kvopt.exact.bounds import METHODS
from kvopt.policies import names
from kvopt.policies.staged import staged_names
from kvopt.simulation.clocks import CLOCKS
from kvopt.workloads import GENERATORS
from kvopt.workloads.predictions.by_name import PREDICTORS

PAGE = Path(__file__).parents[1] / "docs" / "catalogue.md"


@pytest.mark.parametrize(
    "page",
    ["catalogue.md", "claims.md", "claims/coverage.md", "search-params.md"],
)
def test_generated_tables_are_up_to_date(page):
    """``python docs/tables.py`` would not change a page."""
    made = runpy.run_path(str(PAGE.parent / "tables.py"))
    text = (PAGE.parent / page).read_text(encoding="utf-8")
    assert made["rewritten"](page) == text


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("Policies", set(names())),
        ("Staged policies", set(staged_names())),
        (
            "Solvers",
            {info.name for info in exact.infos()},
        ),
        ("Bounds", {*METHODS, "best"}),
        ("Generators", set(GENERATORS)),
        ("Clocks", set(CLOCKS)),
        ("Predictors", set(PREDICTORS)),
    ],
)
def test_catalogue_is_complete(heading, expected):
    """Each section lists exactly the names of its registry."""
    text = PAGE.read_text(encoding="utf-8")
    section = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    listed = set()
    for row in section.splitlines():
        if row.startswith("| `"):
            cell = row.split("|")[1]
            listed.update(part.strip(" `") for part in cell.split(","))
    assert listed == expected
