"""The main job: saving, failing and being interrupted."""

import csv
import json

import pytest

from kvopt.model import KvoptError
from paper_figures import claims, schedules, witness
from paper_figures.frame import reproduce
from paper_figures.frame.figure import make, names
from paper_figures.frame.report import Report
from paper_figures.frame.summary import PartOutcome
from paper_figures.frame.work import Work
from proofs_check.ledger import all_claims


def good():
    return Report(
        "A part",
        "command --of part",
        7,
        "quick budget",
        proved=("something is proved",),
        not_proved=("something is not",),
        numbers={"x": 1},
        table=(("a", "b"), [("1", "x|y")]),
        figures=("figure.png",),
    )


def bad():
    raise KvoptError("broken\nin two lines")


def interrupted():
    raise KeyboardInterrupt


def rejected():
    return Report("Checks", "c", 0, "", (), (), {}, ((), ()), ok=False)


def results(folder):
    return json.loads((folder / "results.json").read_text())


def test_a_good_part_is_saved_with_all_it_needs(tmp_path, capsys):
    """Command, seed, status, versions, tables and summary are written."""
    code = reproduce.reproduce(
        {"part": good}, {"part": 1.0}, tmp_path, 7, "the command"
    )
    assert code == 0
    document = results(tmp_path)
    assert document["command"] == "the command"
    assert document["versions"]["kvopt"]
    part = document["parts"]["part"]
    assert (part["status"], part["seed"], part["error"]) == ("OK", 7, "")
    assert part["numbers"] == {"x": 1}
    with (tmp_path / "table_part.csv").open() as file:
        assert list(csv.reader(file)) == [["a", "b"], ["1", "x|y"]]
    summary = (tmp_path / "summary.md").read_text()
    assert "| 1 | x\\|y |" in summary
    assert "![A part](figure.png)" in summary
    said = capsys.readouterr().out
    assert said.index("something is proved") < said.index("Not proved")
    assert said.index("Not proved") < said.index("something is not")


def test_a_failed_part_is_reported_and_the_others_run(tmp_path, capsys):
    """One part that raises gives exit 1; those after it still run."""
    chosen = {"bad": bad, "part": good}
    assert (
        reproduce.reproduce(
            chosen, dict.fromkeys(chosen, 1.0), tmp_path, 0, "c"
        )
        == 1
    )
    parts = results(tmp_path)["parts"]
    assert parts["bad"]["status"] == "FAILED"
    assert parts["bad"]["error"] == "KvoptError: broken\\nin two lines"
    assert parts["part"]["status"] == "OK"
    assert "bad: KvoptError: broken\\nin two lines" in capsys.readouterr().out


def test_a_check_that_fails_gives_exit_1(tmp_path, capsys):
    """A part whose check says no has failed, even though it ran."""
    assert (
        reproduce.reproduce({"x": rejected}, {"x": 1.0}, tmp_path, 0, "c") == 1
    )
    assert "a check failed" in capsys.readouterr().out


def test_an_interruption_keeps_what_was_done(tmp_path):
    """Ctrl-C gives exit 130; earlier parts are saved, later ones not run."""
    chosen = {"part": good, "stop": interrupted, "never": bad}
    assert (
        reproduce.reproduce(
            chosen, dict.fromkeys(chosen, 1.0), tmp_path, 0, "c"
        )
        == 130
    )
    parts = results(tmp_path)["parts"]
    assert [parts[k]["status"] for k in parts] == ["OK", "INTERRUPTED"]


def test_what_is_said_of_the_time_follows_the_pace():
    """Twice as slow so far is twice as long to go; faster promises nothing."""
    usual = {"a": 10.0, "b": 20.0, "c": 5.0}
    assert reproduce.to_go(usual, {}) == "about 35 s to go"
    for seconds, left in ((20.0, 50), (0.1, 25)):
        done = {"a": PartOutcome("OK", seconds)}
        assert reproduce.to_go(usual, done) == f"about {left} s to go"


def test_the_command_line_runs_the_parts_that_are_chosen(tmp_path, capsys):
    """Named parts run, and no others; an unknown one is exit 2."""
    out = str(tmp_path / "out")
    both = ["p1v2_counterexample", "schedules"]
    assert reproduce.main([*both, "--out", out]) == 0
    assert list(results(tmp_path / "out")["parts"]) == both
    with pytest.raises(SystemExit) as error:
        reproduce.main(["nonsense"])
    assert error.value.code == 2
    (tmp_path / "file").write_text("")
    assert reproduce.main(["--out", str(tmp_path / "file" / "out")]) == 2


def test_stored_rows_are_drawn_whatever_the_seed_of_the_others(tmp_path):
    """A figure of rows that come with the code has no seed to be given."""
    both = ["traces_vs_optimum", "p1v2_counterexample"]
    out = str(tmp_path / "out")
    assert reproduce.main([*both, "--seed", "3", "--out", out]) == 0


def test_the_claims_are_those_of_the_ledger(tmp_path):
    """The verdict of every claim comes back, and agrees with the record."""
    report = make("claims", claims.Settings(), tmp_path, 1)
    assert report.ok
    assert set(report.numbers["claims"]) == set(all_claims()[0])
    document = json.loads((tmp_path / "claims.json").read_text())
    assert len(document["claims"]) == len(report.proved + report.not_proved)


def test_a_ledger_that_does_not_answer_is_an_error(tmp_path, monkeypatch):
    """No JSON from the ledger is an error that quotes its last line."""
    monkeypatch.setattr(claims, "COMMAND", "python -m no_such_module")
    with pytest.raises(KvoptError, match="no_such_module"):
        claims.data(claims.Settings(), Work(tmp_path, "claims", 1))


def test_the_witness_is_accepted_by_the_checker(tmp_path):
    """A second of search finds a certified witness above ratio 1."""
    report = make("witness", witness.Settings(1.0), tmp_path, 1)
    assert report.ok
    verdict = report.numbers["verdict"]
    assert verdict["ok"]
    assert verdict["algorithm_cost"] > verdict["reference_cost"]
    assert (tmp_path / "witness_mc-sf.json").exists()


def test_every_part_of_the_main_job_is_a_figure():
    """The main job names figures that there are."""
    assert set(reproduce.MAIN) <= set(names())


def test_the_page_of_schedules_is_one_file(tmp_path):
    """report.html holds its schedules and asks no network for anything."""
    report = make("schedules", schedules.Settings(requests=50), tmp_path, 1)
    assert report.ok
    page = (tmp_path / "report.html").read_text()
    assert "mcsf-16-15" in page
    assert 'src="http' not in page


def test_a_trace_that_is_not_there_stops_only_who_needs_it(tmp_path, capsys):
    """One line names figure and file; the other parts are made."""
    words = ["p1_energy", "p1v2_counterexample"]
    trace = str(tmp_path / "day.csv")
    code = reproduce.main([*words, "--out", str(tmp_path), "--trace", trace])
    assert code == 1
    parts = results(tmp_path)["parts"]
    assert parts["p1_energy"]["status"] == "FAILED"
    assert parts["p1v2_counterexample"]["status"] == "OK"
    said = capsys.readouterr().err
    (line,) = [x for x in said.splitlines() if x.startswith("p1_energy:")]
    assert trace in line


def test_main_and_names_exclude_each_other():
    """Both together are exit 2."""
    with pytest.raises(SystemExit) as error:
        reproduce.main(["claims", "witness", "--main"])
    assert error.value.code == 2
