"""The table of exhaustive worst ratios that is shipped."""

import json
import re
from fractions import Fraction
from pathlib import Path

import pytest

from benchmarks.exhaustive import (
    OUT,
    WorstRow,
    print_reach,
    print_tables,
    row_of,
    run,
    without_row,
    worst_of,
)
from kvopt.adversary.exhaustive import witness_of, worst_ratios
from kvopt.analysis import read_rows
from kvopt.check import check_witness
from kvopt.check.witness import Optimality
from kvopt.policies import parse_policy

ROWS = read_rows(WorstRow, OUT)
KEPT = OUT.parent / "exhaustive"


def test_no_row_is_there_twice():
    """A policy and a space have one row."""
    keys = [(row.policy, row.space) for row in ROWS]
    assert len(set(keys)) == len(keys)


def test_the_page_says_who_has_no_row():
    """Each policy has a row, or the page names it among those without."""
    page = (OUT.parents[2] / "docs" / "exhaustive.md").read_text()
    _, _, said = page.partition("Without a row are ")
    named = re.findall(r"`([a-z0-9-]+)`", said.partition("\n\n")[0])
    assert sorted(named) == without_row(ROWS)


def test_the_page_has_the_tables(capsys):
    """Both tables of the page are those that the rows give."""
    page = (OUT.parents[2] / "docs" / "exhaustive.md").read_text()
    listed = [line for line in page.splitlines() if line.startswith("|")]
    print_tables(ROWS)
    printed = capsys.readouterr().out.splitlines()
    assert sorted(listed) == sorted(x for x in printed if x.startswith("|"))


def test_sizes_beyond_a_gap_are_not_claimed(capsys):
    """A size counts as reached where all smaller ones have a row, too."""
    mine = [
        row for row in ROWS if row.policy == "gsa" and row.prompts == "equal"
    ]
    without = [r for r in mine if (r.requests, r.memory) != (5, 6)]
    print_reach(without)
    assert "| equal | 0 | 2: 8, 3: 8, 4: 8, 5: 5, 6: 8 | `gsa` |" in (
        capsys.readouterr().out
    )


@pytest.mark.parametrize(
    "row", worst_of(ROWS), ids=lambda r: f"{r.policy}-{r.prompts}"
)
def test_the_worst_rows_are_certified(row):
    """The checker proves cost and optimum of each policy's worst instance."""
    verdict = check_witness(witness_of(row.found).document())
    assert verdict.ok
    assert verdict.optimality is Optimality.CERTIFIED
    assert verdict.ratio == Fraction(row.cost, row.optimum)


def test_the_files_are_the_witnesses_of_the_table():
    """Each file that is shipped is accepted, and has a row's ratio."""
    ratios = {Fraction(row.cost, row.optimum) for row in worst_of(ROWS)}
    files = sorted(Path(KEPT).glob("*.json"))
    assert len(files) == len(worst_of(ROWS))
    for path in files:
        verdict = check_witness(json.loads(path.read_text()))
        assert verdict.ok
        assert verdict.ratio in ratios


def test_small_rows_are_found_again():
    """The rows of tiny spaces are what the enumeration says today."""
    small = [r for r in ROWS if r.memory <= 3 and r.requests <= 3]
    assert len(small) > 50
    for space in {row.space for row in small}:
        mine = {r.policy: r for r in small if r.space == space}
        policies = [parse_policy(name) for name in mine]
        for found in worst_ratios(policies, space):
            row = mine[found.policy]
            again = row_of(found)
            assert (again.cost, again.optimum) == (row.cost, row.optimum)
            assert again.instances == row.instances


def test_a_run_goes_on_from_its_rows(tmp_path, monkeypatch):
    """What has a row is not enumerated again; the rest is added."""
    import benchmarks.exhaustive as module

    out = tmp_path / "rows.csv"
    every = [(("mc-sf", "sps"), row.space) for row in ROWS[:1]]
    monkeypatch.setattr(module, "plan", lambda: [(("sps",), every[0][1])])
    run(out)
    first = read_rows(WorstRow, out)
    monkeypatch.setattr(module, "plan", lambda: every)
    run(out)
    rows = read_rows(WorstRow, out)
    assert rows[:1] == first
    assert [row.policy for row in rows] == ["sps", "mc-sf"]
