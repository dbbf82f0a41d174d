"""Policies against the optimum on traces: intervals, and going on."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from benchmarks import traces_vs_optimum
from kvopt.analysis import read_rows
from kvopt.experiments import near_optimum
from kvopt.experiments.near_optimum import (
    StampedRow,
    TraceSetting,
    measured,
    sampled,
)
from kvopt.model import Trace
from kvopt.model.traces import write_trace
from paper_figures.frame.reproduce import main as figures


@pytest.fixture
def trace():
    """A trace of 300 requests, some too large for a memory of 60."""
    rng = np.random.default_rng(0)
    return Trace(
        output=rng.integers(1, 40, 300), prompt=rng.integers(0, 40, 300)
    )


def setting(memory=60, load=0.0):
    """80 requests and a short limit."""
    return TraceSetting(memory, 60, 80, load, 3, 0.3, 1)


def test_memories_share_their_requests(trace):
    """Larger memories get the same requests, and the load sets arrivals."""
    small, large = sampled(trace, setting()), sampled(trace, setting(120))
    assert small.document()["requests"] == large.document()["requests"]
    assert (small.prompt + small.output).max() <= 60
    assert not small.arrival.any()
    ends = [
        int(sampled(trace, setting(load=load)).arrival.max())
        for load in (0.5, 2.0)
    ]
    assert ends[0] == pytest.approx(4 * ends[1], rel=0.01)


@pytest.mark.parametrize("load", [0.0, 0.9])
def test_intervals_hold_the_optimum(trace, load):
    """No policy beats the best schedule, and none of all beats the bound."""
    rows = measured(trace, "some", setting(load=load))
    assert {"mc-sf", "svf", "svf-bypass"} <= {row.policy for row in rows}
    for row in rows:
        assert 1 <= row.low <= row.high
        assert 0 < row.fill <= 1
        assert row.bound <= row.best <= row.latency


def test_command_goes_on_and_draws(trace, tmp_path, capsys):
    """What is in the file is not computed again; the picture is drawn."""
    path, out = tmp_path / "some.csv", tmp_path / "rows.csv"
    write_trace(trace, path)
    asked = ["--trace", str(path), "--requests", "60", "--memory", "70"]
    asked += ["--time-limit", "0.2", "--workers", "1", "--out", str(out)]
    assert traces_vs_optimum.main(asked) == 0
    before = out.read_text()
    assert traces_vs_optimum.main([*asked[:5], "70", "90", *asked[6:]]) == 0
    rows = read_rows(StampedRow, out)
    assert {row.memory for row in rows} == {70, 90}
    assert out.read_text().startswith(before)
    assert capsys.readouterr().out.count("certified gap") == 2
    shown = ["--rows", str(out), "--requests", "60", "--time-limit", "0.2"]
    drawn = ["traces_vs_optimum", "--out", str(tmp_path)]
    assert figures([*drawn, *shown]) == 0
    assert (tmp_path / "traces_vs_optimum.png").stat().st_size > 1000
    assert figures([*drawn, *shown, "--load", "7"]) == 2
    assert "rows" in capsys.readouterr().err


def test_a_solver_that_was_interrupted_gives_no_row(trace, monkeypatch):
    """What it has when Ctrl-C ends it is not kept as a result."""
    solve = near_optimum.solve

    def interrupted(*arguments, **options):
        found = solve(*arguments, **options)
        return replace(found, reason="interrupted")

    monkeypatch.setattr(near_optimum, "solve", interrupted)
    with pytest.raises(KeyboardInterrupt):
        measured(trace, "some", setting())


def test_every_combination_is_measured(trace, tmp_path):
    """Several seeds, loads and sizes give a row for each combination."""
    path, out = tmp_path / "some.csv", tmp_path / "rows.csv"
    write_trace(trace, path)
    asked = ["--trace", str(path), "--memory", "60", "--time-limit", "0.1"]
    asked += ["--requests", "20", "30", "--load", "0", "1.5"]
    asked += ["--seeds", "1", "2", "--workers", "1", "--out", str(out)]
    assert traces_vs_optimum.main(asked) == 0
    rows = read_rows(StampedRow, out)
    found = {(row.seed, row.load, row.requests) for row in rows}
    assert found == set(product((1, 2), (0.0, 1.5), (20, 30)))


def test_traces_have_to_be_named(monkeypatch, capsys):
    """Without a trace and without their folder there is one clear line."""
    monkeypatch.delenv("KVOPT_TRACES", raising=False)
    assert traces_vs_optimum.main(["--time-limit", "1"]) == 2
    assert "KVOPT_TRACES" in capsys.readouterr().err
