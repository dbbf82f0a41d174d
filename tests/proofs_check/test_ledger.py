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
from proofs_check.claims import p1_v2_constant_total_regret as total_regret
from proofs_check.claims import p1_v2_optimality as optimality
from proofs_check.ledger import Kind, Truth, all_claims, run

ROOT = Path(proofs_check.__file__).parent
EXPECTED = {
    "p1_ratio_9216": Truth.HOLDS,
    "p1_v2_constant_regret_per_request": Truth.FAILS,
    "p1_v2_constant_total_regret": Truth.FAILS,
    "p1_v2_optimality": Truth.FAILS,
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
    assert [row["name"] for row in document["claims"]] == list(all_claims())
    assert set(EXPECTED) <= set(all_claims())


def test_verdicts(results):
    """The verdicts are the recorded ones; of those known, as said here."""
    found = {name: r.finding.verdict for name, r in results.items()}
    assert EXPECTED.items() <= found.items()
    assert all(result.agrees for result in results.values())


@pytest.mark.parametrize("recorded", list(Truth))
def test_tampered_record_ends_with_1(recorded, capsys):
    """A record that differs from the computation is named and ends with 1."""
    name = "p1_v2_optimality"
    claim = dataclasses.replace(all_claims()[name], recorded=recorded)
    differs = recorded is not Truth.FAILS
    assert main([], {name: claim}) == int(differs)
    assert (f"recorded {recorded.value}" in capsys.readouterr().out) == differs


@pytest.mark.parametrize(
    ("name", "costs"),
    [
        ("p1_v2_optimality", [(16, 15), (18, 17), (21, 19), (48, 42)]),
        ("p1_v2_smallest_counterexample", [(16, 15)]),
        ("p1_v2_smallest_unequal_prompts", [(10, 9)]),
    ],
)
def test_counterexamples_stand_before_the_checker(name, costs, results):
    """kvopt's checker re-derives cost and optimality of every witness."""
    verdicts = [check_witness(w) for w in results[name].finding.witnesses]
    assert all(verdict.ok for verdict in verdicts)
    assert {v.optimality for v in verdicts} == {Optimality.CERTIFIED}
    assert [
        (v.algorithm.total_latency, v.reference.total_latency)
        for v in verdicts
    ] == costs


def test_no_statement_is_counted_twice():
    """Two claims never state the same thing."""
    statements = [claim.statement for claim in all_claims().values()]
    assert len(set(statements)) == len(statements)


def test_instances_without_a_loss_settle_nothing():
    """Exact optimality on some instances is OPEN, never HOLDS."""
    fits = optimality.Case(1, 9, (1, 2), (0, 0))
    assert optimality.check([fits]).verdict is Truth.OPEN


@pytest.mark.parametrize(
    ("second", "verdict"), [((3,), Truth.OPEN), ((5,), Truth.FAILS)]
)
def test_futures_that_do_not_refute_settle_nothing(second, verdict):
    """Constant regret FAILS if futures disagree, else OPEN: never HOLDS."""
    finding = total_regret.weigh({"one": {(3,)}, "two": {second}})
    assert finding.verdict is verdict


def test_a_multiplication_says_that_it_is_one():
    """The check of the constant 9216 is of the kind arithmetic."""
    claim = all_claims()["p1_ratio_9216"]
    assert claim.kind is Kind.ARITHMETIC
    assert "not checked here" in claim.statement


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
