"""The ledger: what it prints, how it ends, what it rests on."""

import ast
import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import networkx as nx
import pytest

import proofs_check
from kvopt.check import Optimality, check_witness
from proofs_check import record
from proofs_check.claims import p1v2_regret_total as total_regret
from proofs_check.claims import p1v2_semi_online as semi_online
from proofs_check.coverage import facts
from proofs_check.evidence import NotCheckedError, Verdict, measured, scanned
from proofs_check.graph import dependency_graph, rests_on_refuted
from proofs_check.ledger import (
    WITNESSES,
    MalformedError,
    all_claims,
    run_one,
    witness_facts,
)
from proofs_check.pictures import draw_all

ROOT = Path(proofs_check.__file__).parent
CLAIMS, PROBLEMS = all_claims()
SOON = "P1-const-9216"  # a claim that is checked in no time
OTHER = "P4-const-6.75"  # and another


def claim_of(check, **changes):
    """Return a claim with a check of one's own."""
    return dataclasses.replace(CLAIMS[SOON], check=check, **changes)


def run(*words, status=0):
    """Run the command in a process; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "proofs_check", *words],
        cwd=ROOT.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done


def test_every_entry_is_well_formed():
    """No file of the ledger is malformed, and each is named after its id."""
    assert PROBLEMS == []
    assert len(CLAIMS) == len(list((ROOT / "claims").glob("p*_*.py"))) + len(
        list((ROOT / "claims").glob("kv_*.py"))
    )


def test_json_is_one_object_that_meets_the_schema():
    """``--json`` prints one object; each of its rows meets the schema."""
    document = json.loads(run("--quick", "--json", "--only", SOON).stdout)
    assert document["ok"] is True
    schema = json.loads((ROOT / "claim-1.json").read_text("utf-8"))
    for row in document["claims"]:
        jsonschema.validate(row, schema)
    assert [row["id"] for row in document["claims"]] == [SOON]


def test_recorded_entries_meet_the_schema_of_the_record():
    """Every claim is recorded, and nothing else is."""
    recorded = record.read()
    assert set(recorded) == set(CLAIMS)
    for name, entry in recorded.items():
        assert {"quick", "date", "versions", "history"} <= set(entry), name
        assert ("full" in entry) == (CLAIMS[name].longer is not None), name
        for effort in ("quick", "full"):
            if effort in entry:
                assert entry[effort]["verdict"] in set(Verdict), name


def test_every_fact_has_a_claim_or_a_reason():
    """Facts name known claims or say why not; each claim has a fact."""
    listed = facts()
    assert len({fact.name for fact in listed}) == len(listed) >= 90
    for fact in listed:
        assert bool(fact.claims) != bool(fact.reason), fact.name
        assert set(fact.claims) <= set(CLAIMS), fact.name
    assert {name for fact in listed for name in fact.claims} == set(CLAIMS)


def test_consistent_claims_say_how_much_was_tried():
    """CONSISTENT comes with a number of instances, or with an interval."""
    for name, entry in record.read().items():
        shown = record.best(entry)
        if shown["verdict"] == Verdict.CONSISTENT:
            assert shown["tried"] or shown["interval"], name


def test_verdicts_rest_on_something():
    """PROVED HERE names a proof or a witness; REFUTED a witness or proof."""
    for name, entry in record.read().items():
        claim = CLAIMS[name]
        if record.best(entry)["verdict"] in (
            Verdict.PROVED,
            Verdict.REFUTED,
        ):
            assert claim.proof or claim.witnesses, name


def test_a_verdict_that_differs_ends_with_1(tmp_path):
    """A record that says something else is named, and the status is 1."""
    recorded = record.read()
    recorded[SOON]["quick"]["verdict"] = "REFUTED"
    record.write(recorded, tmp_path / "v.json")
    words = ("--quick", "--only", SOON, "--record-file")
    done = run(*words, str(tmp_path / "v.json"), status=1)
    assert "(recorded REFUTED)" in done.stdout


def test_a_number_that_differs_ends_with_1(tmp_path):
    """So does one number of the evidence."""
    recorded = record.read()
    recorded[SOON]["quick"]["numbers"]["supremum"] = "9217"
    record.write(recorded, tmp_path / "v.json")
    words = ("--quick", "--only", SOON, "--record-file")
    done = run(*words, str(tmp_path / "v.json"), status=1)
    assert "supremum is 9216, recorded 9217" in done.stdout


def test_an_unknown_id_is_said_and_the_others_run():
    """An unknown id is one line; the known one runs; the status is 3."""
    done = run("--quick", "--only", "P9-nothing", SOON, status=3)
    assert done.stderr == "--only: unknown claim 'P9-nothing'\n"
    assert "PROVED HERE     P1-const-9216" in done.stdout


def test_a_malformed_record_is_one_line(tmp_path):
    """A record that is no JSON ends with status 2 and one line."""
    (tmp_path / "v.json").write_text("{")
    done = run("--record-file", str(tmp_path / "v.json"), status=2)
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ('id="P1-const-9216"', 'id="P7-x"'),
        ("kind=Kind.CONSTANT", 'kind="constant"'),
        ("    source=", "    sauce="),
        ("#the-constant-9216", "#no-such-heading"),
    ],
)
def test_a_malformed_entry_is_one_line(tmp_path, change, line):
    """A malformed file is named with its field; other claims still run."""
    for room in ("proofs_check", "docs"):
        shutil.copytree(
            ROOT.parent / room,
            tmp_path / room,
            ignore=shutil.ignore_patterns("__pycache__", "img"),
        )
    file = tmp_path / "proofs_check" / "claims" / "p1_const_9216.py"
    text = file.read_text("utf-8")
    assert change in text
    file.write_text(text.replace(change, line), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "proofs_check", "--quick", "--only", OTHER],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT.parent}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert "proofs_check/claims/p1_const_9216.py: " in done.stderr
    assert "1 claims, 0 not as recorded" in done.stdout


def test_a_missing_solver_is_said_and_nothing_else_stops():
    """What a check needs and does not find is a problem, not a verdict."""

    def check():
        raise NotCheckedError("highspy is not installed")

    result = run_one(claim_of(check), {}, full=False)
    assert result.finding is None
    assert result.problem == "highspy is not installed"


def test_a_check_that_breaks_is_a_problem():
    """An exception in a check is one line, and no verdict."""
    result = run_one(claim_of(lambda: 1 // 0), {}, full=False)
    assert "ZeroDivisionError" in result.problem


def test_a_finding_that_the_checker_rejects_is_none():
    """A counterexample counts only if the independent checker accepts it."""
    document = semi_online.makes()["semi_online_1.json"]
    document = json.loads(json.dumps(document))
    document["reference_cost"] -= 1

    def check():
        return scanned("", 1, ["x"], documents=(document,))

    result = run_one(claim_of(check), {}, full=False)
    assert "the checker rejects" in result.problem


def test_a_full_run_is_continued(tmp_path):
    """Rows that the same code has finished are taken from the file."""
    rows = tmp_path / "rows.jsonl"
    words = ("--only", SOON, "--resume", str(rows), "--json")
    first = json.loads(run(*words).stdout)
    kept = json.loads(rows.read_text())
    kept["row"]["evidence"] = "as it was"
    rows.write_text(json.dumps(kept) + "\n")
    second = json.loads(run(*words).stdout)
    assert second["claims"][0]["evidence"] == "as it was"
    kept["code"] = "other code"
    rows.write_text(json.dumps(kept) + "\n")
    third = json.loads(run(*words).stdout)
    assert third["claims"][0]["evidence"] == first["claims"][0]["evidence"]


def test_a_changed_verdict_goes_into_the_history():
    """The old verdict is kept with its date and versions."""
    claim = CLAIMS[SOON]
    before = {
        SOON: {
            "quick": {"verdict": "OPEN"},
            "date": "2026-01-01",
            "versions": {"kvopt": "0.0.1"},
            "history": [],
        }
    }
    result = run_one(claim, {}, full=False)
    entry = record.updated(result, before, False, "2026-02-02")
    assert entry["history"] == [
        {
            "run": "quick",
            "verdict": "OPEN",
            "date": "2026-01-01",
            "versions": {"kvopt": "0.0.1"},
        }
    ]
    again = record.updated(result, {SOON: entry}, False, "2026-03-03")
    assert again["history"] == entry["history"]


def test_the_page_shows_every_claim(tmp_path):
    """The HTML page has each claim with verdict, command and filter."""
    run("--quick", "--only", SOON, "--html", str(tmp_path / "x.html"))
    page = (tmp_path / "x.html").read_text("utf-8")
    for name, claim in CLAIMS.items():
        assert f"<article id='{name}'" in page
        assert claim.command in page
    assert "src=" not in page
    assert "href=" not in page
    assert page.count("<svg") > 5


def test_dependencies_have_no_cycle_and_mark_what_rests_on_refuted():
    """The graph is acyclic; what rests on a refuted claim says so."""
    graph = dependency_graph(CLAIMS)
    assert nx.is_directed_acyclic_graph(graph)
    below = rests_on_refuted(CLAIMS, {"P1-lemma-4.4": "REFUTED"})
    assert below[SOON] == ["P1-lemma-4.4"]
    assert rests_on_refuted(CLAIMS, {"P1-lemma-4.4": "CONSISTENT"}) == {}


def test_no_statement_is_counted_twice():
    """Two claims never state the same thing."""
    statements = [claim.statement for claim in CLAIMS.values()]
    assert len(set(statements)) == len(statements)


def test_every_claim_says_where_it_comes_from():
    """The source names the paper of the id, or says that it is ours."""
    for name, claim in CLAIMS.items():
        paper = name.partition("-")[0].partition("v")[0]
        if paper == "KV":
            assert "ours" in claim.source, name
        else:
            assert claim.source.startswith(paper), name
            assert "arXiv" in claim.source, name


def test_every_claim_is_in_the_docs():
    """``docs/claims.md`` names every claim of the ledger."""
    page = (ROOT.parent / "docs" / "claims.md").read_text(encoding="utf-8")
    assert [name for name in CLAIMS if f"`{name}`" not in page] == []


def test_malformed_fields_are_named():
    """The error of a wrong field names it."""
    with pytest.raises(MalformedError, match="statement"):
        dataclasses.replace(CLAIMS[SOON], statement="no stop")


@pytest.mark.parametrize(
    ("name", "costs"),
    [
        (
            "P1v2-semi-online",
            [(16, 15), (18, 17), (21, 19), (48, 42)],
        ),
        ("P1v2-smallest-equal", [(16, 15)]),
        ("P1v2-smallest-any", [(10, 9)]),
    ],
)
def test_counterexamples_stand_before_both_checkers(name, costs):
    """kvopt's checker re-derives cost and optimality of every witness too."""
    documents = [
        json.loads((WITNESSES / file).read_text("utf-8"))
        for file in CLAIMS[name].witnesses
    ]
    verdicts = [check_witness(document) for document in documents]
    assert {v.optimality for v in verdicts} == {Optimality.CERTIFIED}
    assert [
        (v.algorithm.total_latency, v.reference.total_latency)
        for v in verdicts
    ] == costs


