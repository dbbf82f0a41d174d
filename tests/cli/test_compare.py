"""``kvopt compare``: intervals, paired differences, failures, bad input."""

import csv

import numpy as np
import pytest

from kvopt.analysis.paired import ComparisonRow, seed_rows
from kvopt.analysis.rows import read_rows
from kvopt.model import write_trace
from kvopt.workloads import library


@pytest.fixture
def trace(tmp_path):
    """Forty requests of the packaged sample, with their own seconds."""
    write_trace(library.sample_trace().take(np.arange(40)), tmp_path / "t.csv")
    return "t.csv"


def test_it_says_what_simulate_says(run, trace):
    """Runs, means, intervals and differences are those of kvopt simulate."""
    more = ("--rate", 5, "--memory", 6000)
    done = run("compare", trace, "mc-sf", "fcfs", "--seeds", "2..5", *more)
    assert done.status == 0
    assert "minus mc-sf" in done.out and "each draws the arrivals" in done.out
    document = run(
        "compare", trace, "mc-sf", "fcfs", "--seeds", "2..5", *more, "--json"
    ).document
    clock = ("--clock", document["clock"], "--seed", 2, "--seeds", 4)
    other = run(
        "simulate", trace, "mc-sf", "fcfs", *clock, *more, "--json"
    ).document
    for a, b in zip(document["runs"], other["runs"], strict=True):
        assert a == {**b, "seconds": a["seconds"]}
    rows = {(r["policy"], r["metric"]): r for r in document["comparison"]}
    assert len(rows) == 2 * 5
    for metric in ("mean", "p95", "throughput", "energy_per_token"):
        for row in seed_rows(document["runs"], metric):
            found = rows[row.policy, metric]
            assert found["mean"] == row.mean
            assert (found["low"], found["high"]) == row.interval
            assert found["difference"] == row.difference
            if row.difference_interval is not None:
                low, high = row.difference_interval
                assert found["difference_low"] == low <= high


def test_table_and_figure_are_written(run, trace, tmp_path):
    """The CSV has a row a policy and metric; the picture is no blank."""
    words = ("compare", trace, "mc-sf", "svf", "--rate", 9, "--seeds", "0..2")
    done = run(*words, "--out", "c.csv", "--figure", "c")
    assert done.status == 0
    rows = read_rows(ComparisonRow, tmp_path / "c.csv")
    assert {row.policy for row in rows} == {"mc-sf", "svf"}
    assert all(row.seeds == 3 and not row.failed for row in rows)
    assert (tmp_path / "c.png").stat().st_size > 10_000
    assert (tmp_path / "c.pdf").exists()
    header = next(csv.reader((tmp_path / "c.csv").open()))
    assert header[:4] == ["policy", "metric", "title", "unit"]


def test_a_policy_that_fails_once_has_no_mean(run):
    """Neither a mean nor a difference, and differences to the next one."""
    words = ("compare", "library:small-15", "alpha-greedy", "fcfs", "mc-sf")
    done = run(*words, "--seeds", "0..1", "--json")
    assert done.status == 1
    for row in done.document["comparison"]:
        failed = row["policy"] == "alpha-greedy"
        assert ("livelock" in row["failed"]) == failed
        assert (row["mean"] is None) == failed
        assert (row["difference"] is None) == (row["policy"] != "mc-sf")
    # Rounds have no joules.
    metrics = {row["metric"] for row in done.document["comparison"]}
    assert "energy_per_token" not in metrics and "mean" in metrics
    done = run(*words, "--seeds", "0..1")
    assert "failed: alpha-greedy" in done.out and "minus fcfs" in done.out
    done = run(*words[:3], "--seeds", "0..1", "--figure", "f")
    assert done.status == 2 and "no policy finished" in done.err


def test_a_seed_that_draws_nothing_is_told(run, trace):
    """No interval where every run is the same, and advice how to get one."""
    words = ("compare", trace, "mc-sf", "fcfs", "--seeds")
    done = run(*words, "0..2")
    assert done.status == 0
    assert "they draw nothing but" in done.out
    table = done.out.split("\n\n")[1]
    assert "+-" not in table
    done = run(*words, 7)
    assert "one seed gives no interval" in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--seeds", "9..2x"), "--seeds"),
        (("--seeds", "5..2"), "--seeds"),
        (("--rate", "-1"), "rate"),
        (("--clock", "sundial"), "clock"),
        (("--figure", "nowhere/f"), "--figure"),
        (("--out", "t.csv"), "--out"),
    ],
)
def test_bad_input_is_one_line(run, trace, words, said):
    """Exit status 2 and one line that names the option."""
    done = run("compare", trace, "mc-sf", "fcfs", *words)
    assert done.status == 2
    assert done.err.count("\n") == 1 and said in done.err


def test_what_was_finished_survives_an_interrupt(run, monkeypatch, tmp_path):
    """Policies with every seed are kept; one that was cut off has no mean."""
    from importlib import import_module

    module = import_module("kvopt.cli.compare")
    real = module.run_plan

    def cut(plan, keep, **options):
        outcome = real(plan, keep, **options)
        del outcome.rows[-1:]
        outcome.interrupted = True
        return outcome

    monkeypatch.setattr(module, "run_plan", cut)
    words = ("compare", "library:small-15", "mc-sf", "fcfs", "svf")
    done = run(*words, "--seeds", "0..1", "--out", "c.csv")
    assert done.status == 130
    assert "Interrupted" in done.out
    rows = read_rows(ComparisonRow, tmp_path / "c.csv")
    assert {row.policy for row in rows} == {"mc-sf", "fcfs"}
