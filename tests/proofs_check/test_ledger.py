"""The ledger: what it prints, how it ends, and that it stands alone."""

import ast
import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest

import proofs_check
from kvopt.check import Optimality, check_witness
from proofs_check.__main__ import main
from proofs_check.ledger import Truth, all_claims, run

ROOT = Path(proofs_check.__file__).parent
EXPECTED = {
    "p1_ratio_9216": Truth.HOLDS,
    "p1_v2_constant_regret_per_request": Truth.FAILS,
    "p1_v2_constant_total_regret": Truth.FAILS,
    "p1_v2_optimality_16_15": Truth.FAILS,
    "p1_v2_optimality_18_17": Truth.FAILS,
    "p1_v2_optimality_21_19": Truth.FAILS,
    "p1_v2_optimality_48_42": Truth.FAILS,
    "p1_v2_smallest_counterexample": Truth.HOLDS,
    "p1_v2_smallest_unequal_prompts": Truth.HOLDS,
    "p2_fcfs_sf_trap": Truth.HOLDS,
    "p2_three_partition": Truth.HOLDS,
    "p6_area_bound": Truth.HOLDS,
}


@pytest.fixture(scope="module")
def results():
    """Return the findings of one run of the whole ledger, by name."""
    return {result.name: result for result in run(all_claims())}


def test_command_prints_every_claim_and_ends_with_0():
    """``python -m proofs_check --json`` prints one object and ends with 0."""
    ended = subprocess.run(
        [sys.executable, "-m", "proofs_check", "--json"],
        cwd=ROOT.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    document = json.loads(ended.stdout)
    assert ended.returncode == 0
    assert ended.stderr == ""
    assert document["ok"] is True
    assert [row["name"] for row in document["claims"]] == sorted(EXPECTED)


def test_verdicts(results):
    """Every claim is found to hold or fail as this test says, not the file."""
    found = {name: r.finding.verdict for name, r in results.items()}
    assert found == EXPECTED
    assert all(result.agrees for result in results.values())


@pytest.mark.parametrize("recorded", list(Truth))
def test_tampered_record_ends_with_1(recorded, capsys):
    """A record that differs from the computation is named and ends with 1."""
    name = "p1_v2_optimality_16_15"
    claim = dataclasses.replace(all_claims()[name], recorded=recorded)
    differs = recorded is not Truth.FAILS
    assert main([], {name: claim}) == int(differs)
    assert (f"recorded {recorded.value}" in capsys.readouterr().out) == differs


@pytest.mark.parametrize(
    ("name", "algorithm", "reference"),
    [
        ("p1_v2_optimality_16_15", 16, 15),
        ("p1_v2_optimality_18_17", 18, 17),
        ("p1_v2_optimality_21_19", 21, 19),
        ("p1_v2_optimality_48_42", 48, 42),
        ("p1_v2_smallest_counterexample", 16, 15),
        ("p1_v2_smallest_unequal_prompts", 10, 9),
    ],
)
def test_counterexamples_stand_before_the_checker(
    name, algorithm, reference, results
):
    """kvopt's checker re-derives cost and optimality of every witness."""
    verdict = check_witness(results[name].finding.witness)
    assert verdict.ok
    assert verdict.optimality is Optimality.CERTIFIED
    assert verdict.algorithm.total_latency == algorithm
    assert verdict.reference.total_latency == reference


def test_every_claim_says_where_it_comes_from():
    """Statement, source and reading are given, and the source is a paper."""
    for name, claim in all_claims().items():
        assert claim.statement.endswith("."), name
        assert claim.reading, name
        assert claim.source.startswith(name[:2].upper()), name
        assert "arXiv" in claim.source, name


def test_every_claim_is_in_the_docs():
    """``docs/claims.md`` names every claim of the ledger."""
    page = (ROOT.parent / "docs" / "claims.md").read_text(encoding="utf-8")
    assert [name for name in all_claims() if f"`{name}`" not in page] == []


def test_nothing_but_the_standard_library_is_imported():
    """No file of proofs_check imports kvopt or any installed package."""
    files = list(ROOT.rglob("*.py"))
    assert len(files) > 10
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, file
                names = [node.module]
            for name in names:
                top = name.partition(".")[0]
                own = top == "proofs_check"
                assert own or top in sys.stdlib_module_names, (file, name)