def test_every_witness_is_used():
    """Some claim rests on every file of the folder but instances."""
    used = {w for claim in CLAIMS.values() for w in claim.witnesses}
    facts, faults = witness_facts()
    assert faults == []
    assert used == set(facts)


@pytest.mark.parametrize(
    ("second", "verdict"), [((3,), Verdict.OPEN), ((5,), Verdict.REFUTED)]
)
def test_futures_that_do_not_refute_settle_nothing(second, verdict):
    """Constant regret is REFUTED if futures disagree, else OPEN."""
    finding = total_regret.weigh({"one": {(3,)}, "two": {second}})
    assert finding.verdict is verdict


def test_verdicts_follow_from_what_was_computed():
    """A scan of nothing is OPEN; an interval decides on a number."""
    assert scanned("", 0, []).verdict is Verdict.OPEN
    assert scanned("", 5, []).verdict is Verdict.CONSISTENT
    assert scanned("", 5, ["x"]).verdict is Verdict.REFUTED
    assert measured("", 1.0, 0.9, 1.1).verdict is Verdict.CONSISTENT
    assert measured("", 1.2, 0.9, 1.1).verdict is Verdict.NOT_REPRODUCED


def test_checks_on_instances_without_a_loss_settle_nothing():
    """Exact optimality on some instances is OPEN, never CONSISTENT."""
    fits = semi_online.Case(1, 9, (1, 2), (0, 0))
    assert semi_online.check([fits]).verdict is Verdict.OPEN


def test_checker_and_tools_share_nothing_with_kvopt():
    """The checker imports the standard library; so do the exact tools."""
    files = list((ROOT / "checker").glob("*.py"))
    assert len(files) >= 5
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            for name in names:
                top = name.partition(".")[0]
                assert top in sys.stdlib_module_names, (file, name)


def test_pictures_are_drawn_from_the_record(tmp_path):
    """The five pictures of the page are made, and the page shows each."""
    draw_all(tmp_path)
    made = sorted(path.name for path in tmp_path.glob("*.png"))
    assert len(made) == 5
    page = (ROOT.parent / "docs" / "claims.md").read_text(encoding="utf-8")
    assert [name for name in made if f"(img/{name})" not in page] == []


def test_coverage():
    """Seventy claims or more, fifteen or more of them do not hold."""
    shown = [record.best(entry) for entry in record.read().values()]
    fails = (Verdict.REFUTED, Verdict.NOT_REPRODUCED)
    assert len(shown) >= 70
    assert sum(entry["verdict"] in fails for entry in shown) >= 15
